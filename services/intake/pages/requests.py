"""Who waits and whose task it is: the list of requests, and a new one on somebody's behalf (S1.12, S2.31, S3.3)."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from contracts.intake import Wishes
from services.intake.pages.programme_words import language_choices, open_programmes, programmes_of, title, titles

pages = Pages(Path(__file__).parent)

STATUSES = ("posted", "taken-up", "parked", "met", "withdrawn", "declined")
DURATIONS = ("PT1H", "PT2H", "PT4H", "P1D", "P2D", "P1W")


@pages.page("/requests", "requests.html", "requests:read")
async def requests(view: View) -> Shown:
    wanted = {name: view.query[name] for name in ("status", "programme", "cursor") if view.query.get(name)}
    found, programmes = await asyncio.gather(
        view.api.get("/v1/requests", **wanted, **_whose(view)), programmes_of(view)
    )
    return {
        "requests": found["items"],
        "next": found["next"],
        "titles": titles(programmes, view.language),
        "statuses": STATUSES,
        "status": view.query.get("status", ""),
        "programme": view.query.get("programme", ""),
        "whose": view.query.get("whose", ""),
    }


def _whose(view: View) -> Mapping[str, Any]:
    me = view.principal.subject
    of: dict[str, Mapping[str, Any]] = {
        "mine": {"owner": me},
        "nobody": {"is_owned": False},
        "asked": {"hand_over_to": me},
    }
    return of.get(view.query.get("whose", ""), {})


@pages.page("/requests-new", "request-new.html", "requests:write")
async def new_request(view: View) -> Shown:
    """For somebody who is registered, in one programme: what it asks for comes from its policy."""
    person_id = view.query.get("person", "")
    programmes = open_programmes(await programmes_of(view))
    code = view.query.get("programme") or (next(iter(programmes)) if len(programmes) == 1 else "")
    known = programmes.get(code)
    person = await view.api.get_or_none(f"/v1/persons/{person_id}") if person_id.replace("-", "").isalnum() else None
    return {
        "person": person,
        "programme": known,
        "programmes": titles(programmes, view.language),
        "title": title(known, view.language) if known else "",
        "durations": DURATIONS,
        "known_languages": language_choices(view.language),
        "no_wishes": Wishes().model_dump(mode="json"),
    }


new_request.action("post", "/v1/requests", then="/requests/{request_id}")
