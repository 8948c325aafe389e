"""Who may ask for what, as a list of named rules: the first that says no gives the decline and what stays open.

Pure: the same wish, programme and day give the same verdict (S1.3, S1.5, S1.24, S2.7, S3.19, S3.37, S3.40).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar, Literal

from chassis.refusal import Refusal
from contracts.policy import Category, Gate, Policy
from services.intake.domain.calendar import days_of
from services.intake.domain.programme import Programme
from services.intake.domain.residence import lives_elsewhere

Origin = Literal["referral", "self", "staff"]

CIVIL_SOCIETY = "civil-society"
"""The way that is not municipal; it is among the options of every decline (S3.40)."""


LONGEST_TASK_DAYS = 366
"""A task that takes longer is open-ended help under another name (S1.3)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a verdict needs to know. Nothing of it names the person.

    `age` is in whole years on the day of asking, `today` that day, both in the programme's zone; `resident_until` is
    the last day on which they count as living here, None while no end is known; `gates` are the answers by gate code,
    yes or no without a story.
    """

    origin: Origin
    today: date
    age: int | None = None
    resident_until: date | None = None
    category: str | None = None
    expected_duration: str | None = None
    latest_date: date | None = None
    gates: Mapping[str, bool] = field(default_factory=dict)


class Ineligible(Refusal):
    """A wish this programme cannot take. It is recorded as a decline, since unmet need is counted (S2.31).

    `is_not_now` marks rules about the programme rather than the wish: only a referral, which must be answered, is
    recorded for them; anybody else is told to ask again and leaves no trace.
    """

    is_not_now: ClassVar[bool] = False
    ways: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *, gate: Gate | None = None) -> None:
        first = (gate.otherwise,) if gate is not None else ()
        super().__init__(options=tuple(dict.fromkeys((*first, *self.ways, CIVIL_SOCIETY))))
        self.gate = gate.code if gate is not None else None


class ProgrammeClosedToAll(Ineligible):
    rule, sentence = "programme_closed", "This programme is closed."
    is_not_now, ways = True, ("other-programme",)


class ProgrammeOnPause(Ineligible):
    rule, sentence = "programme_paused", "This programme takes a break and no new requests."
    is_not_now, ways = True, ("ask-later",)


class MandateExpired(Ineligible):
    rule, sentence = "mandate_expired", "The programme may take new requests again when its mandate is renewed."
    is_not_now, ways = True, ("other-programme", "ask-later")


class ReferralNeeded(Ineligible):
    rule, sentence = "referral_needed", "This programme takes requests through somebody who refers."
    ways = ("ask-referrer",)


class UnderMinAge(Ineligible):
    rule, sentence = "min_age", "This programme is for people who are older."
    ways = ("youth-advice",)


class ResidentsOnly(Ineligible):
    rule, sentence = "residents_only", "This programme is for people who live in the municipality."
    ways = ("own-municipality",)


class GateNotConfirmed(Ineligible):
    rule, sentence = "gate_not_confirmed", "It is too early for this programme; something else helps better right now."
    ways = ("ask-later",)


class CategoryUnknown(Ineligible):
    rule, sentence = "category_unknown", "This programme does not help with that kind of task."
    ways = ("other-category",)


class LatestDatePassed(Ineligible):
    rule, sentence = "latest_date_passed", "The last day on which the help would be of use has passed."
    ways = ("make-concrete",)


class NotConcrete(Ineligible):
    rule, sentence = "not_concrete", "Help with a task has a kind, and an end: how long it takes, or the last day."
    ways = ("make-concrete", "open-activities")


class BirthDateNeeded(Refusal):
    rule, sentence = "birth_date_needed", "This programme has an age limit and needs the birth date to check it."


class GateUnanswered(Refusal):
    """Whoever stands before a gate alone learns of the way round it at once (S2.7)."""

    rule, status = "gate_unanswered", 422
    sentence = "Somebody who refers or coordinates has to answer yes or no to what this programme asks first."
    field = "gates"


class GateUnknown(Refusal):
    rule, sentence, status = "gate_unknown", "This programme does not ask that.", 422
    field = "gates"


def verdict(wish: Wish, programme: Programme) -> Ineligible | None:
    """The first rule that says no, or None. Raises where an answer is missing that a rule needs."""
    policy = programme.policy
    _require_answers(wish, policy)
    for says_no in _RULES:
        found = says_no(wish, programme)
        if found is not None:
            return found
    return None


def check_bounded(wish: Wish, programme: Programme) -> None:
    """What holds when a wish is changed: it is still concrete, and of use. Raises the rule that says no (S1.3)."""
    no = _date(wish, programme) or _concrete(wish, programme)
    if no is not None:
        raise no


def _require_answers(wish: Wish, policy: Policy) -> None:
    asked = {gate.code for gate in policy.gates}
    for code in wish.gates:
        if code not in asked:
            raise GateUnknown(code)
    if not all(wish.gates.values()):
        return  # a no needs nobody's word: whoever says it of themselves is shown the other way at once (S2.7)
    answered = set() if wish.origin == "self" else set(wish.gates)
    for gate in policy.gates:
        if gate.code not in answered:
            ways = (gate.otherwise, "ask-referrer")
            raise GateUnanswered(f"{gate.code}, confirmed by {gate.confirmed_by}", options=ways)
    if policy.min_age and wish.age is None:
        raise BirthDateNeeded()


# the rules, in the order in which they are asked ----------------------------------------------------------------------


def _closed(_: Wish, programme: Programme) -> Ineligible | None:
    return ProgrammeClosedToAll() if programme.is_closed else None


def _paused(_: Wish, programme: Programme) -> Ineligible | None:
    return ProgrammeOnPause() if programme.is_paused else None


def _mandate(wish: Wish, programme: Programme) -> Ineligible | None:
    return None if programme.policy.is_mandated(wish.today) else MandateExpired()


def _referral(wish: Wish, programme: Programme) -> Ineligible | None:
    return ReferralNeeded() if programme.policy.referral_needed and wish.origin == "self" else None


def _gates(wish: Wish, programme: Programme) -> Ineligible | None:
    for gate in programme.policy.gates:
        if not wish.gates.get(gate.code, True):
            return GateNotConfirmed(gate=gate)
    return None


def _age(wish: Wish, programme: Programme) -> Ineligible | None:
    return UnderMinAge() if wish.age is not None and wish.age < programme.policy.min_age else None


def _residence(wish: Wish, _: Programme) -> Ineligible | None:
    return ResidentsOnly() if lives_elsewhere(wish.resident_until, wish.today) else None


def _category(wish: Wish, programme: Programme) -> Ineligible | None:
    if wish.category is None or _category_of(wish, programme.policy) is not None:
        return None
    return CategoryUnknown()


def _date(wish: Wish, _: Programme) -> Ineligible | None:
    return LatestDatePassed() if wish.latest_date is not None and wish.latest_date < wish.today else None


def _concrete(wish: Wish, programme: Programme) -> Ineligible | None:
    """A pairing is bounded by the programme's own length and reviews, a task by what the asker says (S1.3, S3.26)."""
    if not programme.policy.categories:
        return None
    category = _category_of(wish, programme.policy)
    if category is not None and category.by == "pairing":
        return None
    return None if category is not None and _has_an_end(wish) else NotConcrete()


def _has_an_end(wish: Wish) -> bool:
    """An end that lies years ahead is none: help every day for ever is said that way too."""
    if wish.expected_duration is not None:
        return days_of(wish.expected_duration) <= LONGEST_TASK_DAYS
    return wish.latest_date is not None and (wish.latest_date - wish.today).days <= LONGEST_TASK_DAYS


_RULES: Sequence[Callable[[Wish, Programme], Ineligible | None]] = (
    _closed,
    _paused,
    _mandate,
    _referral,
    _gates,
    _age,
    _residence,
    _category,
    _date,
    _concrete,
)


def _category_of(wish: Wish, policy: Policy) -> Category | None:
    return next((category for category in policy.categories if category.code == wish.category), None)
