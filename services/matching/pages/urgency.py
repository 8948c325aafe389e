"""What is looked at first: somebody may be in danger, then somebody is not well, then what has a date."""

from collections.abc import Iterable, Mapping
from typing import Any

_FIRST = ("visit-overdue", "unwell", "wants-talk", "block", "suspended", "review-due", "end-near")
_DANGER, _WARNING = frozenset({"visit-overdue", "unwell"}), frozenset({"wants-talk", "block", "suspended"})

Match = Mapping[str, Any]


def rank(kind: str) -> int:
    """0 for what is most urgent."""
    return _FIRST.index(kind)


def colour(kind: str) -> str:
    return "danger" if kind in _DANGER else "warning" if kind in _WARNING else "info"


def most_urgent_first(matches: Iterable[Match]) -> list[dict[str, Any]]:
    """With each match's needs in order; of one rank, who has waited longest comes first, and without a need last."""
    ordered = [{**one, "needs": sorted(one["needs"], key=lambda need: rank(need["kind"]))} for one in matches]
    return sorted(ordered, key=_place)


def _place(match: Match) -> tuple[int, str, str]:
    if not match["needs"]:
        return len(_FIRST), match["ends_on"] or "9999", match["starts_on"]
    first = match["needs"][0]
    return rank(first["kind"]), first["since"], match["starts_on"]
