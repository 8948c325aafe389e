"""Where the coordinators' pages of matching can be looked at."""

import asyncio

from tests.browser.folk import Folk
from tests.browser.matching_town import WISHES, Town, in_days, town_at
from tests.support.site import Site

LONG = "Wilhelmina-Alexandra Opdigtet-Eksempelgaard"


async def examples(site: Site) -> dict[str, tuple[str, str]]:
    async with town_at(site) as town:
        paths = await _played(town)
        return {f"/matching{page}": (town.folk.coordinator, f"/matching{path}") for page, path in paths.items()}


async def _played(town: Town) -> dict[str, str]:
    folk = town.folk
    speaks = {"languages": [{"code": "da"}, {"code": "ar", "level": "c1"}], "support_forms": ["talk", "guide"]}
    first, second, third = await asyncio.gather(
        town.helper(LONG, **speaks), town.helper("Bent Opdigtet"), town.helper("Carla Eksempel", **speaks)
    )
    waits, _ = await town.wish("Agnes Opdigtet", wishes=WISHES)
    asked, _ = await town.wish("Dagny Eksempel", wishes=WISHES)
    proposal = await town.proposed(asked, third)
    await folk.do("matching", f"{proposal}/meeting", {"meets_at": in_days(3)})
    paths = await asyncio.gather(_match(town, first), _board(town, first, second), _together(town, second))
    suggestion = await folk.do("matching", f"/v1/programmes/{town.programme}/suggestions", {})
    await folk.until(
        "matching",
        f"/v1/programmes/{town.programme}/suggestions/{suggestion['id']}",
        lambda found: found["state"] == "ready",
    )
    return {
        "/waiting": f"/waiting?programme={town.programme}",
        "/waiting/suggestions/{code}/{suggestion_id}": f"/waiting/suggestions/{town.programme}/{suggestion['id']}",
        "/searches/{request_id}": f"/searches/{waits}?candidate={first}",
        "/searches/{request_id}/candidates/{helper_id}": f"/searches/{waits}/candidates/{first}",
        "/searches/{request_id}/passed-over": f"/searches/{asked}/passed-over",
        "/resources": "/resources",
        "/today-part": "/today-part",
        "/desk": "/desk",
        "/matches": "/matches",
        "/activities": "/activities?stage=published",
        **{page: path for part in paths for page, path in part.items()},
    }


async def _match(town: Town, helper: str) -> dict[str, str]:
    folk = town.folk
    request_id, person_id = await town.wish(f"Ellen {LONG}", wishes=WISHES)
    match_id = await town.matched(request_id, person_id, helper)
    path = f"/v1/matches/{match_id}"
    await folk.do("matching", f"{path}/support", {"support_forms": ["talk", "guide"]})
    well = {"form": "out", "well": True, "benefits": ["support", "pleasant"]}
    await folk.do("matching", f"{path}/check-ins", well, by=person_id)
    await folk.do("matching", f"{path}/pause")
    await folk.do("matching", f"{path}/resumption")
    await folk.do("matching", f"{path}/reviews", {"goes_on": True})
    await folk.do("matching", f"{path}/check-ins", {"form": "met", "well": False, "wants_talk": True}, by=helper)
    await folk.do("matching", f"{path}/accompaniments", {"when": in_days(5), "where": "Opdigtet Gade 1, Kolding"})
    await folk.do("matching", f"{path}/visits", {"until": in_days(0.1)}, by=helper)
    return {"/matches/{match_id}": f"/matches/{match_id}"}


async def _board(town: Town, first: str, second: str) -> dict[str, str]:
    """One with somebody to choose, one with nobody, one agreed on that two must look at."""
    folk = town.folk
    chosen, asker = await town.wish("Frida Eksempel", "shopping")
    await town.tender(chosen, "Der skal handles ind på fredag, det tager en times tid.", second)
    path = f"/v1/searches/{chosen}"
    made = await folk.do("matching", f"{path}/tender/choices", {"helper_id": second})
    await folk.do("matching", f"{path}/proposals/{made['id']}/answers", {"answer": "yes"}, by=asker)
    await folk.do("matching", f"{path}/proposals/{made['id']}/safeguards", {"safeguard": "money", "receipt": "17"})
    to_choose, _ = await town.wish("Gerda Opdigtet", "shelves")
    await town.tender(to_choose, "To hylder skal op på en væg, det tager et par timer.", first, second)
    alone, _ = await town.wish("Hjalmar Eksempel", "garden")
    await town.tender(alone, "Et lille bed skal luges før vinteren.")
    return {}


async def _together(town: Town, lead: str) -> dict[str, str]:
    folk = town.folk
    offer = {
        "programme": town.programme,
        "category": "garden",
        "words": "Jeg viser gerne, hvordan man beskærer æbletræer.",
    }
    await folk.do("matching", "/v1/offers", {**offer, "person_id": lead})
    await town.activity(lead, "Lær at beskære")
    activity_id = await town.activity(lead, "Fællesspisning hver torsdag i det store fælleskøkken")
    path = f"/v1/activities/{activity_id}"
    await folk.do("matching", f"{path}/support", {})
    await folk.do("matching", f"{path}/publish")
    session = {"begins_at": in_days(6), "ends_at": in_days(6.1), "room": "Det store køkken", "places": 12}
    session_id = (await folk.do("matching", f"{path}/sessions", session))["id"]
    guest = await _guest(folk)
    await folk.do("matching", f"/v1/sessions/{session_id}/sign-ups", {"person_id": guest})
    await folk.until("matching", path, lambda found: found["sessions"] and found["sessions"][0]["enrolled"])
    return {
        "/activities/{activity_id}": f"/activities/{activity_id}",
        "/sessions/{session_id}": f"/sessions/{session_id}",
        "/activities-new": f"/activities-new?person_id={lead}&programme={town.programme}",
    }


async def _guest(folk: Folk) -> str:
    return await folk.registered("Inger Opdigtet")
