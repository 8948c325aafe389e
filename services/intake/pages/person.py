"""One person: how they are reached without danger, what they said of themselves, and what is theirs to decide."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from services.intake.pages.programme_words import (
    language_choices,
    open_programmes,
    programmes_of,
    spoken,
    titles,
    to_be_asked,
)

pages = Pages(Path(__file__).parent)

SAFE_CHANNELS = ("email", "sms", "nobody")
NOTHING_TOLD: Mapping[str, Any] = {
    **dict.fromkeys(("gives", "wants", "interests", "competences", "languages", "support_forms", "day_parts"), ()),
    **dict.fromkeys(("hopes", "area", "gender", "stated_on")),
}
DAY_PARTS = ("day", "afternoon", "evening")


@pages.page("/people/{person_id}", "person.html", "people:read")
async def person(view: View, person_id: str) -> Shown:
    found, blocks, erasure, requests, helping = await asyncio.gather(
        view.api.get(f"/v1/persons/{person_id}"),
        view.api.get_or_none(f"/v1/persons/{person_id}/blocks"),
        view.api.get_or_none(f"/v1/persons/{person_id}/erasure"),
        view.api.get_or_none("/v1/requests", person_id=person_id),
        view.api.get_or_none("/v1/volunteerings", person_id=person_id),
    )
    programmes = await programmes_of(view)
    profile = found["profile"] or NOTHING_TOLD
    asks, helps = requests["items"] if requests else [], helping["items"] if helping else []
    return {
        "person": found,
        "profile": profile,
        "blocks": blocks,
        "erasure": erasure,
        "requests": asks,
        "helping": helps,
        "to_be_asked": to_be_asked(programmes, (*asks, *helps), found["consents"]),
        "programmes": open_programmes(programmes),
        "titles": titles(programmes, view.language),
        "known_languages": language_choices(view.language),
        "spoken": spoken(profile["languages"], view.language),
        "safe_channels": SAFE_CHANNELS,
        "day_parts": DAY_PARTS,
    }


for _name, _to in (
    ("contact", "contact"),
    ("safe-contact", "safe-contact"),
    ("profile", "profile"),
    ("protect", "address-protection"),
    ("unprotect", "address-protection/end"),
    ("mode", "mode"),
    ("consent", "consents"),
    ("consent-back", "consents/withdrawal"),
    ("residence", "residence"),
    ("block", "blocks"),
    ("lift", "blocks/{block_id}/lifting"),
    ("experience", "lived-experience"),
    ("experience-back", "lived-experience/withdrawal"),
    ("erasure", "erasure"),
):
    person.action(_name, f"/v1/persons/{{person_id}}/{_to}")
person.action("apply", "/v1/volunteerings", then="/volunteers/{volunteering_id}")
