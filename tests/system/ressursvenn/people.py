"""The invented people of the story, and how they come in."""

from datetime import timedelta
from typing import Any

from tests.support.town import Json
from tests.system.tenant import Person, Tenant

ROLE = "ressursvenn"
EVENINGS = (("measure", "violence"), ("shelter", "role"))
SIGNED = "v1"
REFERRED = "Pernille Oppdiktet"


def referral(oslo: Tenant, number: str, *, acute_over: bool, **changes: Any) -> Json:
    """What the crisis shelter writes of somebody, under its own number."""
    person = {
        "reference": f"citizen-{number}",
        "name": REFERRED,
        "birth_date": "1984-05-17",
        "email": mail_of(f"referred-{number}"),
        "language": "nb",
        "languages": [{"code": "nb", "level": "b1"}, {"code": "so", "level": "native"}],
    }
    return {
        "referral_id": number,
        "programme": oslo.programme,
        "person": person,
        "what": "Somebody to practise Norwegian with.",
        "wishes": {"languages": [{"code": "so", "level": "b1"}], "support_forms": ["norwegian", "guide"]},
        "gates": {"acute_over": acute_over},
        "needed_since": "2016-02-01",
        "agreed_with_person": True,
        **changes,
    }


def mail_of(name: str) -> str:
    return f"{name}@example.org"


async def registered(oslo: Tenant, name: str, *, phone: str | None = None, **profile: Any) -> Person:
    """Staff type in somebody who called."""
    contact = {"language": "nb", "email": mail_of(name), **({"phone": phone} if phone else {})}
    described = {"languages": [{"code": "nb"}], "support_forms": ["norwegian"], **profile}
    full_name = f"{name.title()} Oppdiktet"
    body = {"channel": "phone", "name": full_name, "birth_date": "1979-03-01"}
    made = await oslo.do("intake", "/v1/persons", {**body, "contact": contact, "profile": described})
    return Person(made["id"], full_name, mail_of(name))


def volunteering_of(oslo: Tenant, person: Person) -> str:
    return f"/v1/volunteerings/{person.person_id}_{oslo.programme}"


async def applied(oslo: Tenant, person: Person) -> None:
    application = {
        "programme": oslo.programme,
        "roles": [ROLE],
        "person_id": person.person_id,
        "recruitment_source": "friend",
    }
    await oslo.do("intake", "/v1/volunteerings", application)


async def attended(oslo: Tenant, person: Person, *hours: float) -> None:
    """The two evenings of the course, for so many hours each."""
    for evening, (modules, attended) in enumerate(zip(EVENINGS, hours, strict=True), 1):
        training = {"session": f"evening-{evening}", "hours": attended, "modules": list(modules)}
        await oslo.do("intake", f"{volunteering_of(oslo, person)}/training", training)


async def volunteer(
    oslo: Tenant, name: str, *, phone: str | None = None, signed: str = SIGNED, **profile: Any
) -> Person:
    """Somebody who has shown everything and is approved."""
    person = await registered(oslo, name, phone=phone, **profile)
    path = volunteering_of(oslo, person)
    await applied(oslo, person)
    await attended(oslo, person, 6, 6)
    await oslo.do("intake", f"{path}/confidentiality", {"text_version": signed})
    await oslo.do("intake", f"{path}/certificate", {"kind": "police", "purpose": "to be a friend"})
    await oslo.do("intake", f"{path}/interview", {"outcome": "suitable"})
    await oslo.do("intake", f"{path}/approval", {})
    return person


async def wish(oslo: Tenant, name: str, **changes: Any) -> tuple[str, Person]:
    """Somebody who asks for themselves, the acute phase over: the request's id and the person."""
    person = await registered(oslo, name)
    body = {
        "programme": oslo.programme,
        "person_id": person.person_id,
        "what": "Somebody to practise Norwegian with.",
        "gates": {"acute_over": True},
        **changes,
    }
    return (await oslo.do("intake", "/v1/requests", body))["request_id"], person


async def proposed(oslo: Tenant, request_id: str, helper: Person) -> str:
    """A coordinator picks; the proposal's address."""
    path = f"/v1/searches/{request_id}/proposals"
    picked = await oslo.do("matching", path, {"helper_id": helper.person_id}, despite="no_free_slot")
    return f"{path}/{picked['id']}"


async def met(oslo: Tenant, proposal: str) -> None:
    """They meet tomorrow, and did."""
    tomorrow = oslo.clock.now() + timedelta(days=1)
    await oslo.do("matching", f"{proposal}/meeting", {"meets_at": tomorrow.isoformat()})
    await oslo.do("matching", f"{proposal}/meeting/held")


async def matched(oslo: Tenant, request_id: str, requester: Person, helper: Person) -> str:
    """Proposed, met, both say yes: the match's id once it is made."""
    proposal = await proposed(oslo, request_id, helper)
    await met(oslo, proposal)
    for who in (requester, helper):
        await oslo.do("matching", f"{proposal}/answers", {"answer": "yes"}, by=who)
    search = await oslo.until("matching", f"/v1/searches/{request_id}", lambda found: found["match_id"])
    return str(search["match_id"])
