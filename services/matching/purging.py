"""What matching's read models drop for ever when a key is destroyed, and under which ids they find it (S2.3).

A match stays, with its dates: it is the other's too. What was sealed in it under the destroyed key reads as redacted.
"""

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
from contracts.matching import PersonReleased
from contracts.topics import INTAKE, MATCHING
from services.matching.domain.erasure import erasure, purged
from services.matching.projections.activities import activities
from services.matching.projections.askings import askings
from services.matching.projections.candidates import candidates
from services.matching.projections.chances import chances
from services.matching.projections.exchanges import exchanges
from services.matching.projections.modes import modes
from services.matching.projections.names import names
from services.matching.projections.offers import offers
from services.matching.projections.searches import searches
from services.matching.projections.tenders import tenders


def _person(event: Event) -> Iterable[str]:
    return (event.person_id,) if isinstance(event, KeyDestroyed) else ()


def _requests(event: Event) -> Iterable[str]:
    return event.requests if isinstance(event, KeyDestroyed) else ()


def _chances(event: Event) -> Iterable[str]:
    if not isinstance(event, KeyDestroyed):
        return ()
    return (f"{event.person_id}/{programme}" for programme in event.programmes)


def _offers(event: Event) -> Iterable[str]:
    return event.offer_ids if isinstance(event, PersonReleased) else ()


def _activities(event: Event) -> Iterable[str]:
    return event.activity_ids if isinstance(event, PersonReleased) else ()


def _forgetting(projection: Projection, found_by: Names) -> Projection:
    return forgetting(projection, topics=(INTAKE,), on=(KeyDestroyed,), names=found_by)


FORGETTING = (
    _forgetting(candidates, _person),
    _forgetting(modes, _person),
    _forgetting(names, _person),
    _forgetting(exchanges, _person),
    _forgetting(chances, _chances),
    _forgetting(searches, _requests),
    _forgetting(tenders, _requests),
    _forgetting(askings, _requests),
    forgetting(activities, topics=(MATCHING,), on=(PersonReleased,), names=_activities),
    forgetting(offers, topics=(MATCHING,), on=(PersonReleased,), names=_offers),
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
