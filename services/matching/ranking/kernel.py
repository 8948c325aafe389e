"""The numpy kernel: hard rules, weighted wishes and order for every row of a table at once.

It adds the same numbers in the same order as `explain.explain` does for one helper, so the scores are equal to the bit.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.matching.ranking.columns import Columns
from services.matching.ranking.criteria import FAIRNESS_FULL_AFTER_DAYS, GENDERS, LEVELS, Question, salt
from services.matching.ranking.explain import SECONDS_A_DAY, is_postcode, level_fit

Scores = NDArray[np.float64]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Found:
    """`rows` of the table, best first, and the score of each."""

    rows: Rows
    scores: Scores


def best(table: Columns, question: Question, *, limit: int) -> Found:
    """The best `limit` rows against which no hard rule stands."""
    rows = np.flatnonzero(_suits(table, question))
    scores = _scores(table, question)[rows]
    if len(rows) > limit:
        # Everybody who ties with the last place stays in until the order among equals has been asked.
        least = np.partition(scores, len(scores) - limit)[len(scores) - limit]
        kept = scores >= least
        rows, scores = rows[kept], scores[kept]
    turns = _rotations(table.column("salt")[rows], salt(question.request_id))
    order = np.lexsort((turns, table.column("free_since")[rows], -scores))[:limit]
    return Found(rows[order], scores[order])


def against(table: Columns, question: Question, *, limit: int) -> Rows:
    """`limit` rows against which a hard rule stands, those first who are ready to help, by how long they are free.

    Who asks is none of them, and who is kept apart is nobody.
    """
    asked_about = ~_suits(table, question)
    _leave_out(table, asked_about, {question.requester_id, *question.kept_apart})
    rows = np.flatnonzero(asked_about)
    return rows[np.lexsort((table.column("free_since")[rows], ~table.column("listed")[rows]))[:limit]]


def _suits(table: Columns, question: Question) -> NDArray[np.bool_]:
    terms = question.terms
    if not terms.category_fits or question.requester_in_peace:
        return np.zeros(len(table), np.bool_)
    suits: NDArray[np.bool_] = table.column("listed").copy()
    suits &= table.column("taken") < table.column("capacity")
    suits &= table.column("until") >= question.today.toordinal()
    suits &= table.column("policy_version") >= terms.version
    suits &= ~table.column("in_peace")
    if question.wishes.gender is not None:
        suits &= table.column("gender") == GENDERS[question.wishes.gender]
    if terms.roles:
        suits &= _count(table, "role", terms.roles) > 0
    _leave_out(table, suits, {question.requester_id, *question.proposed, *question.kept_apart})
    return suits


def _leave_out(table: Columns, rows: NDArray[np.bool_], helper_ids: Iterable[str]) -> None:
    for helper_id in helper_ids:
        row = table.row_of(helper_id)
        if row is not None:
            rows[row] = False


def _scores(table: Columns, question: Question) -> Scores:
    weights, wishes = question.terms.weights, question.wishes
    scores = np.zeros(len(table))
    if wishes.languages:
        scores += weights.languages * _language_fit(table, question)
    _add_share(scores, table, "interest", wished=question.interests, weight=weights.interests)
    if wishes.area is not None:
        scores += weights.area * _area_fit(table, wishes.area)
    _add_share(scores, table, "day_part", wished=question.day_parts, weight=weights.day_parts)
    _add_share(scores, table, "support_form", wished=question.support_forms, weight=weights.support_forms)
    waited = int(question.now.timestamp()) - table.column("free_since")
    days = np.clip(waited // SECONDS_A_DAY, 0, FAIRNESS_FULL_AFTER_DAYS)
    scores += weights.fairness * (days / FAIRNESS_FULL_AFTER_DAYS)
    if wishes.lived_experience:
        rows = [row for helper_id in question.experienced if (row := table.row_of(helper_id)) is not None]
        scores[rows] += weights.lived_experience
    return scores


def _language_fit(table: Columns, question: Question) -> Scores:
    wished = question.wishes.languages
    fit = np.zeros(len(table))
    for language in wished:
        spoken = table.levels(language.code)
        if spoken is not None:
            by_level = np.array([level_fit(level, LEVELS[language.level]) for level in range(len(LEVELS) + 1)])
            fit += by_level[spoken]
    fit /= len(wished)
    return fit


def _add_share(scores: Scores, table: Columns, kind: str, *, wished: tuple[str, ...], weight: float) -> None:
    if wished:
        by_count = np.array([weight * (count / len(wished)) for count in range(len(wished) + 1)])
        scores += by_count[_count(table, kind, wished)]


def _count(table: Columns, kind: str, words: tuple[str, ...] | frozenset[str]) -> NDArray[np.uint16]:
    count = np.zeros(len(table), np.uint16)
    for word in words:
        has = table.has(kind, word)
        if has is not None:
            count += has
    return count


def _area_fit(table: Columns, wished: str) -> Scores:
    lives, code = table.column("area"), table.area_code(wished)
    if not is_postcode(wished):
        return np.where(lives == code, 1.0, 0.0)
    fit = np.zeros(len(table))
    postcodes = (lives >= 0) & (lives <= 9_999)
    for digits, worth in ((1_000, 0.25), (100, 0.5), (10, 0.75), (1, 1.0)):
        fit[postcodes & (lives // digits == code // digits)] = worth
    return fit


def _rotations(salts: NDArray[np.uint64], request_salt: int) -> NDArray[np.uint64]:
    # The same splitmix64 as criteria.rotation; uint64 arrays wrap around silently, which is what it wants.
    mixed = (salts ^ np.uint64(request_salt)) + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))
