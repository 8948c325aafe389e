"""Who looked at messages to me: a part of intake's page about who has looked."""

from pathlib import Path

from chassis.web import Pages, Shown, View

pages = Pages(Path(__file__).parent)


@pages.page("/looked-at", "looked-at.html", "messages:own")
async def looked_at(view: View) -> Shown:
    return {"looks": await view.api.items("/v1/me/looked-at")}


pages.download("/everything", "/v1/me/everything", "kobling-messages.json")
