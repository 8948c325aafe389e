"""What pages about the person who looks have in common: everything that is held here about them, asked for once."""

from typing import Any

from chassis.web import View
from chassis.web.api import NO_PROBLEM, Refused

Known = dict[str, Any]
"""As `/v1/persons/{id}/everything` answers it."""


async def known_of(view: View) -> Known | None:
    """None for who has not said who they are yet. Raises Refused for who logs in as no person."""
    found: Known | None = await view.api.get_or_none(f"/v1/persons/{person_id_of(view)}/everything")
    return found


async def registered(view: View) -> Known:
    """Raises Refused where nothing is known."""
    found = await known_of(view)
    if found is None:
        raise Refused(404, NO_PROBLEM)
    return found


def person_id_of(view: View) -> str:
    """Raises Refused for who logs in as no person."""
    if view.principal.person_id is None:
        raise Refused(403, NO_PROBLEM)
    return view.principal.person_id
