"""What a coordinator is shown first, and that nothing is shown twice."""

from datetime import date
from typing import Any

from services.intake.pages.matters import Found, matters

TODAY = date(2026, 11, 27)


def request(request_id: str, **changes: Any) -> dict[str, Any]:
    item: dict[str, Any] = {
        "request_id": request_id,
        "name": None,
        "programme": "walking-friends",
        "status": "posted",
        "since": "2026-11-20T10:00:00Z",
        "waiting_since": "2026-11-20",
        "answer_by": "2026-12-24",
        "latest_date": None,
        "waiting_for": [],
        "hand_over_until": None,
    }
    return item | changes


def volunteer(person: str, **changes: Any) -> dict[str, Any]:
    item: dict[str, Any] = {
        "volunteering_id": person,
        "name": None,
        "programme": "walking-friends",
        "ends_by": None,
        "applied_at": "2026-11-01T10:00:00Z",
        "is_suspended": False,
        "progress": [{"missing": ["talk"]}],
    }
    return item | changes


def told(found: Found) -> list[tuple[str, str]]:
    return [(matter.what, matter.path.rpartition("/")[2]) for matter in matters(found, TODAY)]


def test_safety_comes_first_then_what_was_promised_then_what_waits_then_what_runs_out() -> None:
    found = Found(
        unowned=[
            request("waits"),
            request("waits-longer", waiting_since="2026-10-01"),
            request("soon", answer_by="2026-11-30"),
            request("late", answer_by="2026-11-26", waiting_for=["answer-overdue"]),
        ],
        escalated=[request("passed-on", waiting_for=["escalated"])],
        mine=[
            request("promised", status="taken-up", latest_date="2026-11-29"),
            request("no-haste", status="taken-up", latest_date="2026-12-24"),
            request("rests", status="parked", latest_date="2026-11-29"),
        ],
        gates=[{"person_id": "p1", "name": None, "programme": "p", "met_at": "2026-11-26T10:00:00Z"}],
        asked=[request("asked", hand_over_until="2026-11-28T10:00:00Z")],
        checks=[{"check_id": "c", "suspected_at": "2026-11-27T10:00:00Z"}],
        lapsing=[volunteer("lapses", ends_by="2026-12-01")],
        applied=[volunteer("ready", progress=[{"missing": []}]), volunteer("on-the-way")],
        erasures=[{"person_id": "leaves", "overdue_at": "2026-11-20T10:00:00Z"}],
        programmes={
            "p": {
                "programme": "p",
                "status": "pilot",
                "policy": {"mandate": {"from": "2026-01-01", "to": "2026-12-31"}},
            }
        },
    )

    assert told(found) == [
        ("block-check", "block-checks#check-c"),
        ("erasure-overdue", "leaves"),
        ("escalated", "passed-on"),
        ("hand-over", "asked"),
        ("answer-overdue", "late"),
        ("promise-due", "promised"),
        ("answer-soon", "soon"),
        ("gate", "requests-new?person=p1&programme=p"),
        ("without-owner", "waits-longer"),
        ("without-owner", "waits"),
        ("lapsing", "lapses"),
        ("ready", "ready"),
        ("mandate", "p"),
    ]


def test_what_is_urgent_for_two_reasons_is_told_once_for_the_more_urgent_one() -> None:
    both = request("one", waiting_for=["escalated"], hand_over_until="2026-11-28T10:00:00Z")

    assert told(Found(escalated=[both], asked=[both])) == [("escalated", "one")]


def test_what_waits_for_its_person_or_is_on_hold_waits_for_nobody_here() -> None:
    parked = request("parked", status="parked", answer_by="2026-11-01")
    on_hold = volunteer("on-hold", is_suspended=True, progress=[{"missing": []}])

    assert told(Found(unowned=[parked], applied=[on_hold])) == []
