"""Records that are not events of ours: what a tenant's own systems write."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass


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
    Reaction; only records with the same key wait behind a dead letter.
    """

    name: str
    pattern: str
    receive: Callable[[InboundRecord], Awaitable[None]]
