"""One request: its story, where it stands, what is asked, and what its owner can do (S2.20, S3.3, S3.17, S3.75)."""

import asyncio
from pathlib import Path

from chassis.web import Pages, Shown, View
from services.intake.pages.programme_words import language_choices, spoken, title

pages = Pages(Path(__file__).parent)


@pages.page("/requests/{request_id}", "request.html", "requests:read")
async def request(view: View, request_id: str) -> Shown:
    found = await view.api.get(f"/v1/requests/{request_id}")
    programme, person = await asyncio.gather(
        view.api.get_or_none(f"/v1/programmes/{found['programme']}"),
        view.api.get_or_none(f"/v1/persons/{found['person_id']}"),
    )
    me = view.principal.subject
    return {
        "request": found,
        "person": person,
        "title": title(programme, view.language) if programme else found["programme"],
        "policy": programme["policy"] if programme else {"support_forms": [], "categories": []},
        "known_languages": language_choices(view.language),
        "spoken": spoken(found["wishes"]["languages"], view.language),
        "is_open": found["status"] in ("posted", "taken-up", "parked"),
        "is_mine": found["owner"] == me,
        "is_asked": found["hand_over_to"] == me,
    }


request.action("take-up", "/v1/requests/{request_id}/take-up")
request.action("hand-over", "/v1/requests/{request_id}/hand-over")
request.action("accept", "/v1/requests/{request_id}/hand-over/acceptance")
request.action("decline", "/v1/requests/{request_id}/hand-over/decline")
request.action("parking", "/v1/requests/{request_id}/parking")
request.action("resumption", "/v1/requests/{request_id}/resumption")
request.action("amendment", "/v1/requests/{request_id}/amendment")
request.action("withdrawal", "/v1/requests/{request_id}/withdrawal")
