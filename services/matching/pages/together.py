"""What I can come to and what I propose; nobody is blamed for not coming (S1.19, S1.23, S3.69)."""

import asyncio
from pathlib import Path

from chassis.web import Pages, Shown, View
from services.matching.pages.programmes import Programmes

pages = Pages(Path(__file__).parent)


@pages.page("/my-activities", "my-activities.html", "matching:answer")
async def my_activities(view: View) -> Shown:
    open_to_me, led, been_to, programmes = await asyncio.gather(
        view.api.items("/v1/activities"),
        view.api.items("/v1/own-activities"),
        view.api.items("/v1/own-sessions"),
        Programmes.of(view),
    )
    return {
        "coming": [
            {"activity": one, "session": session}
            for one in open_to_me
            for session in one["sessions"]
            if session["you_are_coming"]
        ],
        "activities": open_to_me,
        "led": [one for one in led if one["stage"] != "closed"],
        "been_to": been_to,
        "programmes": programmes,
    }


my_activities.action("come", "/v1/sessions/{session_id}/sign-ups")
my_activities.action("not-this-time", "/v1/sessions/{session_id}/sign-ups", method="DELETE")
my_activities.action("how-was-it", "/v1/sessions/{session_id}/feedback")
my_activities.action("finish", "/v1/activities/{activity_id}/close")


@pages.page("/my-activities/propose", "propose.html", "matching:answer")
async def propose(view: View) -> Shown:
    programmes = await Programmes.of(view)
    open_to = [(code, title) for code, title in programmes.choices if programmes.kinds(code)]
    chosen = view.query.get("programme") or (open_to[0][0] if len(open_to) == 1 else "")
    return {
        "open_to": open_to,
        "chosen": chosen if chosen in dict(open_to) else "",
        "title": programmes.title(chosen),
        "kinds": programmes.kinds(chosen),
    }


propose.action("my-idea", "/v1/activities", then="/my-activities")
