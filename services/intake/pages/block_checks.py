"""Whether somebody who came is who another person never wants to meet: looked at side by side, by a human (S2.9)."""

import asyncio
from pathlib import Path

from chassis.web import Pages, Shown, View

pages = Pages(Path(__file__).parent)

AT_ONCE = 10
"""Two people each are shown; the next come up when these are answered."""


@pages.page("/block-checks", "block-checks.html", "people:write")
async def block_checks(view: View) -> Shown:
    standing = "recognised" if view.query.get("standing") == "recognised" else "open"
    found = (await view.api.get("/v1/block-checks", limit=AT_ONCE, standing=standing))["items"]
    ids = list(dict.fromkeys(one for check in found for one in (check["person_id"], check["other_id"])))
    people = await asyncio.gather(*(view.api.get_or_none(f"/v1/persons/{one}") for one in ids))
    return {"checks": found, "people": dict(zip(ids, people, strict=True)), "standing": standing}


block_checks.action("answer", "/v1/block-checks/{check_id}/answer")
