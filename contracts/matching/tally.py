"""The running number of a programme's matches. Stored and published: version with care."""

from typing import Annotated

from pydantic import Field

from contracts.base import Event, event


@event("matching.match-counted", version=1)
class MatchCounted(Event):
    """The running number of a programme's matches, each counted once (S2.1)."""

    programme: str
    match_id: str
    number: Annotated[int, Field(ge=1)]
    milestone: bool
