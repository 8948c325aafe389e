"""Who a message is for, and the message as it goes out."""

from dataclasses import dataclass
from datetime import datetime

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.notifications import Medium, MessageDue
from services.notifications.domain.quiet import quiet_until
from services.notifications.domain.reach import Reach
from services.notifications.projections.affairs import affairs
from services.notifications.projections.programmes import Programme, programmes
from services.notifications.projections.recipients import Recipient, recipient_of, recipients
from services.notifications.rendering import values_of
from services.notifications.senders.port import Mail

FACTS: tuple[Projection, ...] = (recipients, programmes, affairs)
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


async def reached(reading: ReadModels, tenant: str, recipient_id: str) -> Recipient:
    """Somebody unknown is a recipient without an address."""
    return await recipient_of(reading, tenant, recipient_id) or Recipient()
