"""To ask for something: what a programme asks comes from its policy, and a no comes with other ways (S1.3, S3.19)."""

import asyncio
from pathlib import Path

from chassis.web import Pages, Shown, View
from services.intake.pages.own import person_id_of, registered
from services.intake.pages.programme_words import open_programmes, programmes_of, title, titles
from services.intake.pages.requests import DURATIONS

pages = Pages(Path(__file__).parent)


@pages.page("/me/new-request", "my-new-request.html", "requests:write")
async def new_wish(view: View) -> Shown:
    known, all_programmes = await asyncio.gather(registered(view), programmes_of(view))
    programmes = open_programmes(all_programmes)
    code = view.query.get("programme") or (next(iter(programmes)) if len(programmes) == 1 else "")
    found = programmes.get(code)
    return {
        "person_id": person_id_of(view),
        "person": known["person"],
        "programme": found,
        "programmes": titles(programmes, view.language),
        "title": title(found, view.language) if found else "",
        "durations": DURATIONS,
    }


new_wish.action("ask", "/v1/requests", then="/me/requests/{request_id}")
