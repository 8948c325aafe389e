"""What people of a town do for each other without a pairing: a task by tender, a standing offer, a talk (S1)."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.town import Json, NotAccepted, Town
from tests.support.wait import eventually

NEIGHBOURS = "neighbours"
CATEGORY = "shelves"
_POLICY: Json = {
    "categories": [{"code": CATEGORY}],
    "roles": {"member": {"approval": "registration"}},
    "registration_reason": "Help is between equals.",
    "capacity": 3,
}
_NOT_HEARD_YET = ("not_listed", "no_policy", "category_unknown")


async def neighbourly(town: Town) -> None:
    """One task from the wish until both say that it is done, one tender that nobody wanted, an offer, and a talk."""
    await town.command("intake", f"/v1/programmes/{NEIGHBOURS}/policy", {"policy": _POLICY, "adopted_by": "The board"})
    one, other = await asyncio.gather(_member(town), _member(town))
    await task(town, one, other)
    await nobody(town)
    offer = {"programme": NEIGHBOURS, "category": CATEGORY, "words": "I put up shelves gladly."}
    await _soon(town, "/v1/offers", offer, person=other)
    await talk(town, one, other)


async def task(town: Town, chosen: str, thanked: str) -> None:
    request_id, asker = await _wish(town)
    tender_id = await _tender(town, request_id)
    for member in (chosen, thanked):
        await _soon(town, f"/v1/tenders/{tender_id}/offers", person=member)
    path = f"/v1/searches/{request_id}"
    picked = await town.command("matching", f"{path}/tender/choices", {"helper_id": chosen})
    proposal = f"{path}/proposals/{picked['id']}"
    await town.command("matching", f"{proposal}/answers", {"answer": "yes"}, person=asker)
    await town.until("matching", proposal, lambda found: found["state"] == "in-touch")
    for member in (asker, chosen):
        await town.command("matching", f"{proposal}/done", person=member)
    await town.until("intake", f"/v1/requests/{request_id}", lambda found: found["status"] == "met")


async def nobody(town: Town) -> None:
    request_id, _ = await _wish(town)
    await _tender(town, request_id)
    await town.command("matching", f"/v1/searches/{request_id}/tender/close")


async def talk(town: Town, lead: str, listener: str) -> None:
    what = {"kind": "talk", "title": "The economy of China", "what_we_do": "We look at numbers together."}
    made = await town.command("matching", "/v1/activities", {"programme": NEIGHBOURS, **what}, person=lead)
    path = f"/v1/activities/{made['id']}"
    await town.command("matching", f"{path}/support", {})
    await town.command("matching", f"{path}/publish")
    begins_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    hours = {"begins_at": begins_at.isoformat(), "ends_at": (begins_at + timedelta(hours=2)).isoformat()}
    session = await town.command("matching", f"{path}/sessions", hours)
    await town.command("matching", f"/v1/sessions/{session['id']}/sign-ups", {}, person=listener)


async def _member(town: Town) -> str:
    person_id = await town.person(area="Fjordby east")
    application = {"programme": NEIGHBOURS, "roles": ["member"], "person_id": person_id}
    await town.command("intake", "/v1/volunteerings", application)
    # At once: a test that waits until everything is told need not wait for a morning.
    await town.command("notifications", f"/v1/tender-news/{NEIGHBOURS}", {"how": "at-once"}, person=person_id)
    return person_id


async def _wish(town: Town) -> tuple[str, str]:
    """A wish and who has it."""
    asker = await town.person(area="Fjordby east")
    wish = {"programme": NEIGHBOURS, "person_id": asker, "what": "Two shelves.", "category": CATEGORY}
    made = await town.command("intake", "/v1/requests", {**wish, "expected_duration": "PT2H"}, person=asker)
    return str(made["request_id"]), asker


async def _tender(town: Town, request_id: str) -> str:
    closes_at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=14)
    body = {"text": "Two shelves are to hang on a wall.", "closes_at": closes_at.isoformat()}
    return str((await town.command("matching", f"/v1/searches/{request_id}/tender", body))["id"])


async def _soon(town: Town, path: str, body: Json | None = None, *, person: str) -> Any:
    """Accepted as soon as matching has heard who the person is."""

    async def accepted() -> Any:
        try:
            return await town.command("matching", path, body, person=person)
        except NotAccepted as no:
            if no.rule not in _NOT_HEARD_YET:
                raise
            return None

    return await eventually(accepted, timeout=60)
