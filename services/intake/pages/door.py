"""My door: what I asked for and where it stands, what is next, and a pause whenever I like (S3.17, S3.30, S3.75)."""

import asyncio
from pathlib import Path

from chassis.web import Pages, Shown, View
from services.intake.pages.own import known_of, person_id_of, registered
from services.intake.pages.programme_words import programmes_of, title, titles

pages = Pages(Path(__file__).parent)
_OPEN = ("posted", "taken-up", "parked")


@pages.page("/me", "door.html", "requests:read")
async def door(view: View) -> Shown:
    person_id = person_id_of(view)
    known, leaving, programmes = await asyncio.gather(
        known_of(view), view.api.get_or_none(f"/v1/persons/{person_id}/erasure"), programmes_of(view)
    )
    wishes = sorted(known["requests"] if known else [], key=lambda one: one["since"], reverse=True)
    return {
        "person_id": person_id,
        "known": known,
        "leaving": leaving,
        "titles": titles(programmes, view.language),
        "wishes": [one for one in wishes if one["status"] in _OPEN],
        "over": [one for one in wishes if one["status"] not in _OPEN],
    }


door.action("say-who", "/v1/persons")
door.action("choose", "/v1/persons/{person_id}/mode")


@pages.page("/me/requests/{request_id}", "my-request.html", "requests:read")
async def wish(view: View, request_id: str) -> Shown:
    found = await view.api.get(f"/v1/requests/{request_id}")
    programme = await view.api.get_or_none(f"/v1/programmes/{found['programme']}")
    return {
        "wish": found,
        "title": title(programme, view.language) if programme else found["programme"],
        "is_open": found["status"] in _OPEN,
    }


wish.action("wait", "/v1/requests/{request_id}/parking")
wish.action("ready", "/v1/requests/{request_id}/resumption")
wish.action("say-anew", "/v1/requests/{request_id}/amendment")
wish.action("take-back", "/v1/requests/{request_id}/withdrawal")


@pages.page("/me/contact/{request_id}", "my-contact.html", "requests:read")
async def contact(view: View, request_id: str) -> Shown:
    """How to reach the other of two who agreed on a task; there for those two alone, while it lasts (S1.2)."""
    return {"other": await view.api.get(f"/v1/requests/{request_id}/contact")}


@pages.page("/me/looked-at", "my-looks.html", "requests:read")
async def looked_at(view: View) -> Shown:
    """What intake knows of it; the other services add their parts."""
    return {"looks": await view.api.items(f"/v1/persons/{person_id_of(view)}/looked-at")}


@pages.page("/me/leave", "my-leave.html", "requests:read")
async def leave(view: View) -> Shown:
    """A second look: what happens, and what can be done instead (S2.3)."""
    return {"known": await registered(view), "person_id": person_id_of(view)}


leave.action("goodbye", "/v1/persons/{person_id}/erasure", then="/me")
pages.download("/me/everything/{person_id}", "/v1/persons/{person_id}/everything", "kobling.json")
