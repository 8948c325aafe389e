"""What is known of me and how I am kept safe, each to be put right by myself (S1.8, S2.3, S2.9, S2.13, S3.32)."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from services.intake.pages.own import person_id_of, registered
from services.intake.pages.person import NOTHING_TOLD
from services.intake.pages.programme_words import language_choices, programmes_of, spoken, to_be_asked

pages = Pages(Path(__file__).parent)
_PERSON = "/v1/persons/{person_id}"


@pages.page("/me/about", "my-about.html", "requests:read")
async def about(view: View) -> Shown:
    known = await registered(view)
    profile: Mapping[str, Any] = known["person"]["profile"] or NOTHING_TOLD
    return {
        "person_id": person_id_of(view),
        "person": known["person"],
        "profile": profile,
        "spoken": spoken(profile["languages"], view.language),
        "known_languages": language_choices(view.language),
    }


about.action("tell", f"{_PERSON}/profile")
about.action("reach-me", f"{_PERSON}/contact")
about.action("moved", f"{_PERSON}/residence")


@pages.page("/me/safety", "my-safety.html", "requests:read")
async def safety(view: View) -> Shown:
    known = await registered(view)
    return {"person_id": person_id_of(view), "person": known["person"], "blocks": known["blocks"]}


safety.action("safe-way", f"{_PERSON}/safe-contact")
safety.action("hide-address", f"{_PERSON}/address-protection")
safety.action("show-address", f"{_PERSON}/address-protection/end")
safety.action("keep-apart", f"{_PERSON}/blocks")
safety.action("no-longer", f"{_PERSON}/blocks/{{block_id}}/lifting")


@pages.page("/me/mine", "my-own.html", "requests:read")
async def own_word(view: View) -> Shown:
    """What is used of me only because I said so, and no longer once I take it back."""
    known, programmes = await asyncio.gather(registered(view), programmes_of(view))
    theirs = (*known["requests"], *known["volunteerings"])
    return {
        "person_id": person_id_of(view),
        "person": known["person"],
        "to_be_asked": to_be_asked(programmes, theirs, known["person"]["consents"]),
    }


own_word.action("agree", f"{_PERSON}/consents")
own_word.action("agree-no-more", f"{_PERSON}/consents/withdrawal")
own_word.action("lived", f"{_PERSON}/lived-experience")
own_word.action("lived-back", f"{_PERSON}/lived-experience/withdrawal")
