"""The parts of which matching's events are made. Stored and published: version with care."""

from typing import Literal

from contracts.intake import Tag, Value

# Why a proposal ended without a match. People are told none of it: both get the same neutral words.
DropReason = Literal["silence", "no", "block", "facts", "withdrawn", "parked", "met"]


class Reason(Value):
    """Why a candidate ranks where it does: a code and its part of the score, never text about two people."""

    code: str
    points: float


class Audience(Value):
    """Which members see a tender; an empty part narrows nothing."""

    areas: tuple[Tag, ...] = ()
    offering: bool = False
