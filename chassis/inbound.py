"""Records that are not events of ours: what a tenant's own systems write."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class InboundRecord:
    """One record as it came, made harmless: header names in lower case, bytes that are no UTF-8 replaced."""

    topic: str
    key: str
    headers: dict[str, str]
    body: bytes
    partition: int
    offset: int


@dataclass(frozen=True, slots=True)
class Inbound:
    """Hands over every record of the topics that match `pattern`, in order per key, new topics within seconds.

    `receive` answers or rejects by itself: a malformed record is no exception. What it raises is treated as in a
    Reaction; only records with the same key wait behind a dead letter. What others write stands in clear, so a letter
    is let go, unread, `kept_for` after it was set aside: as long as its topic keeps it (S2.3).
    """

    name: str
    pattern: str
    receive: Callable[[InboundRecord], Awaitable[None]]
    kept_for: timedelta = timedelta(days=7)
