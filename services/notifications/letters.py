"""Who a message is for, and the message as it goes out."""

from dataclasses import dataclass
from datetime import datetime

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.notifications import Medium, MessageDue
from services.notifications.domain.quiet import quiet_until
from services.notifications.domain.reach import STAFF, Reach
from services.notifications.projections.affairs import affairs
from services.notifications.projections.programmes import Programme, programmes
from services.notifications.projections.recipients import Recipient, recipient_of, recipients
from services.notifications.projections.subscribers import subscribers, subscriptions_of
from services.notifications.projections.tenders import tenders
from services.notifications.rendering import values_of
from services.notifications.senders.port import Mail

FACTS: tuple[Projection, ...] = (recipients, subscribers, programmes, affairs, tenders)
"""What a message rests upon when it is sent."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A message with its words and its way."""

    medium: Medium
    template: str
    mail: Mail


@dataclass(frozen=True, slots=True)
class Addressee:
    """What is known of the person, the programme and the occasion."""

    recipient: Recipient
    programme: Programme
    is_over: bool

    def reach(self, due: MessageDue, now: datetime) -> Reach:
        recipient = self.recipient
        return Reach(
            is_paused=self.programme.is_paused,
            is_over=self.is_over,
            wants_nothing=recipient.medium is None,
            mode=recipient.mode,
            quiet_until=quiet_until(
                now, quiet_from=recipient.quiet_from, quiet_to=recipient.quiet_until, zone=self.programme.zone
            ),
        )

    def values(self, due: MessageDue, name: str | None) -> dict[str, str | None]:
        """What the words are filled with."""
        language = self.recipient.language
        values = values_of(due.details, language=language, zone=self.programme.zone)
        return {**values, "name": name, "programme": self.programme.called(language) or due.programme}


async def reached(reading: ReadModels, tenant: str, due: MessageDue) -> Recipient:
    """A coordinator is reached where they want to be at work, everybody as they agreed; an unknown one nowhere."""
    if due.occasion in STAFF:
        for wanted in await subscriptions_of(reading, tenant, due.recipient_id):
            if due.programme == wanted.programme:
                return Recipient(email=wanted.email, language=wanted.language)
    return await recipient_of(reading, tenant, due.recipient_id) or Recipient()
