"""What notifications decides and publishes. Stored and published: version with care."""

from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.intake import MessageLanguage

Occasion = Literal["match-made", "meeting-arranged", "proposal-dropped", "milestone"]


@event("notifications.message-due", version=1, internal=True)
class MessageDue(Event):
    """Somebody is to be told of an occasion, once for ever; sending is tried from now on."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    template: str
    language: MessageLanguage
    due_at: AwareDatetime


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
    sent_at: AwareDatetime


@event("notifications.message-suppressed", version=1)
class MessageSuppressed(Event):
    """Not sent, on purpose; the reason is kept."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    reason: Literal["no-contact", "redacted", "paused", "stale", "left"]


@event("notifications.message-failed", version=1)
class MessageFailed(Event):
    """The sender refused it for good, or could not be reached after `attempts` tries."""

    message_id: str
    recipient_id: str
    programme: str
    occasion: Occasion
    attempts: int
    rule: str
