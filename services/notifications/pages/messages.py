"""Who was told of what, and why somebody was not; and where a coordinator hears what waits (S2.9, S2.29)."""

from pathlib import Path

from chassis.web import Pages, Shown, View

pages = Pages(Path(__file__).parent)

STATUSES = ("due", "held", "sent", "suppressed", "failed")


@pages.page("/messages", "messages.html", "messages:read")
async def messages(view: View) -> Shown:
    """Those that did not go out can be asked for alone."""
    status, programme = (view.query.get(name) or None for name in ("status", "programme"))
    return {
        "messages": await view.api.items("/v1/messages", status=status, programme=programme),
        "statuses": STATUSES,
        "status": status,
        "programme": programme,
        "digests": await view.api.get_or_none("/v1/digests") or [],
    }


@pages.page("/messages/{message_id}", "message.html", "messages:read")
async def message(view: View, message_id: str) -> Shown:
    return {"message": await view.api.get(f"/v1/messages/{message_id}")}


messages.action("digest", "/v1/digests/{programme}")
messages.action("digest-end", "/v1/digests/{programme}/end")
