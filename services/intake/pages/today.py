"""What needs me, most urgent first (S3.3): a coordinator has four minutes between two conversations."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from chassis.web.forms import ZONE
from services.intake.pages.matters import LAPSING_DAYS, Found, matters
from services.intake.pages.programme_words import programmes_of, titles

pages = Pages(Path(__file__).parent)

MOST = 25


@pages.page("/today", "today.html", "people:read", "requests:read")
async def today(view: View) -> Shown:
    day = view.now.astimezone(ZONE).date()

    soon = (day + timedelta(days=LAPSING_DAYS)).isoformat()
    lists, programmes = await asyncio.gather(
        asyncio.gather(
            _items(view, "/v1/requests", is_owned=False),
            _items(view, "/v1/requests", waiting_for="escalated"),
            _items(view, "/v1/requests", hand_over_to=view.principal.subject),
            _items(view, "/v1/block-checks"),
            _items(view, "/v1/volunteerings", ends_by=soon),
            _items(view, "/v1/volunteerings", standing="applied", is_approved=False),
            _items(view, "/v1/erasures", overdue=True),
            _items(view, "/v1/requests", owner=view.principal.subject),
            _items(view, "/v1/gates", limit=None),
        ),
        programmes_of(view),
    )
    found = Found(*lists, programmes=programmes)
    everything = matters(found, day)
    return {
        "matters": everything[:MOST],
        "more": len(everything) - MOST,
        "titles": titles(programmes, view.language),
        "day": day,
    }


async def _items(view: View, path: str, *, limit: int | None = 200, **query: Any) -> list[Any]:
    """What the caller may not see is empty."""
    found = await view.api.get_or_none(path, limit=limit, **query)
    return found["items"] if found else []


today.action("take-up", "/v1/requests/{request_id}/take-up")
today.action("accept", "/v1/requests/{request_id}/hand-over/acceptance")
