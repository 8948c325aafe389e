"""Where pages of intake's coordinators can be looked at, with long names and several rows on them."""

from tests.browser.desk_town import SHOWN, Desk, desk_of
from tests.support.site import Site
from tests.support.wait import eventually

LONG = "Wilhelmine-Charlotte Andersdatter Oppdiktet-Eksempelsen von Ingensteds"


async def examples(site: Site) -> dict[str, tuple[str, str]]:
    desk = desk_of(site, "examples-of-desk")
    await desk.open()
    ida = await _ida(desk)
    kari, request_id = await _people_who_wish(desk, ida)
    path = await _volunteers(desk, kari)

    async def all_is_there() -> bool:
        checks = await desk.get("/v1/block-checks")
        applied = await desk.get("/v1/volunteerings", standing="applied")
        return bool(checks["items"]) and len(applied["items"]) == 3

    await eventually(all_is_there, timeout=60)
    places = {
        "/intake/today": "/intake/today",
        "/intake/requests": "/intake/requests",
        "/intake/requests-new": f"/intake/requests-new?person={ida}&programme=small-jobs",
        "/intake/requests/{request_id}": f"/intake/requests/{request_id}",
        "/intake/volunteers": "/intake/volunteers",
        "/intake/volunteers/{volunteering_id}": f"/intake/volunteers/{path.rpartition('/')[2]}",
        "/intake/people": "/intake/people?name=oppdiktet",
        "/intake/people-new": "/intake/people-new",
        "/intake/people/{person_id}": f"/intake/people/{ida}",
        "/intake/people/{person_id}/name-part": f"/intake/people/{ida}/name-part",
        "/intake/block-checks": "/intake/block-checks",
        "/intake/programmes": "/intake/programmes",
        "/intake/programmes/{code}": "/intake/programmes/walking-friends",
    }
    return {page: (desk.subject, place) for page, place in places.items()}


async def _ida(desk: Desk) -> str:
    """Somebody of whom everything is known that can be."""
    profile = {
        "gives": ["baking", "listening"],
        "wants": ["walks"],
        "interests": ["birds"],
        "hopes": "A friend for the long evenings.",
        "languages": [{"code": "so", "level": "native"}, {"code": "nb", "level": "b1"}],
        "day_parts": ["evening"],
        "area": "east",
    }
    contact = {"language": "nn", "email": "ida.oppdiktet@example.org", "phone": "+4790000001"}
    ida = await desk.register(LONG, contact=contact, profile=profile, municipality="Fjordby")
    night = {"channel": "sms", "disguised": True, "quiet_from": "22:00:00", "quiet_until": "07:00:00"}
    await desk.post(f"/v1/persons/{ida}/safe-contact", night)
    await desk.post(f"/v1/persons/{ida}/consents", {"purpose": "status", "controller": "Fjordby krisesenter"})
    await desk.post(f"/v1/persons/{ida}/blocks", {"phone": "+4790000002"})
    return ida


async def _people_who_wish(desk: Desk, ida: str) -> tuple[str, str]:
    kari = await desk.register("Kari Oppdiktet", contact={"language": "nb", "phone": "90000002"})
    await desk.wish(kari, "Somebody to walk with.", needed_since="2026-02-01")
    await desk.wish(kari, "The hedge.", programme="small-jobs", gates={}, category="garden", expected_duration="PT2H")
    wishes = {
        "languages": [{"code": "so", "level": "b1"}],
        "support_forms": ["talk", "guide"],
        "day_parts": ["evening"],
    }
    request_id = await desk.wish(ida, "Somebody to practise the language with, once a week.", wishes=wishes)
    await desk.post(f"/v1/requests/{request_id}/take-up")
    await desk.post(f"/v1/requests/{request_id}/hand-over", {"to": "somebody-else"})
    return kari, request_id


async def _volunteers(desk: Desk, kari: str) -> str:
    """One whose approval ends soon, one who is ready, one on the way."""
    path = await desk.volunteer(await desk.register("Runa Eksempel"), *SHOWN, ("approval", {}))
    await desk.volunteer(await desk.register("Torbjørg Eksempel"), *SHOWN)
    await desk.volunteer(kari, SHOWN[0])
    return path
