"""Whether two people may be brought together, decided in one place per pair. Stored: version with care.

The stream's id is the pair's token, a keyed hash of both ids; no event on it is told to anybody.
"""

from contracts.base import Event, event


@event("matching.pair-engaged", version=1, internal=True)
class PairEngaged(Event):
    """A proposal brings these two together: should they have to be kept apart, it is known what to end."""

    proposal_id: str
    request_id: str
    helper_id: str


@event("matching.pair-barred", version=1, internal=True)
class PairBarred(Event):
    """Intake holds the pair (S2.9). `heard` is the position of what intake said on its own stream of the pair."""

    heard: int


@event("matching.pair-unbarred", version=1, internal=True)
class PairUnbarred(Event):
    """Nothing keeps the two apart any more."""

    heard: int
