"""Where who is blocked and who comes meet, whatever the order (S2.9). Stored, version with care.

The stream's id is a keyed fingerprint of a phone number, an e-mail address, or a name with a birth date. None of these
events leaves intake: others learn a token of the pair.
"""

from contracts.base import Event, event
from contracts.intake.values import BlockKind


@event("intake.identity-seen", version=1, internal=True)
class IdentitySeen(Event):
    """Somebody said of a person what has this fingerprint."""

    person_id: str


@event("intake.identity-blocked", version=1, internal=True)
class IdentityBlocked(Event):
    """This person is never to meet whoever bears it. What was blocked stands nowhere."""

    block_id: str
    person_id: str
    kind: BlockKind


@event("intake.identity-forgotten", version=1, internal=True)
class IdentityForgotten(Event):
    """Whoever it was has left without a trace: neither as a bearer nor by a block does it lead to them any more."""

    person_id: str


@event("intake.identity-unblocked", version=1, internal=True)
class IdentityUnblocked(Event):
    """The block is lifted, also one that has not come here yet."""

    block_id: str
