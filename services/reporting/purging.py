"""What reporting's read models drop for ever when a key is destroyed (S2.3).

What was counted stays counted, so that no figure changes: a fact has a pseudonym that by then leads to nobody (S4.32).
"""

from collections.abc import Iterable

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.forgetting import forgetting
from chassis.keyring import Keyring
from chassis.purge import purges
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.receipts import Answer
from contracts.base import Event
from contracts.envelope import RecordedEvent
from contracts.intake import KeyDestroyed
from contracts.topics import INTAKE
from services.reporting.domain.erasure import erasure, purged
from services.reporting.projections.answers import answers
from services.reporting.projections.told import told


def _person(event: Event) -> Iterable[str]:
    return (event.person_id,) if isinstance(event, KeyDestroyed) else ()


def _answers(event: Event) -> Iterable[str]:
    return event.answers if isinstance(event, KeyDestroyed) else ()


FORGETTING = (
    forgetting(told, topics=(INTAKE,), on=(KeyDestroyed,), names=_person),
    forgetting(answers, topics=(INTAKE,), on=(KeyDestroyed,), names=_answers),
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
