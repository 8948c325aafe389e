"""A place in a stream, as text: what a command answers in X-Position and a query may wait for with X-Min-Position."""

from dataclasses import dataclass
from typing import Self

from contracts.envelope import MalformedEnvelope, StreamId


@dataclass(frozen=True, slots=True)
class Position:
    """`tenant/category/id@7`: the stream up to and with its seventh event. Positions count from 1."""

    stream: StreamId
    position: int

    def __str__(self) -> str:
        return f"{self.stream}@{self.position}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError when the text is no position."""
        stream, _, number = text.rpartition("@")
        if not (number.isascii() and number.isdigit() and len(number) < 16 and int(number) > 0):
            raise ValueError(f"{text!r} does not end in @ and a whole number from 1")
        try:
            return cls(StreamId.parse(stream), int(number))
        except MalformedEnvelope as fault:
            raise ValueError(str(fault)) from None
