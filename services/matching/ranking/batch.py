"""A suggestion for a whole waiting list: one helper for each request, or nobody, the best for all of them together.

It is the optimum, not nearly so. What is weighed is the sum of the scores, and for every request that is given
somebody as much again as one wish counts, twice that after a year of waiting: where helpers are too few, the fit
decides, then who has waited longer (S2.31). Among equals the order of the candidate list holds, as for one request.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from services.matching.ranking.columns import Columns
from services.matching.ranking.criteria import Question, salt
from services.matching.ranking.explain import waiting_fit
from services.matching.ranking.kernel import Rows, Scores, best

NOBODY = -1
_FIRST_LOOK = 32
_LOOK_FURTHER = 4
# Less than any two scores differ by that people would call different, more than a sum of a thousand scores rounds off.
_PLACE = 1e-9
_IMPOSSIBLE = -1.0


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question whose request needs somebody since a day."""

    question: Question
    needed_since: date

    @property
    def served(self) -> float:
        """What it counts that it is given anybody: more than nothing, so that no score is too small."""
        return 1.0 + waiting_fit((self.question.today - self.needed_since).days)


@dataclass(frozen=True, slots=True)
class Assigned:
    """For each request in the order they were given: the row it is given, or NOBODY, and whether any row suits it."""

    rows: list[int]
    suits: list[bool]


@dataclass(slots=True)
class _Looked:
    """A request with the best rows for it: `limit` of them, or all that suit."""

    waiting: Waiting
    limit: int
    rows: Rows = field(default_factory=lambda: np.empty(0, np.intp))
    scores: Scores = field(default_factory=lambda: np.empty(0))

    def look(self, table: Columns, *, limit: int) -> None:
        found = best(table, self.waiting.question, limit=limit)
        self.limit, self.rows, self.scores = limit, found.rows, found.scores

    def lacks_a_way_out(self, used_up: NDArray[np.bool_]) -> bool:
        """Everybody it looked at is used up, and there are others: one of them could be worth more to the whole."""
        return len(self.rows) == self.limit and bool(used_up[self.rows].all())


def assign(table: Columns, waiting: Sequence[Waiting]) -> Assigned:
    """The best helper for each of them together; the same for any order of requests and rows.

    Only the best few rows of each request are looked at first. A row that nobody is given has no price, so who has
    such a row among its best could gain nothing from one further down; who has none looks further, at most at one row
    more than there are requests, for these cannot all be used up.
    """
    order = sorted(range(len(waiting)), key=lambda place: salt(waiting[place].question.request_id))
    looked = [_Looked(waiting[place], 0) for place in order]
    for one in looked:
        one.look(table, limit=_FIRST_LOOK)
    free = np.maximum(table.column("capacity") - table.column("taken"), 0)
    while True:
        given = _solve(looked, free, turn=table.column("salt"))
        used_up = np.bincount(given[given != NOBODY], minlength=len(table)) >= free
        further = [one for one in looked if one.lacks_a_way_out(used_up)]
        if not further:
            break
        for one in further:
            one.look(table, limit=min(_LOOK_FURTHER * one.limit, len(looked) + 1))
    rows, suits = [NOBODY] * len(waiting), [False] * len(waiting)
    for place, one, row in zip(order, looked, given.tolist(), strict=True):
        rows[place], suits[place] = row, len(one.rows) > 0
    return Assigned(rows, suits)


def _solve(looked: Sequence[_Looked], free: NDArray[np.int32], *, turn: NDArray[np.uint64]) -> Rows:
    """The optimum among the rows they looked at; a row stands there once for each of its free places."""
    from scipy.optimize import linear_sum_assignment  # heavy: only where batches are solved

    if not looked:
        return np.empty(0, np.intp)
    rows, wanted = np.unique(np.concatenate([one.rows for one in looked]), return_counts=True)
    by_turn = np.argsort(turn[rows])
    rows, wanted = rows[by_turn], wanted[by_turn]
    slots = np.repeat(np.arange(len(rows)), np.minimum(free[rows], wanted))
    column_of = np.full(len(free), NOBODY)
    column_of[rows] = np.arange(len(rows))
    worth = np.full((len(looked), len(rows)), _IMPOSSIBLE)
    for number, one in enumerate(looked):
        worth[number, column_of[one.rows]] = one.waiting.served + one.scores - _PLACE * np.arange(len(one.rows))
    # As many times nobody as there are requests; nobody is worth nothing.
    offered = np.concatenate((worth[:, slots], np.zeros((len(looked), len(looked)))), axis=1)
    _, chosen = linear_sum_assignment(offered, maximize=True)
    given = np.full(len(looked), NOBODY)
    somebody = chosen < len(slots)
    given[somebody] = rows[slots[chosen[somebody]]]
    return given
