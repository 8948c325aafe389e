"""The clock is a port: services take the time from here, tests and the local stack may move it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol


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
        try:
            seconds = float(self.offset_file.read_text())
        except FileNotFoundError:
            seconds = 0.0
        return datetime.now(UTC) + timedelta(seconds=seconds)
