"""2019 to 2023: B moves away, the mandate ends and is renewed, and another municipality takes it over (11 and 12)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.routing import Mount
from typer.testing import CliRunner

from deploy.cli import app
from deploy.local.ports import HOST
from deploy.local.serving import bind, serving
from tests.support.town import STAFF
from tests.support.wait import eventually
from tests.system.ressourcebanken.opening import SEVEN, Bank
from tests.system.ressourcebanken.people import application, chosen, comes_forward, tender, wish
from tests.system.tenant import COORDINATOR, Person, Tenant

NEIGHBOUR = "Fredensborg"


async def moving_away(bank: Tenant, people: Bank) -> None:
    """11: on day 30 after moving away B may still help, on day 31 not (S1.24)."""
    bank.move_to(2019, 5, 1)
    b, path = people.b, f"/v1/persons/{people.b.person_id}/residence"
    await bank.do("intake", path, {"municipality": NEIGHBOUR})
    volunteering = f"/v1/volunteerings/{b.person_id}_{bank.programme}"
    bank.move_to(2019, 5, 31)
    first, second = [await wish(bank, people.e, "garden", "En hæk.", expected_duration="PT2H") for _ in range(2)]
    tender_ids = [await tender(bank, request_id, "En hæk skal klippes.") for request_id in (first, second)]
    for tender_id in tender_ids:
        await comes_forward(bank, tender_id, b)
    proposal = await chosen(bank, first, b)
    await bank.do("matching", f"{proposal}/answers", {"answer": "yes"}, by=people.e)
    await bank.until("intake", f"/v1/requests/{first}/contact", bool, by=b)
    bank.move_to(2019, 6, 1)
    await _sees_no_more(bank, b, tender_ids[1])
    choice = {"helper_id": b.person_id}
    await bank.refused("approval_expired", "matching", f"/v1/searches/{second}/tender/choices", choice)
    await bank.refused("residents_only", "intake", "/v1/volunteerings", application(bank, b))
    bank.move_to(2019, 6, 1, hour=18)
    await bank.until("intake", volunteering, lambda found: not found["approved_roles"])


async def _sees_no_more(bank: Tenant, who: Person, tender_id: str) -> None:
    async def is_absent() -> bool:
        answer = await bank.ask("GET", "matching", f"/v1/tenders/{tender_id}", by=who)
        return answer.status_code == httpx.codes.NOT_FOUND

    await eventually(is_absent, timeout=30)


async def mandate(bank: Tenant, people: Bank) -> None:
    """12: coordinators are warned 90 days before; after the last day no new wishes, until it is renewed (S1.5)."""
    bank.move_to(2022, 10, 1)
    coordinator = Person(COORDINATOR, "Bodil Prøve", "bodil@arbejde.example")
    wanted = {"email": coordinator.email, "language": "da"}
    await bank.do("notifications", f"/v1/digests/{bank.programme}", wanted)
    bank.move_to(2022, 10, 2)
    await bank.told(coordinator, "mandate-near")
    bank.move_to(2023, 1, 1)
    late = {
        "programme": bank.programme,
        "person_id": people.a.person_id,
        "category": "garden",
        "what": "Løv på stien.",
        "expected_duration": "PT1H",
    }
    await bank.refused("mandate_expired", "intake", "/v1/requests", late, by=people.a)
    renewed = {"mandate": {"from": "2023-01-01", "to": "2032-12-31"}, "renewed_by": "Social Udvalget"}
    await bank.do("intake", f"/v1/programmes/{bank.programme}/mandate", renewed)
    await wish(bank, people.a, "garden", "Løv på stien.", expected_duration="PT1H")


async def taken_over(bank: Tenant, directory: Path) -> None:
    """12: exported and adopted elsewhere: the same kinds of help, open for more, and nobody of here (S1.18, S1.25)."""
    other = Tenant(bank.platform, NEIGHBOUR.lower(), bank.programme, zone=bank.zone)
    async with _intake_served(bank) as url:
        text = await _kobling(bank, url, "export", bank.programme)
        assert [word for word in ("Opdigtet", "Social Udvalget", "2012", "2032") if word in text] == []
        file = directory / "bank.yaml"
        file.write_text(text, encoding="utf-8")
        decided = ("--by", "Byrådet", "--on", "2023-01-01", "--municipality", NEIGHBOUR)
        await _kobling(other, url, "adopt", str(file), *decided)
    path = f"/v1/programmes/{other.programme}"
    shown = (await other.get("intake", path))["policy"]
    assert [kind["code"] for kind in shown["categories"]] == SEVEN
    assert shown["residence"] == {"municipality": NEIGHBOUR, "grace_days": 30}
    assert (await other.get("intake", "/v1/persons"))["items"] == []
    await other.do("intake", f"{path}/categories", {"code": "letters"})
    await other.until("intake", path, lambda found: len(found["policy"]["categories"]) == len(SEVEN) + 1)


@asynccontextmanager
async def _intake_served(bank: Tenant) -> AsyncIterator[str]:
    """Where the stack's front would answer, for a command that comes over the network."""
    listener = bind(0, what="intake")
    intake = bank.platform.services["intake"].application.app
    async with serving(Starlette(routes=[Mount("/intake", app=intake)]), listener):
        yield f"http://{HOST}:{listener.getsockname()[1]}"


async def _kobling(tenant: Tenant, url: str, *words: str) -> str:
    """What `kobling programme …` prints, asked by the tenant's coordinator."""
    token = tenant.bearer(COORDINATOR, STAFF)["Authorization"].removeprefix("Bearer ")
    said = ["programme", *words, "--tenant", tenant.tenant, "--url", url, "--token", token]
    result = await asyncio.to_thread(CliRunner().invoke, app, said)
    assert result.exit_code == 0, result.output
    return result.stdout
