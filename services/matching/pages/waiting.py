"""Who waits, the longest first; and a suggestion for all of them together (S2.30, S2.31)."""

from datetime import date
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from chassis.web.forms import ZONE
from services.matching.pages.programmes import Programmes
from services.matching.pages.wording import language_names

pages = Pages(Path(__file__).parent)
STATUSES = ("open", "parked", "settled", "met", "withdrawn")


@pages.page("/waiting", "waiting.html", "matching:read", "matching:manage")
async def waiting(view: View) -> Shown:
    programmes = await Programmes.of(view)
    status = view.query.get("status", "open")
    programme = view.query.get("programme") or None
    page = await view.api.get(
        "/v1/searches",
        status=status if status in STATUSES else "open",
        programme=programme,
        limit=50,
        cursor=view.query.get("cursor"),
    )
    return {
        "programmes": programmes,
        "searches": page["items"],
        "next": page["next"],
        "status": status,
        "programme": programme,
        "statuses": STATUSES,
        "days": lambda since: days_since(view, since),
        "languages_of": language_names(view.language),
    }


waiting.action("suggestion", "/v1/programmes/{code}/suggestions", then="/waiting/suggestions/{programme}/{id}")


@pages.page("/waiting/suggestions/{code}/{suggestion_id}", "suggestion.html", "matching:manage")
async def suggestion(view: View, code: str, suggestion_id: str) -> Shown:
    programmes = await Programmes.of(view)
    found: Any = await view.api.get(f"/v1/programmes/{code}/suggestions/{suggestion_id}")
    return {
        "programmes": programmes,
        "programme": code,
        "suggestion": found,
        "days": lambda since: days_since(view, since),
    }


suggestion.action("again", "/v1/programmes/{code}/suggestions", then="/waiting/suggestions/{programme}/{id}")


def days_since(view: View, since: str) -> int:
    """Whole days by the calendar, 0 for a day that comes."""
    return max((view.now.astimezone(ZONE).date() - date.fromisoformat(since)).days, 0)
