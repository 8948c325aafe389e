"""What of matching needs a coordinator today, the most urgent first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.matching.pages.urgency import rank

Found = Sequence[Mapping[str, Any]]

# A person who is not well comes before a deadline, a deadline before what can wait some days.
_AFTER = {"deadline": ("suspended", 1), "choose": ("suspended", 2), "lapsed": ("review-due", 1)}


@dataclass(frozen=True, slots=True)
class Line:
    """Something to look at: `kind` says what, `path` leads there, `when` is since when or until when."""

    kind: str
    path: str
    when: str
    requester_id: str | None = None
    helper_id: str | None = None


def today_lines(matches: Found, proposals: Found, *, to_choose: Found, lapsed: Found, until: datetime) -> list[Line]:
    """From what the operations list. Proposals count when their deadline comes before `until`."""
    lines = [
        Line(need["kind"], f"/matching/matches/{one['match_id']}", need["since"], one["requester_id"], one["helper_id"])
        for one in matches
        for need in one["needs"]
    ]
    lines += [
        Line("deadline", _search(one), one["until"], one["person_id"], one["helper_id"])
        for one in proposals
        if datetime.fromisoformat(one["until"]) <= until
    ]
    lines += [Line("choose", _search(one), one["closes_at"]) for one in to_choose]
    lines += [Line("lapsed", _search(one), one["needed_since"], one["person_id"]) for one in lapsed]
    return sorted(lines, key=lambda line: (_place(line.kind), line.when))


def _search(one: Mapping[str, Any]) -> str:
    return f"/matching/searches/{one['request_id']}"


def _place(kind: str) -> tuple[int, int]:
    after, place = _AFTER.get(kind, (kind, 0))
    return rank(after), place
