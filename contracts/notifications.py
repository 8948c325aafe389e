"""What notifications decides and publishes. Stored and published: version with care."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.intake import MessageLanguage, Value
from contracts.sealed import Sealed

Occasion = Literal[
    "request-received",
    "invited",
    "proposed",
    "reminder",
    "meeting-arranged",
    "proposal-dropped",
    "match-made",
    "check-in",
    "review",
    "end-near",
    "match-ended",
    "thank-you",
    "milestone",
    "confidentiality-due",
    "hand-over",
    "lone-visit-overdue",
    "escalated",
    "digest",
    "tender-open",
    "tender-news",
    "chosen",
    "help-not-needed",
    "tender-lapsed",
    "contact-agreed",
    "say-done",
    "mandate-near",
    "called-off",
    "erasure-overdue",
]
TenderNews = Literal["at-once", "digest", "none"]
SuppressionReason = Literal["no-contact", "nobody", "redacted", "paused", "stale", "over", "fristed", "cap"]
HoldReason = Literal["paused", "quiet-hours", "unreachable", "unknown-outcome"]
Medium = Literal["email", "sms"]


class Counts(Value):
    """What waits for a coordinator, by kind; never who."""

    unwell: int = 0
    talks: int = 0
    reviews: int = 0
    answers: int = 0
    hand_overs: int = 0
    offers: int = 0
    lapsed: int = 0

    @property
    def is_empty(self) -> bool:
        return not any(self.model_dump().values())


class Details(Value):
    """What the words of a message need to know beside the person. Dates and numbers only: never a name or a place."""

    answer_by: date | None = None
    meets_at: AwareDatetime | None = None
    ends_on: date | None = None
    until: AwareDatetime | None = None
    number: int | None = None
    counts: Counts | None = None


@event("notifications.message-due", version=1)
class MessageDue(Event):
    """Somebody is to be told of an occasion, once for ever: `message_id` is derived from cause, recipient and occasion.

    Sending is tried from `due_at` on. After `useful_until` the words would only confuse, and nothing is sent (S2.29).
    `about` is the proposal or match it is about: when that is over, nothing is sent either.
    """

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    cause_id: str
    due_at: AwareDatetime
    useful_until: AwareDatetime
    about: str | None = None
    details: Details = Details()


@event("notifications.sending-began", version=1, internal=True)
class SendingBegan(Event):
    """One sender has claimed the attempt: from here until an outcome is noted, the mail may or may not be out."""

    message_id: str
    attempt: int
    began_at: AwareDatetime


@event("notifications.message-held", version=1)
class MessageHeld(Event):
    """Not now: it is tried again at `until`. `attempts` counts those made so far, `rule` is the sender's fixed word."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    reason: HoldReason
    until: AwareDatetime
    attempts: int
    rule: str | None = None


@event("notifications.message-sent", version=1)
class MessageSent(Event):
    """Handed to the sender of a channel, which answered for it.

    `disguised`: it told no more than that there is a message (S2.9).
    """

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    channel: Medium
    disguised: bool = False
    template: str
    language: MessageLanguage
    attempts: int
    sent_at: AwareDatetime


@event("notifications.message-suppressed", version=1)
class MessageSuppressed(Event):
    """Not sent, on purpose; the reason is kept."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    reason: SuppressionReason


@event("notifications.message-failed", version=1)
class MessageFailed(Event):
    """The sender refused it for good, could not be reached while it was useful, or twice gave no answer at all."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    attempts: int
    rule: str


@event("notifications.nudge-counted", version=1, internal=True)
class NudgeCounted(Event):
    """One of the few reminders that a person may get in a week."""

    message_id: str
    counted_at: AwareDatetime


@event("notifications.digest-wanted", version=1)
class DigestWanted(Event):
    """A coordinator wants to hear what waits in a programme: urgent things at once, the rest on working mornings.

    Replaces what was wanted before. `next_at` is the first of those mornings.
    """

    recipient_id: str
    programme: str
    language: MessageLanguage
    email: Sealed[str]
    wanted_at: AwareDatetime
    next_at: AwareDatetime


@event("notifications.digest-looked", version=1)
class DigestLooked(Event):
    """A working morning came, and this waited then; nothing is sent when nothing waits."""

    recipient_id: str
    programme: str
    looked_at: AwareDatetime
    counts: Counts
    next_at: AwareDatetime


@event("notifications.digest-unwanted", version=1)
class DigestUnwanted(Event):
    """The coordinator wants to hear no more of this programme."""

    recipient_id: str
    programme: str
    unwanted_at: AwareDatetime


@event("notifications.tender-news-wanted", version=1)
class TenderNewsWanted(Event):
    """How a member wants to hear that there are tasks to help with; replaces what was wanted before (S1.13)."""

    person_id: str
    programme: str
    how: TenderNews
    wanted_at: AwareDatetime


@event("notifications.person-purged", version=1)
class PersonPurged(Event):
    """The receipt of notifications' read models (S2.3). `messages` are the ids of all they were ever sent."""

    person_id: str
    messages: tuple[str, ...] = ()
    purged_at: AwareDatetime
