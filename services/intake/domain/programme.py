"""A programme and its policy in force: adopted in versions, mandated, paused, permanent, closed (S1.5, S2.2, S2.29)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chassis.decider import Decider
from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.intake import (
    MandateEndNear,
    MandateRenewed,
    ProgrammeAdopted,
    ProgrammeClosed,
    ProgrammeMadePermanent,
    ProgrammePaused,
    ProgrammeResumed,
    TermAdded,
)
from contracts.policy import Category, Mandate, Policy
from services.intake.domain.calendar import day_in

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AdoptPolicy:
    """`adopted_on` is the day from which it is in force, in the programme's zone; `today` the day it is entered."""

    programme: str
    policy: Policy
    adopted_by: str
    adopted_on: date
    today: date


@dataclass(frozen=True, slots=True)
class RenewMandate:
    mandate: Mandate
    renewed_by: str


@dataclass(frozen=True, slots=True)
class PauseProgramme:
    now: datetime


@dataclass(frozen=True, slots=True)
class ResumeProgramme:
    now: datetime


@dataclass(frozen=True, slots=True)
class MakePermanent:
    permanent_on: date


@dataclass(frozen=True, slots=True)
class CloseProgramme:
    closed_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class AddCategory:
    """Staff add a kind of request that nobody thought of when the policy was adopted (S1.18)."""

    category: Category
    added_by: str


@dataclass(frozen=True, slots=True)
class WarnOfMandateEnd:
    """The day may have come on which whoever decides has to hear that the mandate ends soon (S1.5)."""

    now: datetime


Command = (
    AdoptPolicy
    | RenewMandate
    | AddCategory
    | WarnOfMandateEnd
    | PauseProgramme
    | ResumeProgramme
    | MakePermanent
    | CloseProgramme
)


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Programme:
    """What other decisions need to know of a programme; they get it whole, as a fact in their command.

    `adopted` is the policy as it was adopted. `policy` is what is in force: with the mandate renewed since, the terms
    added since, and permanent when it was made so. `version` counts adoptions from 1; 0 means there is no such
    programme. `warned_of` is the last day of the mandate of whose end was warned.
    """

    code: str = ""
    version: int = 0
    adopted: Policy | None = None
    in_force: Policy | None = None
    adopted_on: date = date.min
    terms: tuple[TermAdded, ...] = ()
    warned_of: date | None = None
    is_paused: bool = False
    is_closed: bool = False

    @property
    def policy(self) -> Policy:
        """Raises NotFound where no policy was ever adopted."""
        if self.in_force is None:
            raise NotFound()
        return self.in_force

    @property
    def is_permanent(self) -> bool:
        return self.in_force is not None and self.in_force.status == "permanent"

    @property
    def warns_on(self) -> date | None:
        """The day from which the end of the mandate is near; None without a mandate."""
        mandate = self.policy.mandate
        return None if mandate is None else mandate.ends - timedelta(days=self.policy.mandate_warn_days)

    def day(self, instant: datetime) -> date:
        """The day it is where the programme is."""
        return day_in(self.policy.zone, instant)


# refusals -------------------------------------------------------------------------------------------------------------


class StatusIsAStep(Refusal):
    rule, status = "status_is_a_step", 422
    sentence = "A policy is adopted as pilot or permanent. Pausing and closing are steps of their own."
    field = "policy.status"


class AdoptedInFuture(Refusal):
    rule, sentence, status = "adopted_in_future", "A policy is entered when it is in force, not before.", 422
    field = "adopted_on"


class ProgrammeIsPermanent(Refusal):
    rule = "programme_is_permanent"
    sentence = "The programme is permanent and does not become a pilot again. Adopt the policy with status permanent."


class MandateNotLonger(Refusal):
    rule, sentence = "mandate_not_longer", "A renewed mandate lasts longer than the one before."


class CategoryDiffers(Refusal):
    rule = "category_differs"
    sentence = "There is a category by that code already, and it means something else. Choose another code."


class ProgrammeIsClosed(Refusal):
    rule, sentence = "programme_closed", "This programme is closed."


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Programme) -> Sequence[Event]:
    match command:
        case CloseProgramme() | WarnOfMandateEnd() if state.is_closed:
            return []
        case _ if state.is_closed:
            raise ProgrammeIsClosed()
        case AdoptPolicy():
            return _adopt(command, state)
        case _ if state.version == 0:
            raise NotFound()
        case RenewMandate():
            return _renew(command, state)
        case AddCategory():
            return _add_category(command, state)
        case WarnOfMandateEnd(now=now):
            return _warn(now, state)
        case PauseProgramme(now=now):
            return [] if state.is_paused else [ProgrammePaused(programme=state.code, paused_at=now)]
        case ResumeProgramme(now=now):
            return [ProgrammeResumed(programme=state.code, resumed_at=now)] if state.is_paused else []
        case MakePermanent(permanent_on=day):
            return [] if state.is_permanent else [ProgrammeMadePermanent(programme=state.code, permanent_on=day)]
        case CloseProgramme(closed_on=day, reason=reason):
            return [ProgrammeClosed(programme=state.code, closed_on=day, reason=reason)]


def _adopt(command: AdoptPolicy, state: Programme) -> Sequence[Event]:
    if command.policy.status not in ("pilot", "permanent"):
        raise StatusIsAStep()
    if command.adopted_on > command.today:
        raise AdoptedInFuture()
    if command.policy in (state.adopted, state.in_force):
        return []
    if state.is_permanent and command.policy.status == "pilot":
        raise ProgrammeIsPermanent()
    adopted = ProgrammeAdopted(
        programme=command.programme,
        policy=command.policy,
        policy_version=state.version + 1,
        adopted_by=command.adopted_by,
        adopted_on=command.adopted_on,
    )
    named = {category.code for category in command.policy.categories}
    # Said again in the same commit: whoever folds the policy need not remember what was added to the one before.
    return [adopted, *(term for term in state.terms if term.label.code not in named)]


def _renew(command: RenewMandate, state: Programme) -> Sequence[Event]:
    in_force = state.policy.mandate
    if in_force == command.mandate:
        return []
    if in_force is not None and command.mandate.ends <= in_force.ends:
        raise MandateNotLonger()
    return [MandateRenewed(programme=state.code, mandate=command.mandate, renewed_by=command.renewed_by)]


def _add_category(command: AddCategory, state: Programme) -> Sequence[Event]:
    """Raises CategoryDiffers."""
    known = next((one for one in state.policy.categories if one.code == command.category.code), None)
    if known == command.category:
        return []
    if known is not None:
        raise CategoryDiffers()
    return [
        TermAdded(programme=state.code, list="categories", label=command.category, added_by=command.added_by),
    ]


def _warn(now: datetime, state: Programme) -> Sequence[Event]:
    """Once for each last day; whoever hears of it after that day has nothing left to decide in time."""
    mandate, today = state.policy.mandate, state.day(now)
    if mandate is None or state.warns_on is None or mandate.ends == state.warned_of:
        return []
    is_near = state.warns_on <= today <= mandate.ends
    return [MandateEndNear(programme=state.code, ends_on=mandate.ends)] if is_near else []


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Programme, event: Event) -> Programme:
    match event:
        case ProgrammeAdopted():
            return replace(
                state,
                code=event.programme,
                version=event.policy_version,
                adopted=event.policy,
                in_force=event.policy,
                adopted_on=event.adopted_on,
                terms=(),
            )
        case TermAdded(label=category):
            return replace(state, in_force=state.policy.with_category(category), terms=(*state.terms, event))
        case MandateEndNear(ends_on=day):
            return replace(state, warned_of=day)
        case MandateRenewed(mandate=mandate):
            return replace(state, in_force=state.policy.model_copy(update={"mandate": mandate}))
        case ProgrammeMadePermanent():
            return replace(state, in_force=state.policy.model_copy(update={"status": "permanent"}))
        case ProgrammePaused():
            return replace(state, is_paused=True)
        case ProgrammeResumed():
            return replace(state, is_paused=False)
        case ProgrammeClosed():
            return replace(state, is_closed=True)
        case _:
            return state


programme: Decider[Command, Programme] = Decider("programme", Programme(), decide, evolve)
