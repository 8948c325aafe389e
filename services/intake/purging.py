"""What intake's read models drop for ever when a key is destroyed, and under which ids they find it (S2.3)."""

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
from contracts.base import Event
from contracts.envelope import RecordedEvent
from contracts.intake import KeyDestroyed
from contracts.topics import INTAKE
from services.intake.domain.erasure import erasure, purged
from services.intake.projections.contacts import contacts
from services.intake.projections.persons import persons
from services.intake.projections.requests import requests
from services.intake.projections.volunteerings import volunteerings


def _person(event: Event) -> Iterable[str]:
    return (event.person_id,) if isinstance(event, KeyDestroyed) else ()


def _requests(event: Event) -> Iterable[str]:
    return event.requests if isinstance(event, KeyDestroyed) else ()


def _volunteerings(event: Event) -> Iterable[str]:
    if not isinstance(event, KeyDestroyed):
        return ()
    return (f"{event.person_id}_{programme}" for programme in event.programmes)


def _forgetting(projection: Projection, names: Names) -> Projection:
    return forgetting(projection, topics=(INTAKE,), on=(KeyDestroyed,), names=names)


FORGETTING = (
    _forgetting(persons, _person),
    _forgetting(requests, _requests),
    _forgetting(contacts, _requests),
    _forgetting(volunteerings, _volunteerings),
)


def purge_people(commands: CommandHandler, reading: ReadModels, keyring: Keyring, clock: Clock) -> Reaction:
    async def receipt(cause: RecordedEvent) -> Answer:
        return purged(cause.stream.id, clock.now())

    return purges(
        commands,
        reading,
        keyring,
        projections=FORGETTING,
        decider=erasure,
        topic=INTAKE,
        on=KeyDestroyed,
        receipt=receipt,
    )
