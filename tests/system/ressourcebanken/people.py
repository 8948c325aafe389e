"""The invented citizens of the story, and how they come in."""

from datetime import timedelta
from typing import Any

from tests.system.tenant import Person, Tenant

MUNICIPALITY = "Rudersdal"
MEMBER = "member"


async def citizen(
    bank: Tenant, name: str, *, phone: str | None = None, municipality: str = MUNICIPALITY, **profile: Any
) -> Person:
    """Somebody rang, and staff type them in (S1.12). What one can give comes first (S1.8)."""
    email, full_name = f"{name}@example.org", f"{name.title()} Opdigtet"
    contact = {"language": "da", "email": email, **({"phone": phone} if phone else {})}
    described = {"gives": ["hænder"], "languages": [{"code": "da"}], **profile}
    body = {"channel": "phone", "name": full_name, "birth_date": "1971-03-01", "municipality": municipality}
    made = await bank.do("intake", "/v1/persons", {**body, "contact": contact, "profile": described})
    return Person(made["id"], full_name, email)


def application(bank: Tenant, person: Person) -> dict[str, Any]:
    return {
        "programme": bank.programme,
        "roles": [MEMBER],
        "person_id": person.person_id,
    }


async def member(bank: Tenant, name: str, *, news: str | None = None, **more: Any) -> Person:
    """Somebody who joined: registering is enough, since help is between equals."""
    person = await citizen(bank, name, **more)
    view = await bank.do("intake", "/v1/volunteerings", application(bank, person))
    assert view["approved_roles"] == [MEMBER]
    if news is not None:
        path = f"/v1/tender-news/{bank.programme}"
        assert (await bank.do("notifications", path, {"how": news}, by=person))["how"] == news
    return person


async def wish(bank: Tenant, person: Person, category: str, what: str, **more: Any) -> str:
    """Somebody asks for themselves; the request's id."""
    body = {
        "programme": bank.programme,
        "person_id": person.person_id,
        "category": category,
        "what": what,
        **more,
    }
    made = await bank.do("intake", "/v1/requests", body, by=person)
    assert made["status"] == "posted", made
    return str(made["request_id"])


async def tender(bank: Tenant, request_id: str, text: str, *, days: int = 14) -> str:
    """A coordinator puts it to the members; the tender's id (S1.13)."""
    closes_at = (bank.clock.now() + timedelta(days=days)).isoformat()
    path = f"/v1/searches/{request_id}/tender"
    return str((await bank.do("matching", path, {"text": text, "closes_at": closes_at}))["id"])


async def comes_forward(bank: Tenant, tender_id: str, *members: Person) -> None:
    for one in members:
        await bank.do("matching", f"/v1/tenders/{tender_id}/offers", by=one)


async def chosen(bank: Tenant, request_id: str, helper: Person) -> str:
    """A coordinator chooses among those who offered; the proposal's address (S2.30)."""
    path = f"/v1/searches/{request_id}"
    picked = await bank.do("matching", f"{path}/tender/choices", {"helper_id": helper.person_id})
    return f"{path}/proposals/{picked['id']}"
