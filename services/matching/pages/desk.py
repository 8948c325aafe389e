"""The tender board for coordinators, and matching's part of what needs somebody today (S1.13, S1.16, S1.21)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from services.matching.pages.programmes import Programmes
from services.matching.pages.today import today_lines
from services.matching.pages.urgency import colour

pages = Pages(Path(__file__).parent)
_SOON = timedelta(days=7)


@pages.page("/desk", "desk.html", "matching:read", "matching:manage")
async def desk(view: View) -> Shown:
    programmes = await Programmes.of(view)
    to_choose, still_open, chosen, lapsed, to_secure, in_touch = await asyncio.gather(
        view.api.items("/v1/tenders/to-choose"),
        view.api.items("/v1/tenders/all", state="open"),
        view.api.items("/v1/tenders/all", state="chosen"),
        view.api.items("/v1/tenders/all", state="lapsed"),
        view.api.items("/v1/proposals", state="agreed"),
        view.api.items("/v1/proposals", state="in-touch"),
    )
    waiting = {one["tender_id"] for one in to_choose}
    agreed = {one["request_id"] for one in to_secure}
    texts = {one["tender_id"]: one["text"] for one in still_open}
    return {
        "programmes": programmes,
        "to_choose": [{**one, "text": texts.get(one["tender_id"], "")} for one in to_choose],
        "open": [one for one in still_open if one["tender_id"] not in waiting],
        "chosen": [one for one in chosen if one["request_id"] not in agreed],
        "lapsed": lapsed,
        "to_secure": to_secure,
        "in_touch": in_touch,
    }


@pages.page("/today-part", "today-part.html", "matching:read", "matching:manage")
async def today(view: View) -> Shown:
    """The element `#part` of this page stands on intake's page of today."""
    matches: list[Any]
    matches, proposals, to_choose, lapsed = await asyncio.gather(
        view.api.items("/v1/matches", needs="any"),
        view.api.items("/v1/proposals", state="live"),
        view.api.items("/v1/tenders/to-choose"),
        view.api.items("/v1/searches", tender="lapsed"),
    )
    until = view.now + _SOON
    return {
        "lines": today_lines(matches, proposals, to_choose=to_choose, lapsed=lapsed, until=until),
        "colour": colour,
    }
