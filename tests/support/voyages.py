"""Long histories for benches: boats that moor and moor again, as a topic has them after a while."""

import random
from collections.abc import Iterator

from aiokafka import AIOKafkaProducer

from chassis.projection import IndexSpec, Projection
from contracts.base import Event, JsonObject, event
from contracts.envelope import RecordedEvent, StreamId
from contracts.sealed import Sealed
from tests.support.consuming import Sent, sent

EVENTS_PER_STREAM = 4
# So many streams are on their way at the same time.
_UNDER_WAY = 400


@event("harbour.voyage-logged", version=1)
class VoyageLogged(Event):
    """What a plain event of a service looks like: a dozen fields."""

    harbour: str
    berth: int
    cargo: tuple[str, ...]
    captain: str
    note: str
    crew_count: int
    from_harbour: str
    is_loaded: bool


@event("harbour.voyage-sealed", version=1)
class VoyageSealed(Event):
    """The same with its two personal fields sealed."""

    harbour: str
    berth: int
    cargo: tuple[str, ...]
    captain: Sealed[str]
    note: Sealed[str]
    crew_count: int
    from_harbour: str
    is_loaded: bool


def plain(number: int) -> Event:
    return VoyageLogged(
        harbour="west",
        berth=number % 90,
        cargo=("timber", "salt"),
        captain="captain " * 5,
        note="a note of some length " * 5,
        crew_count=number % 12,
        from_harbour="east",
        is_loaded=number % 2 == 0,
    )


def sealed(number: int) -> Event:
    fields = plain(number).model_dump() | {
        "captain": Sealed("person-1", "k" * 90),
        "note": Sealed("person-1", "n" * 190),
    }
    return VoyageSealed.model_validate(fields)


def history(count: int, *, is_sealed: bool = False) -> Iterator[Sent]:
    """So many events; streams overlap, each in order."""
    dice = random.Random(7)  # noqa: S311 (the same history every time)
    make = sealed if is_sealed else plain
    under_way: list[tuple[StreamId, int]] = []
    started = 0
    for number in range(count):
        if len(under_way) < min(_UNDER_WAY, count // EVENTS_PER_STREAM):
            under_way.append((StreamId("fjord", "voyage", f"voyage-{started}"), 1))
            started += 1
        index = dice.randrange(len(under_way))
        stream, position = under_way[index]
        yield sent(stream, position, make(number))
        if position == EVENTS_PER_STREAM:
            under_way[index] = under_way[-1]
            under_way.pop()
        else:
            under_way[index] = (stream, position + 1)


async def fill(kafka: str, topic: str, records: Iterator[Sent]) -> None:
    """Send them all."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, acks=1, linger_ms=20, max_batch_size=256 * 1024)
    await producer.start()
    try:
        for record in records:
            await producer.send(topic, record.value, key=record.key, headers=list(record.headers))
        await producer.flush()
    finally:
        await producer.stop()


def voyages(topic: str) -> Projection:
    """Where is each voyage?"""

    def fold(document: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
        happened = recorded.event
        assert isinstance(happened, VoyageLogged | VoyageSealed)
        moored = 1 if document is None else document["moored"] + 1
        return {
            "harbour": happened.harbour,
            "berth": happened.berth,
            "cargo": list(happened.cargo),
            "crew_count": happened.crew_count,
            "is_loaded": happened.is_loaded,
            "captain": happened.captain.token if isinstance(happened.captain, Sealed) else happened.captain,
            "moored": moored,
        }

    return Projection(
        name="voyages",
        version=1,
        topics=(topic,),
        handles=(VoyageLogged, VoyageSealed),
        keys=lambda recorded: (f"{recorded.tenant}/{recorded.stream.id}",),
        fold=fold,
        indexes=(IndexSpec(("harbour", "berth")),),
    )
