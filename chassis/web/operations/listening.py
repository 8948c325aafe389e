"""Who listens to whom, as the published contracts say it: a picture to be drawn, and what a table beside it holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import contracts
from contracts.topics import SERVICES

_ASYNCAPI = Path(contracts.__path__[0]) / "published" / "asyncapi"
_WIDTH, _STEP, _BOX_WIDTH, _BOX_HEIGHT, _TOP = 640, 64, 190, 40, 12
_BEND = 110

THEIRS = "theirs"
"""The tenant's own systems: they refer people, and are told what became of it."""


@dataclass(frozen=True, slots=True)
class Telling:
    """`listener` reads these messages of `teller`; each is a service, or THEIRS."""

    teller: str
    listener: str
    messages: Sequence[str]


@dataclass(frozen=True, slots=True)
class Box:
    name: str
    x: int
    y: int

    width, height = _BOX_WIDTH, _BOX_HEIGHT


@dataclass(frozen=True, slots=True)
class Picture:
    """Who tells stands on the left, who listens on the right; `lines` are paths as SVG reads them."""

    boxes: Sequence[Box]
    lines: Sequence[str]

    width = _WIDTH

    @property
    def height(self) -> int:
        return max(box.y for box in self.boxes) + _BOX_HEIGHT + _TOP


@cache
def tellings() -> tuple[Telling, ...]:
    """Of all services, in their order; what a service reads of its own is left out."""
    documents = {name: json.loads((_ASYNCAPI / f"{name}.json").read_text()) for name in SERVICES}
    found = [telling for name, document in documents.items() for telling in _of(name, document)]
    places = {name: place for place, name in enumerate((*SERVICES, THEIRS))}
    return tuple(sorted(found, key=lambda one: (places[one.teller], places[one.listener])))


def picture(told: Sequence[Telling]) -> Picture:
    left = _column([one.teller for one in told], 0)
    right = _column([one.listener for one in told], _WIDTH - _BOX_WIDTH)
    return Picture([*left.values(), *right.values()], [_line(left[one.teller], right[one.listener]) for one in told])


def _of(service: str, document: Mapping[str, Any]) -> list[Telling]:
    """What a service reads of others, and what of it the tenant's own systems read."""
    theirs: dict[bool, list[str]] = {True: [], False: []}
    found = []
    for operation in document["operations"].values():
        channel = operation["channel"]["$ref"].rpartition("/")[2]
        messages = [message["$ref"].rpartition("/")[2] for message in operation["messages"]]
        teller, _, is_of_service = channel.partition(".")
        is_read = operation["action"] == "receive"
        if not is_of_service:
            theirs[is_read] += messages
        elif is_read and teller != service:
            found.append(Telling(teller, service, messages))
    if theirs[True]:
        found.append(Telling(THEIRS, service, theirs[True]))
    if theirs[False]:
        found.append(Telling(service, THEIRS, theirs[False]))
    return found


def _column(names: Sequence[str], x: int) -> dict[str, Box]:
    ordered = [name for name in (*SERVICES, THEIRS) if name in names]
    return {name: Box(name, x, _TOP + place * _STEP) for place, name in enumerate(ordered)}


def _line(teller: Box, listener: Box) -> str:
    x, y = teller.x + _BOX_WIDTH, teller.y + _BOX_HEIGHT // 2
    to_x, to_y = listener.x - 12, listener.y + _BOX_HEIGHT // 2
    return f"M{x} {y} C{x + _BEND} {y} {to_x - _BEND} {to_y} {to_x} {to_y}"
