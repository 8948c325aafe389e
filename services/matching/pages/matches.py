"""How matches go: those that need somebody first, and each one's year on a line (S2.15 to S2.20, S3.29)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from chassis.web.forms import ZONE
from services.matching.pages.match_line import WIDTH, line_of
from services.matching.pages.programmes import Programmes
from services.matching.pages.urgency import colour, most_urgent_first

pages = Pages(Path(__file__).parent)
STATES = ("live", "paused", "ended")
FORMS = ("met", "out", "call", "message")
REASONS = ("requester", "helper", "both", "block")
_MATCH = "/v1/matches/{match_id}"
_SOON = timedelta(days=60)


@pages.page("/matches", "matches.html", "matching:read", "matching:manage")
async def matches(view: View) -> Shown:
    programme = view.query.get("programme") or None
    state = view.query.get("state", "live")
    programmes, needing, page = await asyncio.gather(
        Programmes.of(view),
        view.api.items("/v1/matches", needs="any", programme=programme),
        view.api.get(
            "/v1/matches",
            state=state if state in STATES else "live",
            programme=programme,
            limit=50,
            cursor=view.query.get("cursor"),
        ),
    )
    urgent = most_urgent_first(needing)
    shown = {one["match_id"] for one in urgent}
    return {
        "programmes": programmes,
        "programme": programme,
        "state": state,
        "states": STATES,
        "urgent": urgent,
        "others": [one for one in page["items"] if one["match_id"] not in shown],
        "next": page["next"],
        "colour": colour,
    }


@pages.page("/matches/{match_id}", "match.html", "matching:read", "matching:manage")
async def match(view: View, match_id: str) -> Shown:
    found: Any
    found, programmes = await asyncio.gather(view.api.get(f"/v1/matches/{match_id}"), Programmes.of(view))
    today = view.now.astimezone(ZONE).date()
    [ordered] = most_urgent_first([found])
    return {
        "match": ordered,
        "line": line_of(found, today),
        "width": WIDTH,
        "programmes": programmes,
        "is_live": found["state"] != "ended",
        "ends_soon": bool(found["ends_on"]) and found["ends_on"] <= (today + _SOON).isoformat(),
        "colour": colour,
        "forms": FORMS,
        "reasons": REASONS,
        "day": today.isoformat(),
    }


match.action("check-in", f"{_MATCH}/check-ins")
match.action("review", f"{_MATCH}/reviews")
match.action("support", f"{_MATCH}/support")
match.action("accompaniment", f"{_MATCH}/accompaniments")
match.action("pause", f"{_MATCH}/pause")
match.action("resumption", f"{_MATCH}/resumption")
match.action("extension", f"{_MATCH}/extension")
match.action("end", f"{_MATCH}/end")
match.action("visit-end", f"{_MATCH}/visits/{{visit_id}}/end")
