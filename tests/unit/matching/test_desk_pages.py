"""What the coordinators' pages work out themselves: a match's line, and what is looked at first."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.matching.pages.match_line import WIDTH, Mark, Rest, line_of
from services.matching.pages.today import today_lines
from services.matching.pages.urgency import most_urgent_first

MATCH: dict[str, Any] = {
    "match_id": "m",
    "starts_on": "2026-01-01",
    "ends_on": "2027-01-01",
    "ended": None,
    "check_ins": [],
    "reviews": [],
    "rests": [],
    "review_at": None,
    "needs": [],
}


@pytest.mark.requirement("S2.16")
def test_a_line_goes_from_the_first_to_the_last_day_with_today_on_it() -> None:
    line = line_of(MATCH, date(2026, 7, 2))
    assert [(mark.kind, mark.x) for mark in line.marks] == [("start", 0), ("now", 499), ("last-day", WIDTH)]
    assert line.walked == 499


def test_what_happened_stands_on_its_day() -> None:
    well = {"happened_on": "2026-02-01", "well": True}
    unwell = {"happened_on": "2026-03-01", "well": False}
    review = {"reviewed_on": "2026-04-01", "goes_on": True}
    match = {**MATCH, "check_ins": [well, unwell], "reviews": [review], "review_at": "2026-07-01T10:00:00+00:00"}
    marks = line_of(match, date(2026, 4, 2)).marks
    kinds = ["start", "check-in", "unwell", "review", "now", "review-next", "last-day"]
    assert [mark.kind for mark in marks] == kinds
    assert [mark.x for mark in marks] == sorted(mark.x for mark in marks)


@pytest.mark.requirement("S3.30")
def test_a_rest_reaches_until_they_went_on_or_until_now() -> None:
    over = {"began_at": "2026-03-01T12:00:00+00:00", "ended_at": "2026-04-01T12:00:00+00:00"}
    still = {"began_at": "2026-06-01T12:00:00+00:00", "ended_at": None}
    first, second = line_of({**MATCH, "rests": [over, still]}, date(2026, 7, 2)).rests
    assert (first.since, first.until) == (date(2026, 3, 1), date(2026, 4, 1))
    assert second == Rest(date(2026, 6, 1), None, x=414, width=85)


def test_a_match_that_ended_early_ends_there_and_nothing_comes_after() -> None:
    ended = {"reason": "both", "closing_talk": True, "ended_on": "2026-03-01"}
    line = line_of({**MATCH, "ended": ended, "review_at": "2026-04-01T10:00:00+00:00"}, date(2026, 7, 2))
    assert line.marks[-1] == Mark("ended", date(2026, 3, 1), 162)
    assert line.walked == 162


def test_a_match_without_a_last_day_has_a_line_that_reaches_today() -> None:
    line = line_of({**MATCH, "ends_on": None}, date(2028, 1, 1))
    assert line.walked == WIDTH


def need(kind: str, since: str = "2026-05-01T10:00:00Z") -> dict[str, str]:
    return {"kind": kind, "since": since}


def match(name: str, *needs: dict[str, str]) -> dict[str, Any]:
    return {**MATCH, "match_id": name, "requester_id": f"p-{name}", "helper_id": f"v-{name}", "needs": [*needs]}


def test_who_may_be_in_danger_comes_first_and_who_needs_nobody_last() -> None:
    matches = [
        match("calm"),
        match("ends", need("end-near")),
        match("later", need("unwell", "2026-05-02T10:00:00Z")),
        match("first", need("review-due"), need("visit-overdue")),
        match("sooner", need("unwell")),
    ]
    assert [one["match_id"] for one in most_urgent_first(matches)] == ["first", "sooner", "later", "ends", "calm"]
    assert [one["kind"] for one in most_urgent_first(matches)[0]["needs"]] == ["visit-overdue", "review-due"]


def test_today_puts_people_before_deadlines_and_deadlines_before_what_can_wait() -> None:
    proposals = [
        {"request_id": "soon", "until": "2026-06-03T10:00:00Z", "person_id": "p", "helper_id": "v"},
        {"request_id": "far", "until": "2026-07-03T10:00:00Z", "person_id": "p", "helper_id": "v"},
    ]
    lines = today_lines(
        [match("m", need("review-due"), need("unwell"))],
        proposals,
        to_choose=[{"request_id": "t", "closes_at": "2026-06-02T10:00:00Z"}],
        lapsed=[{"request_id": "l", "needed_since": "2026-01-01", "person_id": "p"}],
        until=datetime(2026, 6, 8, tzinfo=UTC),
    )
    assert [(line.kind, line.path) for line in lines] == [
        ("unwell", "/matching/matches/m"),
        ("deadline", "/matching/searches/soon"),
        ("choose", "/matching/searches/t"),
        ("review-due", "/matching/matches/m"),
        ("lapsed", "/matching/searches/l"),
    ]
