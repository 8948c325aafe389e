"""What is proposed to me and what I have: answering, checking in, resting, ending (S2.8, S2.15, S2.28)."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from chassis.web.forms import ZONE
from services.matching.pages.programmes import Programmes

pages = Pages(Path(__file__).parent)
_MATCH = "/v1/matches/{match_id}"
_PROPOSAL = "/v1/searches/{request_id}/proposals/{proposal_id}"
_UNDER_WAY = ("open", "agreed", "in-touch")
FORMS = ("met", "out", "call", "message")
_A_VISIT = timedelta(hours=2)


@pages.page("/my-matches", "my-matches.html", "matching:answer")
async def my_matches(view: View) -> Shown:
    proposals, matches, programmes = await asyncio.gather(
        view.api.items("/v1/own-proposals"), view.api.items("/v1/own-matches"), Programmes.of(view)
    )
    return {
        "programmes": programmes,
        "proposals": [one for one in proposals if one["state"] in _UNDER_WAY],
        "matches": [one for one in matches if one["state"] != "ended"],
        "ended": [one for one in matches if one["state"] == "ended"],
    }


my_matches.action("answer", f"{_PROPOSAL}/answers")
my_matches.action("all-done", f"{_PROPOSAL}/done")


@pages.page("/my-next", "my-next.html", "matching:answer")
async def my_next(view: View) -> Shown:
    """A part of my door: what waits for a word from me."""
    proposals, matches = await asyncio.gather(view.api.items("/v1/own-proposals"), view.api.items("/v1/own-matches"))
    return {
        "to_answer": [one for one in proposals if one["state"] == "open" and one["your_answer"] is None],
        "to_check_in": [one for one in matches if one["state"] == "live" and one["check_in_asked_on"]],
    }


@pages.page("/my-matches/{match_id}", "my-match.html", "matching:answer")
async def my_match(view: View, match_id: str) -> Shown:
    found: Any
    found, programmes = await asyncio.gather(view.api.get(f"/v1/own-matches/{match_id}"), Programmes.of(view))
    return {
        "match": found,
        "title": programmes.title(found["programme"]),
        "forms": FORMS,
        "back_by": (view.now + _A_VISIT).astimezone(ZONE).strftime("%Y-%m-%dT%H:%M"),
        "coming": [one for one in found["accompaniments"] if one["when"] > view.now.isoformat()],
    }


my_match.action("how-it-was", f"{_MATCH}/check-ins")
my_match.action("go-with-me", f"{_MATCH}/accompaniments")
my_match.action("alone", f"{_MATCH}/visits")
my_match.action("out-again", f"{_MATCH}/visits/{{visit_id}}/end")
my_match.action("rest", f"{_MATCH}/pause")
my_match.action("go-on", f"{_MATCH}/resumption")
my_match.action("stop", f"{_MATCH}/end", then="/my-matches")


@pages.page("/looked-at", "looked-at.html", "matching:answer")
async def looked_at(view: View) -> Shown:
    """A part of intake's page about who has looked."""
    return {"looks": await view.api.items("/v1/me/looked-at")}


pages.download("/everything", "/v1/me/everything", "kobling-matching.json")
