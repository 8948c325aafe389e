"""The finding for one request: candidates with reasons, who is asked, the meeting, or a tender (S2.28, S2.30)."""

import asyncio
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from services.matching.pages.programmes import Programmes
from services.matching.pages.waiting import days_since
from services.matching.pages.wording import language_names

pages = Pages(Path(__file__).parent)
_UNDER_WAY = ("live", "agreed", "in-touch")
_SEARCH = "/v1/searches/{request_id}"
_PROPOSAL = f"{_SEARCH}/proposals/{{proposal_id}}"


@pages.page("/searches/{request_id}", "search.html", "matching:read", "matching:manage")
async def search(view: View, request_id: str) -> Shown:
    path = f"/v1/searches/{request_id}"
    found: Any = await view.api.get(path)
    now = next((one for one in found["proposals"] if one["state"] in _UNDER_WAY), None)
    is_free = found["status"] == "open" and now is None
    programmes, ranked, tender, looks, marked = await asyncio.gather(
        Programmes.of(view),
        view.api.get_or_none(f"{path}/candidates") if is_free else _nothing(),
        view.api.get_or_none(f"{path}/tender"),
        view.api.get_or_none(f"{path}/proposals/{now['proposal_id']}/safeguards") if now else _nothing(),
        _marked(view, path) if is_free else _nothing(),
    )
    category = programmes.category(found["programme"], found["category"])
    return {
        "search": found,
        "programmes": programmes,
        "category": category,
        "proposal": now,
        "earlier": [one for one in found["proposals"] if one is not now],
        "candidates": _marked_first(ranked["items"] if ranked else [], marked),
        "marked": marked and marked["helper_id"],
        "is_free": is_free,
        "tender": tender,
        "runs": tender is not None and tender["state"] in ("open", "chosen"),
        "safeguards": _safeguards(category, looks) if now else [],
        "days": days_since(view, found["needed_since"]),
        "languages_of": language_names(view.language),
    }


search.action("meeting", f"{_PROPOSAL}/meeting")
search.action("held", f"{_PROPOSAL}/meeting/held")
search.action("missed", f"{_PROPOSAL}/meeting/missed")
search.action("safeguard", f"{_PROPOSAL}/safeguards")
search.action("tender", f"{_SEARCH}/tender")
search.action("choice", f"{_SEARCH}/tender/choices")
search.action("close-tender", f"{_SEARCH}/tender/close")


@pages.page("/searches/{request_id}/candidates/{helper_id}", "candidate.html", "matching:read", "matching:manage")
async def candidate(view: View, request_id: str, helper_id: str) -> Shown:
    """The second look: why this one, or why not, before anybody is asked."""
    path = f"/v1/searches/{request_id}"
    found, ranked, programmes = await asyncio.gather(
        view.api.get(path), view.api.get(f"{path}/candidates/{helper_id}"), Programmes.of(view)
    )
    return {
        "search": found,
        "candidate": ranked,
        "programmes": programmes,
        "can_be_asked": found["status"] == "open" and found["proposal_id"] is None and not ranked["why_not"],
        "languages_of": language_names(view.language),
    }


@pages.page("/searches/{request_id}/passed-over", "passed-over.html", "matching:read", "matching:manage")
async def passed_over(view: View, request_id: str) -> Shown:
    """Who is not among the candidates, and why: software that ranks has to answer for whom it left out."""
    path = f"/v1/searches/{request_id}"
    found, others = await asyncio.gather(view.api.get(path), view.api.get(f"{path}/passed-over"))
    return {"search": found, "others": others["items"]}


candidate.action("proposal", f"{_SEARCH}/proposals", then="/searches/{request_id}")


async def _nothing() -> Any:
    return None


async def _marked(view: View, path: str) -> Any:
    """The candidate whom a suggestion led here with."""
    helper_id = view.query.get("candidate", "")
    return await view.api.get_or_none(f"{path}/candidates/{helper_id}") if helper_id.isascii() and helper_id else None


def _marked_first(ranked: list[Any], marked: Any) -> list[Any]:
    if marked is None or marked["why_not"]:
        return ranked
    return [marked, *(one for one in ranked if one["helper_id"] != marked["helper_id"])]


def _safeguards(category: Any, looks: Any) -> list[Any]:
    """What two people must look at for this kind of task, and who has."""
    seen = {one["safeguard"]: one for one in (looks or {"items": []})["items"]}
    unseen = {"is_confirmed": False, "looks": []}
    return [{"safeguard": kind} | unseen | seen.get(kind, {}) for kind in category.get("safeguards", [])]
