"""What the people of Ressursvenn do over and over, at their pages and beside them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from playwright.async_api import expect

from tests.browser.acting import Actor
from tests.browser.folk import Json
from tests.browser.stories import Story

ROLE = "ressursvenn"
P, V, W, X, T, K = (f"{name} Oppdiktet" for name in ("Pernille", "Vigdis", "Wenche", "Xander", "Turid", "Kirsten"))


@dataclass(frozen=True, slots=True)
class Cast:
    """Who has come in: the coordinator, who asks, and who helps."""

    solveig: Actor
    p: Actor
    v: Actor
    request_id: str


def referral(number: str, name: str, *, acute_over: bool) -> Json:
    """What the crisis shelter writes of somebody, under its own number."""
    languages = [{"code": "nb", "level": "b1"}, {"code": "so", "level": "native"}]
    person = {"reference": f"citizen-{number}", "name": name, "birth_date": "1984-05-17", "languages": languages}
    return {
        "referral_id": number,
        "programme": "ressursvenn",
        "person": {**person, "email": f"referred-{number}@example.org", "language": "en"},
        "what": "Somebody to practise Norwegian with.",
        "wishes": {"languages": [{"code": "so", "level": "b1"}], "support_forms": ["norwegian", "guide"]},
        "gates": {"acute_over": acute_over},
        "needed_since": "2016-02-01",
        "agreed_with_person": True,
    }


async def shown_everything(oslo: Story, person_id: str, *, signed: str = "v1", **profile: Any) -> None:
    """The way to approval, for those whose way the story does not tell."""
    await oslo.folk.do("intake", f"/v1/persons/{person_id}/profile", profile)
    body = {"programme": oslo.programme, "roles": [ROLE], "person_id": person_id}
    await oslo.folk.do("intake", "/v1/volunteerings", body)
    path = f"/v1/volunteerings/{person_id}_{oslo.programme}"
    modules = ["measure", "violence", "shelter", "role"]
    for step, said in (
        ("training", {"session": "evening-1", "hours": 12, "modules": modules}),
        ("confidentiality", {"text_version": signed}),
        ("certificate", {"kind": "police", "purpose": "to be a friend"}),
        ("interview", {"outcome": "suitable"}),
        ("approval", {}),
    ):
        await oslo.folk.do("intake", f"{path}/{step}", said)


async def attended(solveig: Actor, hours: str, *modules: str) -> None:
    await solveig.unfolds("Training attended")
    await solveig.types(Hours_attended=hours)
    await solveig.ticks(*modules)
    await solveig.presses("Save", beside="Hours attended")
    await solveig.reads_done("The hours are written down.")


async def wish(oslo: Story, name: str) -> str:
    """Somebody else who waits; the request's id, once matching has heard of it."""
    person_id = await oslo.folk.registered(f"{name} Oppdiktet")
    body = {"programme": oslo.programme, "person_id": person_id, "what": "A talk.", "gates": {"acute_over": True}}
    request_id = str((await oslo.folk.do("intake", "/v1/requests", body))["request_id"])
    await oslo.folk.until("matching", f"/v1/searches/{request_id}")
    return request_id


async def they_meet(oslo: Story, cast: Cast, helper: Actor, day: date) -> None:
    """No yes before they have met; then each can answer."""
    await cast.p.goes("My matches", within="nav")
    await cast.p.reads("We have found somebody for you", "First you meet")
    await expect(cast.p.page.get_by_role("button", name="Yes, I would like that")).to_have_count(0)
    await cast.solveig.types(When=f"{day}T17:00")
    await cast.solveig.presses("Invite both")
    await cast.solveig.reads_done("Both are invited.")
    for one in (cast.p, helper):
        await one.goes("My matches", within="nav")
        await one.reads("You meet")
    oslo.move_to(day.year, day.month, day.day, hour=20)
    await cast.solveig.presses("They met")
    await cast.solveig.reads_done("Now each of them can answer.")


async def says(who: Actor, answer: str) -> None:
    await who.goes("My matches", within="nav")
    await who.presses(answer)


async def programme(cast: Cast) -> None:
    await cast.solveig.goes("Programmes", within="nav")
    await cast.solveig.goes("Resource friend")


async def messages(solveig: Actor, state: str) -> None:
    await solveig.goes("Messages", within="nav")
    await solveig.chooses("State", state)
    await solveig.presses("Show")


async def newest_message(one: Actor, words: str) -> str:
    await one.goes("Messages to me", within="nav")
    await one.reads(words)
    return await one.page.locator("main li", has_text=words).first.locator("p.lines").inner_text()
