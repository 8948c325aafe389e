"""What notifications' read models drop for ever when a key is destroyed, and by which ids they find it (S2.3)."""

from collections.abc import Iterable

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.forgetting import Names, forgetting
from chassis.keyring import Keyring
from chassis.projection import Projection
from chassis.purge import purges
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.receipts import Answer
from chassis.refusal import FactsTooOld
from contracts.base import Event
from contracts.envelope import RecordedEvent, derive_id
from contracts.intake import KeyDestroyed
from contracts.notifications import PersonPurged
from contracts.topics import INTAKE, NOTIFICATIONS
from services.notifications.domain.erasure import erasure, purged
from services.notifications.projections.areas import areas
from services.notifications.projections.inbox import inbox
from services.notifications.projections.members import members
from services.notifications.projections.messages import messages
from services.notifications.projections.recipients import recipients
from services.notifications.projections.subscribers import subscribers
from services.notifications.projections.volunteers import helpers


def _person(event: Event) -> Iterable[str]:
    return (event.person_id,) if isinstance(event, KeyDestroyed) else ()


def _in_programmes(event: Event) -> Iterable[str]:
    if not isinstance(event, KeyDestroyed):
        return ()
    return (f"{event.person_id}_{programme}" for programme in event.programmes)


def _digests(event: Event) -> Iterable[str]:
    if not isinstance(event, KeyDestroyed):
        return ()
    return (derive_id("digest", event.person_id, programme) for programme in event.programmes)


def _messages(event: Event) -> Iterable[str]:
    return event.messages if isinstance(event, PersonPurged) else ()


def _forgetting(projection: Projection, found_by: Names) -> Projection:
    return forgetting(projection, topics=(INTAKE,), on=(KeyDestroyed,), names=found_by)


_BY_PERSON = (
    _forgetting(recipients, _person),
    _forgetting(areas, _person),
    _forgetting(members, _in_programmes),
    _forgetting(helpers, _in_programmes),
    _forgetting(subscribers, _digests),
)
FORGETTING = (
    *_BY_PERSON,
    forgetting(messages, topics=(NOTIFICATIONS,), on=(PersonPurged,), names=_messages),
    forgetting(inbox, topics=(NOTIFICATIONS,), on=(PersonPurged,), names=_messages),
)


def purge_people(commands: CommandHandler, reading: ReadModels, keyring: Keyring, clock: Clock) -> Reaction:
    """The receipt names every message they were ever sent, so that the read models of messages find them."""

    async def receipt(cause: RecordedEvent) -> Answer:
        if await reading.facts_as_of(messages) < cause.origin.recorded_at:
            raise FactsTooOld("their messages")
        found = await reading.find(messages, cause.tenant, {"recipient_id": cause.stream.id}, limit=0)
        sent = tuple(sorted(message["message_id"] for message in found))
        return purged(cause.stream.id, clock.now(), messages=sent)

    return purges(
        commands,
        reading,
        keyring,
        projections=_BY_PERSON,
        decider=erasure,
        topic=INTAKE,
        on=KeyDestroyed,
        receipt=receipt,
    )
