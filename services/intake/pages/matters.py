"""What needs a coordinator, in the order in which it needs them: pure, from what the operations answer."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

Item = Mapping[str, Any]

SOON_DAYS = 3
"""An answer that is due within so many days is told before what only waits."""

LAPSING_DAYS = 30

# Most urgent first: somebody's safety, then what has been promised, then what waits, then what runs out.
_ORDER = (
    "block-check",
    "erasure-overdue",
    "escalated",
    "hand-over",
    "answer-overdue",
    "promise-due",
    "answer-soon",
    "gate",
    "without-owner",
    "lapsing",
    "ready",
    "mandate",
)


@dataclass(frozen=True, slots=True)
class Matter:
    """`what` is one of `_ORDER`; `when` an ISO date or instant: since when, or by when. `path` is where it is done."""

    what: str
    when: str
    path: str
    name: str | None = None
    programme: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Answers of the operations; what the caller may not see is empty."""

    unowned: Sequence[Item] = ()
    escalated: Sequence[Item] = ()
    asked: Sequence[Item] = ()
    checks: Sequence[Item] = ()
    lapsing: Sequence[Item] = ()
    applied: Sequence[Item] = ()
    erasures: Sequence[Item] = ()
    mine: Sequence[Item] = ()
    gates: Sequence[Item] = ()
    programmes: Mapping[str, Item] = field(default_factory=dict, kw_only=True)


def matters(found: Found, today: date) -> list[Matter]:
    """Each thing once, where it is most urgent."""
    told: dict[str, Matter] = {}
    for matter in sorted(_all(found, today), key=lambda one: (_ORDER.index(one.what), one.when)):
        told.setdefault(matter.path if matter.what != "erasure-overdue" else f"{matter.path}/erasure", matter)
    return list(told.values())


def _all(found: Found, today: date) -> Iterator[Matter]:
    for check in found.checks:
        yield Matter("block-check", check["suspected_at"], f"/intake/block-checks#check-{check['check_id']}")
    for erasure in found.erasures:
        yield Matter("erasure-overdue", erasure["overdue_at"], f"/intake/people/{erasure['person_id']}")
    yield from (_request("escalated", item, item["since"]) for item in found.escalated)
    yield from (_request("hand-over", item, item["hand_over_until"]) for item in found.asked)
    yield from _waiting(found.unowned, today)
    yield from _promised(found.mine, today)
    for gate in found.gates:
        path = f"/intake/requests-new?person={gate['person_id']}&programme={gate['programme']}"
        yield Matter("gate", gate["met_at"], path, gate["name"], gate["programme"])
    for item in found.lapsing:
        yield _volunteer("lapsing", item, item["ends_by"])
    for item in found.applied:
        if any(not role["missing"] for role in item["progress"]) and not item["is_suspended"]:
            yield _volunteer("ready", item, item["applied_at"])
    yield from _mandates(found.programmes.values(), today)


def _waiting(unowned: Iterable[Item], today: date) -> Iterator[Matter]:
    """A parked request waits for its person, not for us."""
    for item in unowned:
        if item["status"] == "parked":
            continue
        if "answer-overdue" in item["waiting_for"]:
            yield _request("answer-overdue", item, item["answer_by"])
        elif item["answer_by"] and date.fromisoformat(item["answer_by"]) <= today + timedelta(days=SOON_DAYS):
            yield _request("answer-soon", item, item["answer_by"])
        else:
            yield _request("without-owner", item, item["waiting_since"])


def _promised(mine: Iterable[Item], today: date) -> Iterator[Matter]:
    """What I took on, and is of use until a day that comes near or is over."""
    for item in mine:
        last = item["latest_date"]
        if item["status"] == "taken-up" and last and date.fromisoformat(last) <= today + timedelta(days=SOON_DAYS):
            yield _request("promise-due", item, last)


def _mandates(programmes: Iterable[Item], today: date) -> Iterator[Matter]:
    for one in programmes:
        mandate, warn_days = one["policy"].get("mandate"), one["policy"].get("mandate_warn_days", 90)
        if mandate and one["status"] != "closed" and date.fromisoformat(mandate["to"]) <= today + timedelta(warn_days):
            yield Matter("mandate", mandate["to"], f"/intake/programmes/{one['programme']}", programme=one["programme"])


def _request(what: str, item: Item, when: str) -> Matter:
    path = f"/intake/requests/{item['request_id']}"
    return Matter(what, when, path, item["name"], item["programme"], item["request_id"])


def _volunteer(what: str, item: Item, when: str) -> Matter:
    return Matter(what, when, f"/intake/volunteers/{item['volunteering_id']}", item["name"], item["programme"])
