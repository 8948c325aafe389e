"""How long a message waits, and for what."""

from datetime import datetime, timedelta

# Longer than the sender's own time limit, so that a claim without an outcome means a crash and not a slow server.
CLAIM = timedelta(minutes=2)
# An address that is missing may be on its way: it is believed missing when facts this much newer still lack it.
SETTLING = timedelta(seconds=5)
# domain.md, rule 9: what a person agreed to is at most this old.
FRESH = timedelta(minutes=1)
# How often a message that is held by a pause looks whether the programme goes on.
PAUSE_LOOK = timedelta(hours=1)

_FIRST_WAIT = timedelta(seconds=30)
_LONGEST_WAIT = timedelta(hours=2)


def wait_after(attempt: int) -> timedelta:
    """How long until the next attempt: half a minute, two minutes, eight … never over two hours."""
    return min(_FIRST_WAIT * 4.0 ** min(attempt - 1, 6), _LONGEST_WAIT)


def is_settled(due_at: datetime, facts_as_of: datetime) -> bool:
    """Whether facts are so much newer than the message that what they lack is not there."""
    return facts_as_of >= due_at + SETTLING
