"""Ranking in plain words: why one helper suits, how much, or which rules stand against it.

This is the definition. The kernel does the same for all helpers at once and must give the same numbers; what it found
is explained by these functions, so that a reason is never told by other code than the one that counted it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from contracts.matching import Reason
from services.matching.ranking.criteria import (
    FAIRNESS_FULL_AFTER_DAYS,
    LEVELS,
    Candidate,
    Question,
    rotation,
    salt,
)

SECONDS_A_DAY = 86_400
LIVED_EXPERIENCE = "lived_experience"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A helper's place for one request. `why_not` names every hard rule that stands against it; then no score."""

    helper_id: str
    score: float
    reasons: tuple[Reason, ...]
    why_not: tuple[str, ...] = ()

    def for_the_record(self) -> "Ranked":
        """Without what is told for the ranking alone: events and read models hold nothing of it (S2.13)."""
        score = self.score - sum(reason.points for reason in self.reasons if reason.code == LIVED_EXPERIENCE)
        kept = tuple(reason for reason in self.reasons if reason.code != LIVED_EXPERIENCE)
        return replace(self, score=round(score, 4), reasons=kept)


def explain(candidate: Candidate, question: Question) -> Ranked:
    """Hard rules first, each with its name; then the weighted wishes, in the order the kernel adds them."""
    against = why_not(candidate, question)
    if against:
        return Ranked(candidate.helper_id, 0.0, (), against)
    score, reasons = 0.0, []
    for code, points in _points(candidate, question):
        score += points
        if points > 0:
            reasons.append(_reason(code, points))
    return Ranked(candidate.helper_id, score, tuple(reasons))


@lru_cache(4096)
def _reason(code: str, points: float) -> Reason:
    """The few reasons there are come again and again; making one costs more than counting it."""
    return Reason(code=code, points=round(points, 4))


def why_not(candidate: Candidate, question: Question) -> tuple[str, ...]:
    """The names of the hard rules that stand against this helper for this request (S2.6, S2.27); () when none does."""
    terms = question.terms
    rules = (
        ("same_person", candidate.helper_id == question.requester_id),
        ("not_listed", not candidate.listed),
        ("approval_expired", candidate.until is not None and candidate.until < question.today),
        ("approval_outdated", candidate.policy_version < terms.version),
        ("no_free_slot", candidate.taken >= candidate.capacity),
        ("role_does_not_fit", bool(terms.roles) and not candidate.roles & terms.roles),
        ("category_does_not_fit", not terms.category_fits),
        ("fristed", candidate.in_peace),
        ("requester_fristed", question.requester_in_peace),
        ("gender_not_wished", question.wishes.gender not in (None, candidate.gender)),
        ("proposed_before", candidate.helper_id in question.proposed),
    )
    return tuple(name for name, stands_against in rules if stands_against)


def rank_plainly(candidates: Iterable[Candidate], question: Question, *, limit: int) -> list[Ranked]:
    """The best `limit` candidates, one by one: the same answer as the kernel gives, slowly."""
    request_salt = salt(question.request_id)

    def order(found: tuple[Candidate, Ranked]) -> tuple[float, int, int]:
        candidate, ranked = found
        turn = rotation(salt(candidate.helper_id), request_salt)
        return -ranked.score, int(candidate.free_since.timestamp()), turn

    explained = [
        (candidate, explain(candidate, question))
        for candidate in candidates
        if candidate.helper_id not in question.kept_apart
    ]
    suiting = sorted((found for found in explained if not found[1].why_not), key=order)
    return [ranked for _, ranked in suiting[:limit]]


def _points(candidate: Candidate, question: Question) -> Iterable[tuple[str, float]]:
    weights, wishes = question.terms.weights, question.wishes
    if wishes.languages:
        fit = 0.0
        for wished in wishes.languages:
            fit += level_fit(candidate.languages.get(wished.code, 0), LEVELS[wished.level])
        yield "languages", weights.languages * (fit / len(wishes.languages))
    yield "interests", weights.interests * share(candidate.interests, question.interests)
    if wishes.area is not None:
        yield "area", weights.area * area_fit(candidate.area, wishes.area)
    yield "day_parts", weights.day_parts * share(candidate.day_parts, question.day_parts)
    yield "support_forms", weights.support_forms * share(candidate.support_forms, question.support_forms)
    days = int(question.now.timestamp() - int(candidate.free_since.timestamp())) // SECONDS_A_DAY
    yield "waited_to_be_chosen", weights.fairness * waiting_fit(days)
    if wishes.lived_experience:
        yield LIVED_EXPERIENCE, weights.lived_experience * (candidate.helper_id in question.experienced)


def level_fit(spoken: int, wished: int) -> float:
    """1 when spoken as well as wished or better; a part of it when less well; 0 when not at all (S2.12)."""
    return 1.0 if spoken >= wished else spoken / (wished + 1)


def share(has: frozenset[str], wished: Sequence[str]) -> float:
    """How many of the wished are there, 0 to 1; 0 when nothing was wished."""
    return sum(term in has for term in wished) / len(wished) if wished else 0.0


def area_fit(lives: str | None, wished: str) -> float:
    """1 in the same area; postcodes that begin alike are near: 0.75, 0.5, 0.25 for three, two, one digit (S1.17)."""
    if lives is None:
        return 0.0
    if lives == wished:
        return 1.0
    if not (is_postcode(lives) and is_postcode(wished)):
        return 0.0
    alike = next(place for place in range(4) if lives[place] != wished[place])
    return alike / 4


def is_postcode(area: str) -> bool:
    return len(area) == 4 and area.isascii() and area.isdigit()


def waiting_fit(days: int) -> float:
    """The longer not chosen, the more: 0 to 1 over a year, so that chances are shared (S1.16)."""
    return min(max(days, 0), FAIRNESS_FULL_AFTER_DAYS) / FAIRNESS_FULL_AFTER_DAYS
