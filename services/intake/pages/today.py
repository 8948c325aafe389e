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

    async def items(path: str, **query: Any) -> list[Any]:
        found = await view.api.get_or_none(path, limit=200, **query)
        return found["items"] if found else []

    soon = (day + timedelta(days=LAPSING_DAYS)).isoformat()
    lists, programmes = await asyncio.gather(
        asyncio.gather(
            items("/v1/requests", is_owned=False),
            items("/v1/requests", waiting_for="escalated"),
            items("/v1/requests", hand_over_to=view.principal.subject),
            items("/v1/block-checks"),
            items("/v1/volunteerings", ends_by=soon),
            items("/v1/volunteerings", standing="applied", is_approved=False),
            items("/v1/erasures", overdue=True),
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


today.action("take-up", "/v1/requests/{request_id}/take-up")
today.action("accept", "/v1/requests/{request_id}/hand-over/acceptance")
