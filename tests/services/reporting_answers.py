"""What people answered, counted by hand: slowly, in plain Python, from the events of each person."""

from fractions import Fraction
from statistics import median
from typing import Any

from contracts.intake import AnswersGiven, VoiceRedacted


def loneliness(voices: list[list[Any]], min_cell: int) -> dict[str, Any]:
    """The token of an answer says what was sealed in it: `3+2+3`."""
    starts, laters, changes = 0, 0, []
    for events in voices:
        counting = _counting(events)
        start = [one for one in counting if one.moment == "start"]
        later = [one for one in counting if one.moment == "later"]
        starts, laters = starts + bool(start), laters + bool(later)
        for first in sorted(start, key=lambda one: one.answered_on)[:1]:
            after = [one for one in later if one.answered_on >= first.answered_on]
            after = [one for one in after if one.instrument_version == first.instrument_version]
            changes += [
                (last.answered_on, _points(last) - _points(first), last.person_id)
                for last in sorted(after, key=lambda one: one.answered_on)[-1:]
            ]
    whole = len(changes) // min_cell * min_cell
    compared = [points for _, points, _ in sorted(changes)[:whole]]
    return {
        "answered_start": starts if starts >= min_cell else None,
        "answered_later": laters if laters >= min_cell else None,
        "compared": whole or None,
        "change_mean": round(float(sum(compared) / whole), 1) if whole else None,
        "change_median": round(float(median(compared)), 1) if whole else None,
    }


def _counting(events: list[Any]) -> list[AnswersGiven]:
    """The last word on each answer, unless that was to take it back."""
    last: dict[str, AnswersGiven | VoiceRedacted] = {event.answer_id: event for event in events}
    return [event for event in last.values() if isinstance(event, AnswersGiven)]


def _points(given: AnswersGiven) -> Fraction:
    items = [int(item) for item in given.items.token.split("+")]
    return 100 * (Fraction(sum(items), len(items)) - given.least) / (given.most - given.least)
