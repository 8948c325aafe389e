"""How one consumer of this process is."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ConsumerHealth:
    """`is_ready`: it has its partitions. `lag` counts records of the partitions this process has; None: not known.

    `caught_up_at` is the last moment at which those were read to their ends.
    """

    name: str
    id: str
    is_ready: bool
    partitions: int
    lag: int | None
    caught_up_at: datetime | None
    blocked_streams: int
