"""What there is to read for somebody, and how they want to hear of tenders (S2.9, S1.13)."""

from pathlib import Path

from chassis.web import Pages, Shown, View

pages = Pages(Path(__file__).parent)


@pages.page("/inbox", "inbox.html", "messages:own")
async def inbox(view: View) -> Shown:
    return {
        "notes": await view.api.get("/v1/inbox"),
        "news": await view.api.get_or_none("/v1/tender-news") or [],
    }


inbox.action("news", "/v1/tender-news/{programme}")
