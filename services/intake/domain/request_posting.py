"""How a request begins: posted, or declined with the rule and what stays open (S1.3, S2.18, S2.31, S3.19)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import Option, ReferralReceived, RequestDeclined, RequestPosted, Wishes
from contracts.policy import Policy
from contracts.sealed import Sealed
from services.intake.domain.calendar import after_working_days, end_of
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
    """`wording` gives an option's text by its code, in the asker's language; `programme` is as it stands now.

    `support_forms` are those of the sealed wishes, in clear to be looked at and not kept.
    """

    request_id: str
    person_id: str
    programme: Programme
    wish: Wish
    what: Sealed[str]
    entered_by: str
    now: datetime
    wishes: Sealed[Wishes] | None = None
    support_forms: tuple[str, ...] = ()
    needed_since: date | None = None
    referred: Referred | None = None
    wording: Mapping[str, str] = field(default_factory=dict)


# refusals -------------------------------------------------------------------------------------------------------------


class NeededInFuture(Refusal):
    rule, sentence, status = "needed_since_in_future", "Waiting cannot have begun in the future.", 422
    field = "needed_since"


class SupportFormUnknown(Refusal):
    rule, sentence, status = "support_form_unknown", "This programme does not give that kind of support.", 422
    field = "wishes.support_forms"


# decide ---------------------------------------------------------------------------------------------------------------


def post(command: PostRequest) -> Sequence[Event]:
    check_support_forms(command.support_forms, command.programme.policy)
    since = command.needed_since or command.wish.today
    if since > command.wish.today:
        raise NeededInFuture()
    no = verdict(command.wish, command.programme)
    if no is None:
        return [*_received(command), _posted(command, since)]
    if no.is_not_now and command.referred is None:
        raise no
    return [*_received(command), _declined(command, no)]


def check_support_forms(wished: Sequence[str], policy: Policy) -> None:
    """Where a programme names its forms of support, nobody is left to wish for one it never gives (S2.18)."""
    unknown = [form for form in wished if form not in policy.support_forms]
    if policy.support_forms and unknown:
        raise SupportFormUnknown(f"one of: {', '.join(policy.support_forms)}")


def answer_days(programme: Programme, today: date) -> tuple[date, datetime]:
    """The day by which somebody answers, and the instant at which it is over where the programme is."""
    policy = programme.policy
    day = after_working_days(today, policy.answer_days, country=policy.country)
    return day, end_of(day, zone=policy.zone)


def ways(no: Ineligible, wording: Mapping[str, str]) -> tuple[Option, ...]:
    """What stays open, in the words that are given."""
    return tuple(Option(code=code, text=wording.get(code, code.replace("-", " "))) for code in no.options)


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
    wish = command.wish
    answer_by, answer_until = answer_days(command.programme, wish.today)
    return RequestPosted(
        request_id=command.request_id,
        person_id=command.person_id,
        programme=command.programme.code,
        origin=wish.origin,
        entered_by=command.entered_by,
        posted_at=command.now,
        needed_since=since,
        answer_by=answer_by,
        answer_until=answer_until,
        policy_version=command.programme.version,
        what=command.what,
        category=wish.category,
        expected_duration=wish.expected_duration,
        latest_date=wish.latest_date,
        wishes=command.wishes,
    )


def _declined(command: PostRequest, no: Ineligible) -> Event:
    return RequestDeclined(
        request_id=command.request_id,
        person_id=command.person_id,
        programme=command.programme.code,
        rule=no.rule,
        gate=no.gate,
        options=ways(no, command.wording),
        declined_at=command.now,
    )
