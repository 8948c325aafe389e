"""What people do together: proposed, supported, published, held and looked back on (S1.19, S1.22, S1.23)."""

import asyncio
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from services.matching.pages.programmes import Programmes

pages = Pages(Path(__file__).parent)
STAGES = ("proposed", "published", "closed")
_ACTIVITY = "/v1/activities/{activity_id}"
_SESSION = "/v1/sessions/{session_id}"


@pages.page("/activities", "activities.html", "matching:read", "matching:manage")
async def activities(view: View) -> Shown:
    stage = view.query.get("stage", "published")
    stage = stage if stage in STAGES else "published"
    programmes, page, proposed = await asyncio.gather(
        Programmes.of(view),
        view.api.get("/v1/activities/all", stage=stage, limit=50, cursor=view.query.get("cursor")),
        view.api.items("/v1/activities/all", stage="proposed"),
    )
    return {
        "programmes": programmes,
        "stage": stage,
        "stages": STAGES,
        "activities": [{**one, "coming": _coming(one)} for one in page["items"]],
        "next": page["next"],
        "proposed_count": len(proposed),
    }


@pages.page("/activities-new", "activity-new.html", "matching:manage")
async def proposing(view: View) -> Shown:
    """For somebody who leads it: the person, and the offer it grows from, come from the page that leads here."""
    programmes = await Programmes.of(view)
    programme = view.query.get("programme") or (programmes.choices[0][0] if programmes.choices else "")
    return {
        "programmes": programmes,
        "programme": programme,
        "kinds": programmes.kinds(programme),
        "person_id": view.query.get("person_id"),
        "offer_id": view.query.get("offer_id"),
    }


proposing.action("activity", "/v1/activities", then="/activities/{id}")


@pages.page("/activities/{activity_id}", "activity.html", "matching:read", "matching:manage")
async def activity(view: View, activity_id: str) -> Shown:
    found: Any
    found, programmes = await asyncio.gather(view.api.get(f"/v1/activities/{activity_id}"), Programmes.of(view))
    return {
        "activity": found,
        "programmes": programmes,
        "coming": _coming(found),
        "over": [one for one in found["sessions"] if one["state"] != "coming"],
    }


activity.action("supporter", f"{_ACTIVITY}/support")
activity.action("publish", f"{_ACTIVITY}/publish")
activity.action("close", f"{_ACTIVITY}/close")
activity.action("session", f"{_ACTIVITY}/sessions")


@pages.page("/sessions/{session_id}", "session.html", "matching:read", "matching:manage")
async def session(view: View, session_id: str) -> Shown:
    found: Any = await view.api.get(f"/v1/sessions/{session_id}")
    whole = await view.api.get(f"/v1/activities/{found['activity_id']}")
    return {"session": found, "activity": whole, "has_begun": found["begins_at"] <= view.now.isoformat()}


session.action("held", f"{_SESSION}/held")
session.action("call-off", f"{_SESSION}/call-off")
session.action("feedback", f"{_SESSION}/feedback")


def _coming(activity: Any) -> list[Any]:
    """The sessions that come, or that came and have not been counted, the first first."""
    return sorted((one for one in activity["sessions"] if one["state"] == "coming"), key=lambda one: one["begins_at"])
