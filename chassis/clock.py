"""The clock is a port: services take the time from here, tests and the local stack may move it."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

_LOOK_EVERY_SECONDS = 0.1


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware instant in UTC."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(slots=True)
class FixedClock:
    """Stands still until it is moved."""

    at: datetime

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        self.at += by


@dataclass(frozen=True, slots=True)
class ShiftedClock:
    """The system clock moved by the seconds in a file, so that all processes of a local stack move together.

    It is read at any time: who moves the clock replaces the file, and does not write into it.
    """

    offset_file: Path

    def now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.offset_seconds())

    def offset_seconds(self) -> float:
        """How much later than the system's clock it is; 0 while nobody has moved it."""
        try:
            return float(self.offset_file.read_text())
        except FileNotFoundError:
            return 0.0

    def move_to(self, instant: datetime) -> None:
        """From now on it is this instant, for every process that reads the file. Give it aware."""
        offset = (instant - datetime.now(UTC)).total_seconds()
        draft = self.offset_file.with_name(f"{self.offset_file.name}.new")
        draft.write_text(str(offset))
        draft.replace(self.offset_file)

    async def until_moved(self) -> None:
        """Returns soon after somebody moved it."""
        before = self.offset_seconds()
        while self.offset_seconds() == before:  # noqa: ASYNC110 (a file tells nobody that it was replaced)
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
