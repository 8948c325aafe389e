"""What people offer that nobody has asked for yet, and who offered and was never chosen (S1.10, S1.16)."""

import asyncio
from pathlib import Path

from chassis.web import Pages, Shown, View
from services.matching.pages.programmes import Programmes

pages = Pages(Path(__file__).parent)


@pages.page("/resources", "resources.html", "matching:read", "matching:manage")
async def resources(view: View) -> Shown:
    programme = view.query.get("programme") or None
    programmes, unused, offers, never_chosen = await asyncio.gather(
        Programmes.of(view),
        view.api.items("/v1/offers/unused", programme=programme),
        view.api.items("/v1/offers/to-ask", programme=programme),
        view.api.items("/v1/offers/never-chosen", programme=programme),
    )
    waiting = {one["offer_id"] for one in unused}
    return {
        "programmes": programmes,
        "programme": programme,
        "unused": unused,
        "used": [one for one in offers if one["offer_id"] not in waiting],
        "never_chosen": never_chosen,
    }
