"""What ranking looks at, on both sides. Nothing here can hold age, origin or a special-category fact (S3.31, S0.3).

A helper's lived experience is not here either: who told of it, consented, and may be asked for it now is handed in
with the question, opened from under the person's own key (S2.13).
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import blake2b
from typing import get_args

from contracts.intake import Gender, Level, Wishes
from contracts.policy import Weights

LEVELS: Mapping[str, int] = {level: rank for rank, level in enumerate(get_args(Level), 1)}
GENDERS: Mapping[str, int] = {gender: rank for rank, gender in enumerate(get_args(Gender), 1)}

# Beyond a year of not being chosen, waiting counts no more; the order among equals still knows who waited longest.
FAIRNESS_FULL_AFTER_DAYS = 365


@dataclass(frozen=True, slots=True)
class Candidate:
    """One helper in one programme. `languages` maps a code to the rank of its level, 1 (a1) to 7 (native).

    `taken` of its places are held by proposals and matches. `free_since` is the instant it was chosen last, or else
    was listed first. `in_peace`: they wish to be left so for now (S3.30). Words are as `folded` gives them.
    """

    helper_id: str
    listed: bool
    roles: frozenset[str]
    capacity: int
    taken: int
    policy_version: int
    until: date | None
    free_since: datetime
    languages: Mapping[str, int] = field(default_factory=dict)
    interests: frozenset[str] = frozenset()
    support_forms: frozenset[str] = frozenset()
    day_parts: frozenset[str] = frozenset()
    area: str | None = None
    gender: str | None = None
    in_peace: bool = False


@dataclass(frozen=True, slots=True)
class Terms:
    """What the policy in force says: version, known roles, weights, and whether helpers answer this category."""

    version: int
    roles: frozenset[str]
    weights: Weights
    category_fits: bool = True


@dataclass(frozen=True, slots=True)
class Question:
    """Who suits this request now? `today` is the day at the programme's place, `now` an instant in UTC.

    `kept_apart` are helpers who are nobody to this requester: they get no place and no reason (S2.9).
    `proposed` are helpers proposed for it before; `experienced` those whose own word on lived experience may be used.
    """

    request_id: str
    requester_id: str
    wishes: Wishes
    category: str | None
    terms: Terms
    today: date
    now: datetime
    proposed: frozenset[str] = frozenset()
    experienced: Set[str] = frozenset()
    kept_apart: frozenset[str] = frozenset()
    requester_in_peace: bool = False

    interests: tuple[str, ...] = field(init=False)
    """Wished interests, and what the request is about."""
    support_forms: tuple[str, ...] = field(init=False)
    day_parts: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        # Once per question, not once per candidate.
        about = () if self.category is None else (self.category,)
        object.__setattr__(self, "interests", _distinct((*self.wishes.interests, *about)))
        object.__setattr__(self, "support_forms", _distinct(self.wishes.support_forms))
        object.__setattr__(self, "day_parts", _distinct(self.wishes.day_parts))


def _distinct(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(folded, words)))


def folded(term: str) -> str:
    """How a free word is compared: without regard to case and outer space."""
    return term.strip().casefold()


_MASK = (1 << 64) - 1


def salt(text: str) -> int:
    """64 bits that belong to an id and say nothing about its order."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def rotation(helper_salt: int, request_salt: int) -> int:
    """Who comes first among complete equals: another order for every request, always the same for one (splitmix64)."""
    mixed = (helper_salt ^ request_salt) + 0x9E3779B97F4A7C15 & _MASK
    mixed = (mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9 & _MASK
    mixed = (mixed ^ mixed >> 27) * 0x94D049BB133111EB & _MASK
    return mixed ^ mixed >> 31
