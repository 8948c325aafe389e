"""A request: from somebody's wish to its end (S1.3, S2.4, S2.8, S2.31, S3.3, S3.17, S3.19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from chassis.decider import Decider
from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.intake import (
    Option,
    ReferralReceived,
    RequestDeclined,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestResumed,
    RequestTakenUp,
    RequestWithdrawn,
    Wishes,
)
from contracts.sealed import Sealed
from services.intake.domain.calendar import after_working_days
from services.intake.domain.eligibility import Ineligible, Wish, verdict
from services.intake.domain.programme import Programme

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Referred:
    """Which outside system asked; its own number is sealed under the person's key, only to answer it."""

    sender: str
    referral_id: Sealed[str]


@dataclass(frozen=True, slots=True)
class PostRequest:
    """`wording` gives an option's text by its code, in the asker's language; `programme` is as it stands now."""

    request_id: str
    person_id: str
    programme: Programme
    wish: Wish
    what: Sealed[str]
    entered_by: str
    now: datetime
    wishes: Wishes = field(default_factory=Wishes)
    needed_since: date | None = None
    referred: Referred | None = None
    wording: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TakeUpRequest:
    owner: str
    now: datetime


@dataclass(frozen=True, slots=True)
class ParkRequest:
    now: datetime
    remind: bool = False


@dataclass(frozen=True, slots=True)
class ResumeRequest:
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawRequest:
    now: datetime


@dataclass(frozen=True, slots=True)
class MeetRequest:
    how: Literal["at-once", "as-promised", "by-match", "by-task"]
    now: datetime
    match_id: str | None = None


Command = PostRequest | TakeUpRequest | ParkRequest | ResumeRequest | WithdrawRequest | MeetRequest


# state ----------------------------------------------------------------------------------------------------------------


class Status(StrEnum):
    ABSENT = "absent"
    POSTED = "posted"
    TAKEN_UP = "taken-up"
    PARKED = "parked"
    MET = "met"
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"

    @property
    def is_final(self) -> bool:
        return self in (Status.MET, Status.WITHDRAWN, Status.DECLINED)


@dataclass(frozen=True, slots=True)
class Request:
    """`since` is the instant of the status; `rule` and `options` tell why it was declined and what stays open."""

    status: Status = Status.ABSENT
    since: datetime | None = None
    request_id: str = ""
    person_id: str = ""
    programme: str = ""
    owner: str | None = None
    referral_id: Sealed[str] | None = None
    rule: str | None = None
    options: tuple[Option, ...] = ()


# refusals -------------------------------------------------------------------------------------------------------------


class NeededInFuture(Refusal):
    rule, sentence, status = "needed_since_in_future", "Waiting cannot have begun in the future.", 422
    field = "needed_since"


class RequestIsTakenUp(Refusal):
    rule, sentence = "already_taken_up", "Somebody has taken this up. A hand-over needs the other's yes."


class RequestIsParked(Refusal):
    rule, sentence = "request_parked", "The person wants to wait. It goes on when the person is ready."


class RequestIsOver(Refusal):
    rule, sentence = "request_over", "This request has ended."


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Request) -> Sequence[Event]:
    match command:
        case PostRequest():
            return _post(command) if state.status is Status.ABSENT else []
        case _ if state.status is Status.ABSENT:
            raise NotFound()
        case MeetRequest():
            return _meet(command, state)
        case WithdrawRequest() if state.status is Status.WITHDRAWN:
            return []
        case _ if state.status.is_final:
            raise RequestIsOver()
        case WithdrawRequest(now=now):
            return [RequestWithdrawn(request_id=state.request_id, programme=state.programme, withdrawn_at=now)]
        case TakeUpRequest(owner=owner, now=now):
            return _take_up(owner, now, state)
        case ParkRequest() if state.status is Status.PARKED:
            return []
        case ParkRequest(now=now, remind=remind):
            parked = RequestParked(request_id=state.request_id, programme=state.programme, parked_at=now, remind=remind)
            return [parked]
        case ResumeRequest() if state.status is not Status.PARKED:
            return []
        case ResumeRequest(now=now):
            return [RequestResumed(request_id=state.request_id, programme=state.programme, resumed_at=now)]


def _post(command: PostRequest) -> Sequence[Event]:
    since = command.needed_since or command.wish.today
    if since > command.wish.today:
        raise NeededInFuture()
    no = verdict(command.wish, command.programme)
    if no is None:
        return [*_received(command), _posted(command, since)]
    if no.is_not_now and command.referred is None:
        raise no
    return [*_received(command), _declined(command, no)]


def _received(command: PostRequest) -> Sequence[Event]:
    if command.referred is None:
        return []
    return [
        ReferralReceived(
            request_id=command.request_id,
            person_id=command.person_id,
            programme=command.programme.code,
            sender=command.referred.sender,
            referral_id=command.referred.referral_id,
            received_at=command.now,
        )
    ]


def _posted(command: PostRequest, since: date) -> Event:
    policy, wish = command.programme.policy, command.wish
    return RequestPosted(
        request_id=command.request_id,
        person_id=command.person_id,
        programme=command.programme.code,
        origin=wish.origin,
        entered_by=command.entered_by,
        posted_at=command.now,
        needed_since=since,
        answer_by=after_working_days(wish.today, policy.answer_days, country=policy.country),
        policy_version=command.programme.version,
        what=command.what,
        category=wish.category,
        expected_duration=wish.expected_duration,
        latest_date=wish.latest_date,
        wishes=command.wishes,
    )


def _declined(command: PostRequest, no: Ineligible) -> Event:
    options = tuple(Option(code=code, text=command.wording.get(code, code.replace("-", " "))) for code in no.options)
    return RequestDeclined(
        request_id=command.request_id,
        person_id=command.person_id,
        programme=command.programme.code,
        rule=no.rule,
        gate=no.gate,
        options=options,
        declined_at=command.now,
    )


def _take_up(owner: str, now: datetime, state: Request) -> Sequence[Event]:
    if state.status is Status.PARKED:
        raise RequestIsParked()
    if state.owner == owner:
        return []
    if state.owner is not None:
        raise RequestIsTakenUp()
    return [RequestTakenUp(request_id=state.request_id, owner=owner, taken_up_at=now)]


def _meet(command: MeetRequest, state: Request) -> Sequence[Event]:
    """A match that was made stands: it ends a parked request too, whose search it won (domain.md, step 4)."""
    if state.status is Status.MET:
        return []
    if state.status.is_final:
        raise RequestIsOver()
    return [
        RequestMet(
            request_id=state.request_id,
            programme=state.programme,
            how=command.how,
            met_at=command.now,
            match_id=command.match_id,
        )
    ]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Request, event: Event) -> Request:
    match event:
        case ReferralReceived(referral_id=referral_id):
            return replace(state, referral_id=referral_id)
        case RequestPosted():
            return replace(_known(state, event), status=Status.POSTED, since=event.posted_at)
        case RequestDeclined(declined_at=at, rule=rule, options=options):
            return replace(_known(state, event), status=Status.DECLINED, since=at, rule=rule, options=options)
        case RequestTakenUp(owner=owner, taken_up_at=at):
            return replace(state, status=Status.TAKEN_UP, since=at, owner=owner)
        case RequestParked(parked_at=at):
            return replace(state, status=Status.PARKED, since=at)
        case RequestResumed(resumed_at=at):
            return replace(state, status=Status.POSTED if state.owner is None else Status.TAKEN_UP, since=at)
        case RequestWithdrawn(withdrawn_at=at):
            return replace(state, status=Status.WITHDRAWN, since=at)
        case RequestMet(met_at=at):
            return replace(state, status=Status.MET, since=at)
        case _:
            return state


def _known(state: Request, event: RequestPosted | RequestDeclined) -> Request:
    return replace(state, request_id=event.request_id, person_id=event.person_id, programme=event.programme)


request: Decider[Command, Request] = Decider("request", Request(), decide, evolve)
