"""People on their own pages: in a small town where one can ask, give, be trained and do things together."""

from __future__ import annotations

from typing import Any

from tests.browser.folk import Json
from tests.browser.matching_town import ROLE, Town, in_days

TRAINED = "friend"
TRAINING: Json = {
    "title": {"nb": "Ny venn", "nn": "Ny ven", "da": "Ny ven", "en": "New friend"},
    "country": "DK",
    "zone": "Europe/Copenhagen",
    "gates": [{"code": "acute_over", "confirmed_by": "referrer or coordinator", "otherwise": "acute-help"}],
    "roles": {
        TRAINED: {
            "hours": 12,
            "modules": ["measure", "role"],
            "confidentiality": "v1",
            "certificate": "police",
            "talk": True,
        }
    },
    "support_forms": ["talk"],
    "max_length": "P1Y",
}
SESSION_SECONDS = 2


async def training(town: Town) -> str:
    """The code of a programme in which volunteers are trained."""
    code = f"training-{town.programme}"
    await town.folk.do("intake", f"/v1/programmes/{code}/policy", {"policy": TRAINING})
    await town.folk.until("intake", f"/v1/programmes/{code}")
    return code


async def half_way(town: Town, programme: str, person_id: str) -> None:
    """Somebody applied, was at one evening and had the talk."""
    application = {"programme": programme, "roles": [TRAINED], "person_id": person_id}
    await town.folk.do("intake", "/v1/volunteerings", application)
    path = f"/v1/volunteerings/{person_id}_{programme}"
    await town.folk.do("intake", f"{path}/training", {"session": "evening-1", "hours": 3.5, "modules": ["measure"]})
    await town.folk.do("intake", f"{path}/interview", {"outcome": "suitable"})


async def busy_helper(town: Town, name: str) -> tuple[str, str, str]:
    """Somebody with a bit of everything: the person's id, the match's, and a tender's that fits."""
    folk, who = town.folk, await town.helper(name)
    request_id, asks = await town.wish("Ellen Eksempel")
    match_id = await town.matched(request_id, asks, who)
    path = f"/v1/matches/{match_id}"
    await folk.do("matching", f"{path}/support", {"support_forms": ["talk", "guide"]})
    await folk.do("matching", f"{path}/accompaniments", {"when": in_days(5), "where": "Opdigtet Gade 1, Kolding"})
    await folk.do("matching", f"{path}/visits", {"until": in_days(0.1)}, by=who)
    other, _ = await town.wish("Frida Opdigtet")
    proposal = await town.proposed(other, who)
    await folk.do("matching", f"{proposal}/meeting", {"meets_at": in_days(3)})
    offer = {"programme": town.programme, "category": "garden", "words": "Jeg viser gerne, hvordan man beskærer."}
    await folk.do("matching", "/v1/offers", offer, by=who)
    wanted, _ = await town.wish("Gerda Opdigtet", "shelves")
    body = {"text": "To hylder skal op på en væg, det tager et par timer.", "closes_at": in_days(14)}
    tender_id = (await folk.do("matching", f"/v1/searches/{wanted}/tender", body))["id"]
    await folk.until("matching", f"/v1/tenders/{tender_id}", by=who)
    return who, match_id, str(tender_id)


async def together(town: Town, lead: str, guest: str) -> None:
    """An activity with a session that comes and one that took place, for both of which the guest signed up."""
    folk, activity_id = town.folk, await town.activity(lead, "Fællesspisning i det store fælleskøkken")
    path = f"/v1/activities/{activity_id}"
    await folk.do("matching", f"{path}/support", {})
    await folk.do("matching", f"{path}/publish")
    soon = in_days(SESSION_SECONDS / 86400)
    sessions: list[dict[str, Any]] = [
        {"begins_at": in_days(6), "ends_at": in_days(6.1), "room": "Det store køkken", "places": 12},
        {"begins_at": soon, "ends_at": in_days(0.1), "room": "Haven"},
    ]
    for session in sessions:
        session_id = (await folk.do("matching", f"{path}/sessions", session))["id"]
        await folk.do("matching", f"/v1/sessions/{session_id}/sign-ups", {"person_id": guest})
    await folk.do("matching", f"/v1/sessions/{session_id}/held", {"heads": 7}, despite="not_begun")
    await folk.until("matching", "/v1/own-sessions", lambda found: found["items"], by=guest)


async def agreed_on_a_task(town: Town, helper: str) -> str:
    """The id of a request whose two may reach each other: somebody's, and who helps."""
    request_id, asks = await town.wish("Herdis Eksempel", "shelves")
    await town.tender(request_id, "En hylde skal op.", helper)
    path = f"/v1/searches/{request_id}"
    picked = await town.folk.do("matching", f"{path}/tender/choices", {"helper_id": helper})
    await town.folk.do("matching", f"{path}/proposals/{picked['id']}/answers", {"answer": "yes"}, by=asks)
    await town.folk.until("intake", f"/v1/requests/{request_id}/contact", by=helper)
    return request_id


__all__ = ["ROLE", "TRAINED", "agreed_on_a_task", "busy_helper", "half_way", "together", "training"]
