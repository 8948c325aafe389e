"""Two people who must not meet: other services learn a token of the pair and no more (S2.9).

Stored and published: version with care.
"""

from contracts.base import Event, event

PAIR = "pair"
"""The keyring's fingerprint purpose for pair tokens."""


def pair_value(one: str, other: str) -> str:
    """What the keyring turns into the token of two person ids, in either order."""
    return "\n".join(sorted((one, other)))


@event("intake.pair-held", version=1)
class PairHeld(Event):
    """These two are never brought together, from now on. `pair` is a keyed hash of both ids."""

    pair: str


@event("intake.pair-freed", version=1)
class PairFreed(Event):
    """Somebody looked, and nothing keeps these two apart any more."""

    pair: str
