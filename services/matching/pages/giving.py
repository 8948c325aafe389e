"""What members give each other: help that somebody would like, and standing offers (S1.4, S1.10, S1.14, S1.15)."""

import asyncio
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from services.matching.pages.programmes import Programmes

pages = Pages(Path(__file__).parent)


@pages.page("/tenders", "tenders.html", "matching:answer")
async def tenders(view: View) -> Shown:
    found, programmes = await asyncio.gather(view.api.items("/v1/tenders"), Programmes.of(view))
    return {"tenders": found, "programmes": programmes}


@pages.page("/tenders/{tender_id}", "tender.html", "matching:answer")
async def tender(view: View, tender_id: str) -> Shown:
    """An offer has no position to wait for: it would tell whose the wish is. So what was just said counts."""
    found: Any
    found, programmes = await asyncio.gather(view.api.get(f"/v1/tenders/{tender_id}"), Programmes.of(view))
    said = {"i-can-help": True, "not-after-all": False}
    return {
        "tender": found,
        "title": programmes.title(found["programme"]),
        "offered": said.get(view.done or "", found["you_offered"]),
    }


tender.action("i-can-help", "/v1/tenders/{tender_id}/offers")
tender.action("not-after-all", "/v1/tenders/{tender_id}/offers", method="DELETE")


@pages.page("/offers", "offers.html", "matching:answer")
async def offers(view: View) -> Shown:
    mine, others, balance, programmes = await asyncio.gather(
        view.api.items("/v1/own-offers"),
        view.api.items("/v1/offers"),
        view.api.get("/v1/me/given-and-received"),
        Programmes.of(view),
    )
    known = {code: _kinds(programmes, code) for code, _ in programmes.choices}
    open_to = [(code, title) for code, title in programmes.choices if known[code]]
    chosen = view.query.get("programme") or (open_to[0][0] if open_to else "")
    return {
        "mine": mine,
        "others": others,
        "balance": balance,
        "programmes": programmes,
        "open_to": open_to,
        "chosen": chosen,
        "kinds": known.get(chosen, []),
    }


offers.action("give", "/v1/offers")
offers.action("give-no-more", "/v1/offers/{offer_id}", method="DELETE")


def _kinds(programmes: Programmes, code: str) -> list[str]:
    """What can be offered there: everything but what an authority does."""
    kinds = programmes.by_code.get(code, {}).get("categories", [])
    return [kind["code"] for kind in kinds if kind["by"] != "authority"]
