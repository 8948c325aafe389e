"""A message: one person told of one occasion, once for ever. Pure: clock, contact and programme come in the command.

An attempt is claimed before the sender is called (docs/decisions/0011-claim-before-send.md): a crash in between is seen
afterwards as an attempt without an outcome, which is repeated once and then given up aloud.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Literal, Self, TypedDict

from chassis.decider import Decider
from chassis.refusal import FactsTooOld, NotFound
from contracts.base import Event
from contracts.intake import MessageLanguage
from contracts.notifications import (
    Details,
    HoldReason,
    Medium,
    MessageDue,
    MessageFailed,
    MessageHeld,
    MessageSent,
    MessageSuppressed,
    Occasion,
    SendingBegan,
    SuppressionReason,
)
from services.notifications.domain.occasions import Notice
from services.notifications.domain.reach import Hold, Reach, Suppress, hindrance
from services.notifications.domain.waits import CLAIM, FRESH, is_settled, wait_after

UNKNOWN_OUTCOME = "unknown_outcome"


# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TellOf:
    now: datetime
    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    cause_id: str
    useful_until: datetime
    details: Details
    about: str | None = None

    @classmethod
    def of(cls, notice: Notice, *, message_id: str, cause_id: str, now: datetime) -> Self:
        return cls(
            now=now if notice.not_before is None else max(now, notice.not_before),
            message_id=message_id,
            recipient_id=notice.recipient_id,
            programme=notice.programme,
            occasion=notice.occasion,
            cause_id=cause_id,
            useful_until=notice.useful_until,
            details=notice.details,
            about=notice.about,
        )


@dataclass(frozen=True, slots=True)
class BeginSending:
    """Claims the next attempt. `contact` is what the keyring gave just now, None where nothing would be sent anyway
    (`is_sent_now`) and it was left shut; `facts_as_of` tells how fresh contact and reach are."""

    now: datetime
    contact: Medium | Literal["no-contact", "redacted"] | None
    reach: Reach
    facts_as_of: datetime


@dataclass(frozen=True, slots=True)
class NoteSent:
    now: datetime
    attempt: int
    medium: Medium
    template: str
    language: MessageLanguage
    is_disguised: bool = False


@dataclass(frozen=True, slots=True)
class NoteNotNow:
    """The sender was not reached or asked to be tried later (`rule`): the mail is certainly not out."""

    now: datetime
    attempt: int
    rule: str


@dataclass(frozen=True, slots=True)
class NoteRefused:
    """The sender refused it for good."""

    attempt: int
    rule: str


@dataclass(frozen=True, slots=True)
class NoteUnknown:
    """The connection broke after the mail was handed over and before the sender answered for it."""

    now: datetime
    attempt: int


Command = TellOf | BeginSending | NoteSent | NoteNotNow | NoteRefused | NoteUnknown


# state ----------------------------------------------------------------------------------------------------------------


class Status(Enum):
    ABSENT = auto()
    WAITING = auto()
    SENDING = auto()
    SENT = auto()
    SUPPRESSED = auto()
    FAILED = auto()

    @property
    def is_final(self) -> bool:
        return self in (Status.SENT, Status.SUPPRESSED, Status.FAILED)


@dataclass(frozen=True, slots=True)
class Message:
    """`due` is what it is about; `next_at` the earliest next attempt; `unknown_count` attempts without an outcome."""

    status: Status = Status.ABSENT
    due: MessageDue | None = None
    next_at: datetime | None = None
    began_at: datetime | None = None
    attempts: int = 0
    unknown_count: int = 0


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Message) -> Sequence[Event]:
    """Raises NotFound for a message nobody made, FactsTooOld when the answer would rest on old facts."""
    match command:
        case TellOf():
            return [_due(command)] if state.status is Status.ABSENT else []
        case BeginSending():
            return _begin(command, state, _known(state))
        case NoteSent() | NoteNotNow() | NoteRefused() | NoteUnknown():
            due = _known(state)
            if state.status is not Status.SENDING or command.attempt != state.attempts:
                return []
            return [_outcome(command, state, due)]


def _due(command: TellOf) -> MessageDue:
    return MessageDue(
        message_id=command.message_id,
        recipient_id=command.recipient_id,
        programme=command.programme,
        occasion=command.occasion,
        cause_id=command.cause_id,
        due_at=command.now,
        useful_until=command.useful_until,
        about=command.about,
        details=command.details,
    )


def _known(state: Message) -> MessageDue:
    if state.due is None:
        raise NotFound()
    return state.due


def _begin(command: BeginSending, state: Message, due: MessageDue) -> Sequence[Event]:
    now = command.now
    if state.status.is_final or _is_claimed(state, now) or _is_early(state, now):
        return []
    if state.status is Status.SENDING and state.unknown_count:
        return [_failed(due, state.attempts, UNKNOWN_OUTCOME)]
    if now >= due.useful_until:
        return [_too_late(state, due)]
    # What a person said before the occasion holds for it, whichever of the two was read first (S2.9).
    if command.facts_as_of < max(now - FRESH, due.due_at):
        raise FactsTooOld()
    match hindrance(due, command.reach, now=now):
        case Suppress(reason=reason):
            return [_suppressed(due, reason)]
        case Hold(reason=hold, until=until):
            return [_held(state, due, hold, until=until)]
        case None:
            return _claim(command, state, due)


def _claim(command: BeginSending, state: Message, due: MessageDue) -> Sequence[Event]:
    if command.contact is None or (command.contact == "no-contact" and not is_settled(due.due_at, command.facts_as_of)):
        raise FactsTooOld()
    if command.contact in ("no-contact", "redacted"):
        return [_suppressed(due, command.contact)]
    return [SendingBegan(message_id=due.message_id, attempt=state.attempts + 1, began_at=command.now)]


def _is_claimed(state: Message, now: datetime) -> bool:
    return state.status is Status.SENDING and state.began_at is not None and now < state.began_at + CLAIM


def _is_early(state: Message, now: datetime) -> bool:
    return state.status is Status.WAITING and state.next_at is not None and now < state.next_at


def _too_late(state: Message, due: MessageDue) -> Event:
    if state.status is Status.SENDING or state.unknown_count:
        return _failed(due, state.attempts, UNKNOWN_OUTCOME)
    return _failed(due, state.attempts, "unreachable") if state.attempts else _suppressed(due, "stale")


def _outcome(command: NoteSent | NoteNotNow | NoteRefused | NoteUnknown, state: Message, due: MessageDue) -> Event:
    match command:
        case NoteSent():
            return MessageSent(
                **_of(due),
                channel=command.medium,
                disguised=command.is_disguised,
                template=command.template,
                language=command.language,
                attempts=command.attempt,
                sent_at=command.now,
            )
        case NoteNotNow(now=now, rule=rule):
            return _held(state, due, "unreachable", until=now + wait_after(command.attempt), rule=rule)
        case NoteRefused(rule=rule):
            return _failed(due, command.attempt, rule)
        case NoteUnknown(now=now):
            if state.unknown_count:
                return _failed(due, command.attempt, UNKNOWN_OUTCOME)
            return _held(state, due, "unknown-outcome", until=now + wait_after(command.attempt), rule=UNKNOWN_OUTCOME)


class _Subject(TypedDict):
    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion


def _of(due: MessageDue) -> _Subject:
    return _Subject(
        message_id=due.message_id, recipient_id=due.recipient_id, programme=due.programme, occasion=due.occasion
    )


def _held(state: Message, due: MessageDue, reason: HoldReason, *, until: datetime, rule: str | None = None) -> Event:
    return MessageHeld(**_of(due), reason=reason, until=until, attempts=state.attempts, rule=rule)


def _suppressed(due: MessageDue, reason: SuppressionReason) -> Event:
    return MessageSuppressed(**_of(due), reason=reason)


def _failed(due: MessageDue, attempts: int, rule: str) -> Event:
    return MessageFailed(**_of(due), attempts=attempts, rule=rule)


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Message, event: Event) -> Message:
    match event:
        case MessageDue():
            return replace(state, status=Status.WAITING, due=event, next_at=event.due_at)
        case SendingBegan():
            unknown = state.unknown_count + (state.status is Status.SENDING)
            claimed = replace(state, status=Status.SENDING, began_at=event.began_at)
            return replace(claimed, attempts=event.attempt, unknown_count=unknown)
        case MessageHeld():
            # A claim that a pause finds without an outcome is as unknown as one the sender left open.
            is_unknown = state.status is Status.SENDING and event.reason != "unreachable"
            waiting = replace(state, status=Status.WAITING, next_at=event.until, began_at=None)
            return replace(waiting, unknown_count=state.unknown_count + is_unknown)
        case MessageSent():
            return replace(state, status=Status.SENT)
        case MessageSuppressed():
            return replace(state, status=Status.SUPPRESSED)
        case MessageFailed():
            return replace(state, status=Status.FAILED)
        case _:
            return state


message = Decider("message", Message(), decide, evolve)
