"""How a service does, and what to do about what is stuck; the page of one shows the parts of all others."""

from pathlib import Path

from chassis.web.operations.listening import picture, tellings
from chassis.web.pages import Pages, Shown
from chassis.web.view import View
from contracts.topics import SERVICES

pages = Pages(Path(__file__).parent)

_WATCHED = 20  # as many as a page may be told of


@pages.page("/operations", "operations.html", "operations:read")
async def operations(view: View) -> Shown:
    seen = await view.api.get("/v1/operations")
    faults = [check for check in seen["checks"] if check["fault"]]
    return {
        "seen": seen,
        "faults": faults,
        "lagging": [reader for reader in seen["readers"] if reader["lag"]],
        "building": [model for model in seen["read_models"] if model["building"]],
        "overdue": [timer for timer in seen["timers"] if timer["overdue"]],
        "watched": ",".join([model["read_model"] for model in seen["read_models"]][:_WATCHED]),
        "tellings": tellings(),
        "picture": picture(tellings()),
        "others": [name for name in SERVICES if name != view.service],
    }


operations.action("replay", "/v1/operations/replays")
operations.action("drop", "/v1/operations/drops")
operations.action("rebuild", "/v1/operations/rebuilds")
