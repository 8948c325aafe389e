"""Two people who must not meet: other services learn a token of the pair and no more (S2.9).

Stored and published: version with care. The two ids stand under the key of the person who blocked.
"""

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.intake.values import BlockKind
from contracts.sealed import Sealed

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


@event("intake.block-suspected", version=1)
class BlockSuspected(Event):
    """Somebody bears what another blocked: held at once, and a coordinator looks whether it is who was meant.

    `people` are the ids of who blocked and of who bears it, in this order.
    """

    pair: str
    block_id: str
    kind: BlockKind
    people: Sealed[tuple[str, str]]
    suspected_at: AwareDatetime


@event("intake.block-recognised", version=1)
class BlockRecognised(Event):
    """It is who was meant: the pair stays held."""

    pair: str
    block_id: str
    answered_by: str
    answered_at: AwareDatetime


@event("intake.block-dismissed", version=1)
class BlockDismissed(Event):
    """It is somebody else: this block holds the pair no longer."""

    pair: str
    block_id: str
    answered_by: str
    answered_at: AwareDatetime


@event("intake.block-ended", version=1)
class BlockEnded(Event):
    """Who made the block lifted it; also of a block that was not suspected here yet, so that it never will be."""

    pair: str
    block_id: str
