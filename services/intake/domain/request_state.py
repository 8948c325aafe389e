"""What is known of a request, folded from its events."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from contracts.base import Event
from contracts.intake import (
    AnswerOverdue,
    HandOverAccepted,
    HandOverAsked,
    HandOverBounced,
    Option,
    ReferralReceived,
    RequestAmended,
    RequestDeclined,
    RequestEscalated,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestResumed,
    RequestTakenUp,
    RequestWithdrawn,
    Wishes,
)
from contracts.sealed import Sealed


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
class HandOver:
    """Asked and not answered yet."""

    to: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """`since` is the instant of the status; `rule` tells why a rule declined or ended it, `options` what stays open.

    `answer_until` is the end of `answer_by` at the programme's place; `declined_by` said no to the last hand-over.
    """

    status: Status = Status.ABSENT
    since: datetime | None = None
    request_id: str = ""
    person_id: str = ""
    programme: str = ""
    owner: str | None = None
    referral_id: Sealed[str] | None = None
    rule: str | None = None
    options: tuple[Option, ...] = ()
    what: Sealed[str] | None = None
    category: str | None = None
    expected_duration: str | None = None
    latest_date: date | None = None
    wishes: Sealed[Wishes] | None = None
    answer_by: date | None = None
    answer_until: datetime | None = None
    is_overdue: bool = False
    hand_over: HandOver | None = None
    declined_by: str | None = None
    bounces: int = 0
    is_escalated: bool = False


def evolve(state: Request, event: Event) -> Request:
    match event:
        case ReferralReceived(referral_id=referral_id):
            return replace(state, referral_id=referral_id)
        case RequestPosted():
            return _posted(state, event)
        case RequestDeclined(declined_at=at, rule=rule, options=options):
            known = replace(state, request_id=event.request_id, person_id=event.person_id, programme=event.programme)
            return replace(known, status=Status.DECLINED, since=at, rule=rule, options=options)
        case RequestAmended(what=what, wishes=wishes, latest_date=latest):
            return replace(state, what=what or state.what, wishes=wishes, latest_date=latest)
        case RequestTakenUp(owner=owner, taken_up_at=at):
            return replace(state, status=Status.TAKEN_UP, since=at, owner=owner)
        case RequestParked(parked_at=at):
            return replace(state, status=Status.PARKED, since=at)
        case RequestResumed(resumed_at=at, answer_by=day, answer_until=until):
            status = Status.POSTED if state.owner is None else Status.TAKEN_UP
            return replace(state, status=status, since=at, answer_by=day, answer_until=until, is_overdue=False)
        case RequestWithdrawn(withdrawn_at=at, rule=rule, options=options):
            ended = replace(state, status=Status.WITHDRAWN, since=at, hand_over=None)
            return replace(ended, rule=rule, options=options)
        case RequestMet(met_at=at):
            return replace(state, status=Status.MET, since=at, hand_over=None)
        case AnswerOverdue():
            return replace(state, is_overdue=True)
        case HandOverAsked(to=to, until=until):
            return replace(state, hand_over=HandOver(to, until), declined_by=None)
        case HandOverAccepted(owner=owner):
            return replace(state, owner=owner, hand_over=None, is_escalated=False)
        case HandOverBounced(to=to, reason=reason, bounces=bounces):
            declined_by = to if reason == "declined" else None
            return replace(state, hand_over=None, declined_by=declined_by, bounces=bounces)
        case RequestEscalated():
            return replace(state, is_escalated=True)
        case _:
            return state


def _posted(state: Request, event: RequestPosted) -> Request:
    return replace(
        state,
        request_id=event.request_id,
        person_id=event.person_id,
        programme=event.programme,
        status=Status.POSTED,
        since=event.posted_at,
        what=event.what,
        category=event.category,
        expected_duration=event.expected_duration,
        latest_date=event.latest_date,
        wishes=event.wishes,
        answer_by=event.answer_by,
        answer_until=event.answer_until,
    )
