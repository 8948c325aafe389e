"""What a volunteer shows on the way to approval, and the guidance after it (S2.21-S2.26).

It counts although nobody applied (S4.23), and stays whoever lapsed or left.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import CertificateShown, ConfidentialitySigned, GuidanceGiven, InterviewHeld, TrainingAttended
from contracts.sealed import Sealed
from services.intake.domain.programme import Programme
from services.intake.domain.requirements import Shown, newest_texts

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class AttendTraining:
    """`hours` are those attended, never those booked."""

    person_id: str
    programme: Programme
    session: str
    hours: float
    attended_on: date
    now: datetime
    modules: tuple[str, ...] = ()
    resident_until: date | None = None


@dataclass(frozen=True, slots=True)
class SignConfidentiality:
    person_id: str
    programme: Programme
    text_version: str
    signed_on: date
    now: datetime
    resident_until: date | None = None


@dataclass(frozen=True, slots=True)
class ShowCertificate:
    person_id: str
    programme: Programme
    kind: str
    purpose: Sealed[str]
    seen_by: str
    seen_on: date
    now: datetime
    valid_until: date | None = None
    resident_until: date | None = None


@dataclass(frozen=True, slots=True)
class HoldInterview:
    person_id: str
    programme: Programme
    held_by: str
    held_on: date
    outcome: Literal["suitable", "not-now", "not-suitable"]
    now: datetime
    resident_until: date | None = None


@dataclass(frozen=True, slots=True)
class ReceiveGuidance:
    """`hours` of guidance, or of a talk after a heavy meeting; what was said is kept nowhere."""

    person_id: str
    programme: Programme
    session: str
    hours: float
    given_by: str
    given_on: date
    now: datetime


Showing = AttendTraining | SignConfidentiality | ShowCertificate | HoldInterview


# refusals -------------------------------------------------------------------------------------------------------------


class NotHappenedYet(Refusal):
    rule, sentence, status = "not_happened_yet", "Only what has happened counts; this day lies in the future.", 422


class TextNotInForce(Refusal):
    rule, sentence = "text_not_in_force", "This is not the confidentiality text in force. Sign the newest one."


class CertificateNotAsked(Refusal):
    rule, sentence = (
        "certificate_not_asked",
        "No role of this programme asks for such a certificate; do not look at it.",
    )


class CertificateExpired(Refusal):
    rule, sentence = "certificate_expired", "The certificate was no longer valid on the day it was seen."


# decide ---------------------------------------------------------------------------------------------------------------


def show(command: Showing, shown: Shown) -> list[Event]:
    happened, already = _happening(command, shown)
    if _day_of(command) > command.programme.day(command.now):
        raise NotHappenedYet()
    return [] if happened == already else [happened]


def receive_guidance(command: ReceiveGuidance, known: GuidanceGiven | None) -> list[Event]:
    """A later word about the same session replaces it, as with training; who wrote it down is no change (S2.21)."""
    if command.given_on > command.programme.day(command.now):
        raise NotHappenedYet()
    if known is not None and (known.hours, known.given_on) == (command.hours, command.given_on):
        return []
    return [
        GuidanceGiven(
            person_id=command.person_id,
            programme=command.programme.code,
            session=command.session,
            hours=command.hours,
            given_by=command.given_by,
            given_on=command.given_on,
        )
    ]


def _happening(command: Showing, shown: Shown) -> tuple[Event, Event | None]:
    """The event that the command asks for, and what stands in its place now."""
    whose = {"person_id": command.person_id, "programme": command.programme.code}
    policy = command.programme.policy
    match command:
        case AttendTraining(session=session, hours=hours, modules=modules, attended_on=day):
            event: Event = TrainingAttended(**whose, session=session, hours=hours, modules=modules, attended_on=day)
            return event, shown.sessions.get(session)
        case SignConfidentiality(text_version=text_version, signed_on=day):
            if text_version not in newest_texts(policy):
                raise TextNotInForce()
            event = ConfidentialitySigned(**whose, text_version=text_version, signed_on=day)
            return event, event if text_version in shown.signed else None
        case ShowCertificate(kind=kind, seen_on=day, valid_until=until):
            if kind not in {needs.certificate for needs in policy.roles.values()}:
                raise CertificateNotAsked()
            if until is not None and until < day:
                raise CertificateExpired()
            event = CertificateShown(
                **whose, kind=kind, purpose=command.purpose, seen_by=command.seen_by, seen_on=day, valid_until=until
            )
            return event, shown.certificates.get(kind)
        case HoldInterview(held_by=held_by, held_on=day, outcome=outcome):
            return InterviewHeld(**whose, held_by=held_by, held_on=day, outcome=outcome), shown.interview


def _day_of(command: Showing) -> date:
    match command:
        case AttendTraining(attended_on=day):
            return day
        case SignConfidentiality(signed_on=day):
            return day
        case ShowCertificate(seen_on=day):
            return day
        case HoldInterview(held_on=day):
            return day
