"""What may be asked of a match, and the rules by which it says no."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chassis.refusal import NotFound, Refusal
from contracts.sealed import Sealed
from services.matching.domain.match_rhythm import Rhythm

Side = Literal["requester", "helper"]
Asker = Literal["requester", "helper", "coordinator"]
Held = Literal["suspended", "block"]
PauseReason = Literal["requester", "helper", "coordinator", "suspended", "block"]
EndReason = Literal["length", "requester", "helper", "both", "withdrawn", "block", "erased"]
Form = Literal["met", "out", "call", "message"]
Benefit = Literal["support", "pleasant"]


@dataclass(frozen=True, slots=True)
class MakeMatch:
    """Unconditional: every rule was asked before the search settled."""

    match_id: str
    request_id: str
    programme: str
    requester_id: str
    helper_id: str
    proposal_id: str
    needed_since: date
    starts_on: date
    rhythm: Rhythm
    policy_version: int
    support_forms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EndMatch:
    """Ending early is no failure, and no reason beyond who wished it is kept (S2.8, S2.17)."""

    reason: EndReason
    closing_talk: bool
    now: datetime
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class AmendSupport:
    """`offered` are the support forms of the policy (S2.18, S2.20)."""

    support_forms: tuple[str, ...]
    offered: tuple[str, ...]
    by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class AgreeAccompaniment:
    """When and where are sealed already; `happens_at` is only looked at (S2.19)."""

    accompaniment_id: str
    happens_at: datetime
    when: Sealed[str]
    where: Sealed[str]
    by: str
    now: datetime
    programme_paused: bool


@dataclass(frozen=True, slots=True)
class GiveCheckIn:
    """Form, well or not, a talk wished or not, what it gave; there is no place for words about the other (S2.15)."""

    check_in_id: str
    given_by: Side
    form: Form
    well: bool
    wants_talk: bool
    benefits: tuple[Benefit, ...]
    happened_on: date
    now: datetime
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class BeginVisit:
    """The helper goes alone into somebody's home (S4.13)."""

    visit_id: str
    until: datetime
    now: datetime
    programme_paused: bool


@dataclass(frozen=True, slots=True)
class EndVisit:
    visit_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class MissVisit:
    """`until` has come and nobody has heard from the helper."""

    visit_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ReviewMatch:
    reviewed_by: str
    goes_on: bool
    now: datetime
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class PauseMatch:
    reason: PauseReason
    now: datetime


@dataclass(frozen=True, slots=True)
class ResumeMatch:
    """Each of the two ends their own pause, a coordinator every one that somebody chose."""

    by: Asker
    now: datetime
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class LiftPause:
    """Reinstated, or kept apart by nothing any more: what nobody chose, nobody ends by choice."""

    reason: Held
    now: datetime
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class AskCheckIn:
    now: datetime
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class AskReview:
    now: datetime
    rhythm: Rhythm


@dataclass(frozen=True, slots=True)
class WarnOfEnd:
    now: datetime


@dataclass(frozen=True, slots=True)
class LetGo:
    now: datetime


@dataclass(frozen=True, slots=True)
class ExtendMatch:
    """Always refused: a match never becomes longer than the policy lets it (S2.16)."""


FollowUp = AmendSupport | AgreeAccompaniment | GiveCheckIn | BeginVisit | ReviewMatch | ExtendMatch
Pausing = PauseMatch | ResumeMatch | LiftPause
Due = AskCheckIn | AskReview | WarnOfEnd | LetGo | MissVisit
Command = MakeMatch | EndMatch | EndVisit | FollowUp | Pausing | Due


class MatchNotFound(NotFound):
    rule, sentence = "match_not_found", "There is no match by that id."


class VisitNotFound(NotFound):
    rule, sentence = "visit_not_found", "There is no visit by that id."


class MatchOver(Refusal):
    rule, sentence = "match_over", "This match has ended; both are free. What follows is between the two."


class MatchRests(Refusal):
    rule, sentence = "match_paused", "The match rests. When it goes on, this is possible again."


class NeedsCoordinator(Refusal):
    """Why is not said: one of the two may be in danger from the other (S2.9)."""

    rule, sentence = "needs_coordinator", "A coordinator looks at this match first, and will be in touch."


class MaxLength(Refusal):
    rule = "max_length"
    sentence = "A match never lasts longer than its last day. After that the two are free to go on by themselves."


class NoLastDay(Refusal):
    rule, sentence = "no_last_day", "This match has no last day, so there is nothing to extend."


class VisitUnderWay(Refusal):
    rule, sentence = "visit_under_way", "A visit is under way. End it before another one begins."


class SupportFormUnknown(Refusal):
    rule, sentence, status = "support_form_unknown", "This programme does not offer that support form.", 422
    field = "support_forms"


class CheckInInFuture(Refusal):
    rule, sentence, status = "check_in_in_future", "A check-in is about something that has happened.", 422
    field = "happened_on"


class CheckInBeforeStart(Refusal):
    rule, sentence, status = "check_in_before_start", "A check-in is about something since the match began.", 422
    field = "happened_on"


class AccompanimentInPast(Refusal):
    rule, sentence, status = "accompaniment_in_past", "Company is agreed for a time that lies ahead.", 422
    field = "when"


class VisitTooLong(Refusal):
    rule, sentence, status = "visit_too_long", "A visit ends within 24 hours from now.", 422
    field = "until"
