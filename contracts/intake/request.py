"""A request, from a wish to its end. Stored and published: version with care."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.intake.values import Option, Wishes
from contracts.sealed import Sealed


@event("intake.referral-received", version=1)
class ReferralReceived(Event):
    """A sender's system asked; its own number is kept under the person's key only to answer it."""

    request_id: str
    person_id: str
    programme: str
    sender: str
    referral_id: Sealed[str]
    received_at: AwareDatetime


@event("intake.request-posted", version=1)
class RequestPosted(Event):
    """A wish that is concrete enough to act on (S1.3). The waiting starts on `needed_since` (S2.4, S2.31).

    `answer_until` is the instant at which `answer_by` is over where the programme is.
    """

    request_id: str
    person_id: str
    programme: str
    origin: Literal["referral", "self", "staff"]
    entered_by: str
    posted_at: AwareDatetime
    needed_since: date
    answer_by: date
    answer_until: AwareDatetime | None = None
    policy_version: int
    what: Sealed[str]
    category: str | None = None
    expected_duration: str | None = None
    latest_date: date | None = None
    wishes: Sealed[Wishes] | None = None


@event("intake.request-declined", version=1)
class RequestDeclined(Event):
    """The rule that said no, and at least two ways that stay open, one of them not municipal (S3.19, S3.40).

    Recorded, since unmet need is counted (S2.31). `gate` is the code of the policy's gate where that is the rule.
    """

    request_id: str
    person_id: str
    programme: str
    rule: str
    gate: str | None = None
    options: tuple[Option, ...]
    declined_at: AwareDatetime


@event("intake.request-taken-up", version=1)
class RequestTakenUp(Event):
    """One owner at all times (S3.3)."""

    request_id: str
    owner: str
    taken_up_at: AwareDatetime


@event("intake.request-parked", version=1)
class RequestParked(Event):
    """The person wants to wait; nobody else may end the wait (S3.17)."""

    request_id: str
    programme: str
    parked_at: AwareDatetime
    remind: bool = False


@event("intake.request-resumed", version=1)
class RequestResumed(Event):
    """The person is ready; the working days for an answer begin anew."""

    request_id: str
    programme: str
    resumed_at: AwareDatetime
    answer_by: date | None = None
    answer_until: AwareDatetime | None = None


@event("intake.request-withdrawn", version=1)
class RequestWithdrawn(Event):
    """By its person, who is asked for no reason (S2.8); or, where `rule` says why, by the programme, since the person
    moved away (S1.24): then with the ways that stay open, as at a decline (S3.40)."""

    request_id: str
    programme: str
    withdrawn_at: AwareDatetime
    rule: str | None = None
    options: tuple[Option, ...] = ()


@event("intake.request-met", version=1)
class RequestMet(Event):
    """The wish is fulfilled, and how; the sender of a referral is told."""

    request_id: str
    programme: str
    how: Literal["at-once", "as-promised", "by-match", "by-task"]
    met_at: AwareDatetime
    match_id: str | None = None


@event("intake.request-amended", version=1)
class RequestAmended(Event):
    """Needs change: these wishes hold from now on; the waiting date is the same (S2.20, S2.31)."""

    request_id: str
    programme: str
    what: Sealed[str] | None = None
    wishes: Sealed[Wishes] | None = None
    latest_date: date | None = None
    amended_at: AwareDatetime


@event("intake.hand-over-asked", version=1)
class HandOverAsked(Event):
    """The owner asks somebody else to take over; until that one says yes, the owner stays (S3.3)."""

    request_id: str
    programme: str
    asked_by: str
    to: str
    asked_at: AwareDatetime
    until: AwareDatetime


@event("intake.hand-over-accepted", version=1)
class HandOverAccepted(Event):
    """There is a new owner, at once (S3.3)."""

    request_id: str
    programme: str
    owner: str
    accepted_at: AwareDatetime


@event("intake.hand-over-bounced", version=1)
class HandOverBounced(Event):
    """Declined, or not answered in time: the owner stays. `bounces` counts them (S3.3)."""

    request_id: str
    programme: str
    to: str
    reason: Literal["declined", "unanswered"]
    bounces: int


@event("intake.request-escalated", version=1)
class RequestEscalated(Event):
    """Passed on too often, or nobody's for too long: somebody with more room must look (S3.3)."""

    request_id: str
    programme: str
    rule: Literal["bounces"]
    escalated_at: AwareDatetime


@event("intake.answer-overdue", version=1)
class AnswerOverdue(Event):
    """The working days for an answer are over and nobody has taken the request up; it keeps its place."""

    request_id: str
    programme: str
    answer_by: date
