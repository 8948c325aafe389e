"""What notifications decides and publishes. Stored and published: version with care."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.intake import MessageLanguage, Value

Occasion = Literal["request-received", "meeting-arranged", "proposal-dropped", "match-made"]
SuppressionReason = Literal["no-contact", "redacted", "paused", "stale"]
HoldReason = Literal["paused", "unreachable", "unknown-outcome"]


class Details(Value):
    """What the words of a message need to know beside the person. Dates and instants only: never a name or a place."""

    answer_by: date | None = None
    meets_at: AwareDatetime | None = None
    ends_on: date | None = None


@event("notifications.message-due", version=1)
class MessageDue(Event):
    """Somebody is to be told of an occasion, once for ever: `message_id` is derived from cause, recipient and occasion.

    Sending is tried from `due_at` on. After `useful_until` the words would only confuse, and nothing is sent (S2.29).
    """

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    cause_id: str
    due_at: AwareDatetime
    useful_until: AwareDatetime
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
    """Handed to the sender of a channel, which answered for it."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    channel: Literal["email"]
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
