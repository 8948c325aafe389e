"""2021: on to match number 100, and everything is delivered twice: it is counted and celebrated once (12)."""

import asyncio

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord

from contracts.topics import EVENT_TOPICS
from tests.support.town import Json
from tests.support.wait import eventually
from tests.system.ressursvenn.finding import Wish
from tests.system.ressursvenn.people import matched, volunteer, wish
from tests.system.tenant import Person, Tenant

_HUNDRED = 100
_LANES = 10


async def hundred(oslo: Tenant, wishes: list[Wish]) -> None:
    oslo.move_to(2021, 3, 8)
    oslo.look_every_seconds = 0.3  # ten wait at a time: who looks less often leaves the machine to the services
    helpers = await asyncio.gather(*(volunteer(oslo, f"lane{n}", signed="v2") for n in range(_LANES)))
    so_far = (await oslo.get("matching", _tally(oslo)))["number"]
    more = [wish(oslo, f"more{n}") for n in range(_HUNDRED - so_far - len(wishes))]
    waiting = [*wishes, *await asyncio.gather(*more)][: _HUNDRED - so_far]
    await asyncio.gather(*(lane(oslo, helper, waiting) for helper in helpers))
    reached = await oslo.until("matching", _tally(oslo), lambda found: found["number"] == _HUNDRED)
    assert [milestone["number"] for milestone in reached["milestones"]] == [_HUNDRED]
    for helper in helpers:
        await oslo.told(helper, "milestone")
    await eventually(oslo.platform.is_settled, timeout=60)
    await once_for_all(oslo, helpers)


def _tally(oslo: Tenant) -> str:
    return f"/v1/tallies/{oslo.programme}"


async def lane(oslo: Tenant, helper: Person, waiting: list[Wish]) -> None:
    """One helper after another match, each ended well, until nobody waits."""
    while waiting:
        request_id, requester = waiting.pop()
        match_id = await matched(oslo, request_id, requester, helper)
        await oslo.do("matching", f"/v1/matches/{match_id}/end", {"reason": "both", "closing_talk": True})


async def once_for_all(oslo: Tenant, helpers: list[Person]) -> None:
    """Every record of every topic comes a second time, byte for byte: nothing happens (S2.1)."""
    before, mails = await seen(oslo), len(oslo.platform.mail.mails)
    for topic in EVENT_TOPICS:
        await delivered_again(oslo, topic.name)
    await eventually(oslo.platform.is_settled, timeout=60)
    assert await seen(oslo) == before
    assert len(oslo.platform.mail.mails) == mails
    counted = [one for one in await records(oslo, "matching.events") if _is(one, "matching.match-counted")]
    numbers = {record.value for record in counted}
    assert len(numbers) == _HUNDRED
    for helper in helpers:
        assert len(await oslo.told(helper, "milestone")) == 1


async def seen(oslo: Tenant) -> list[Json]:
    """What people could see that must not change."""
    figure = await oslo.get("reporting", f"/v1/figures/matches?programme={oslo.programme}")
    return [await oslo.get("matching", _tally(oslo)), figure["values"]]


async def delivered_again(oslo: Tenant, topic: str) -> None:
    place = oslo.platform.place
    async with AIOKafkaProducer(bootstrap_servers=place.engines.kafka, acks="all") as producer:
        for record in await records(oslo, topic):
            await producer.send(
                record.topic, record.value, key=record.key, partition=record.partition, headers=list(record.headers)
            )


async def records(oslo: Tenant, topic: str) -> list[ConsumerRecord]:
    """Everything that is on a topic now."""
    place = oslo.platform.place
    found: list[ConsumerRecord] = []
    name = f"{place.namespace}{topic}"
    async with AIOKafkaConsumer(name, bootstrap_servers=place.engines.kafka, auto_offset_reset="earliest") as consumer:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(partition) < end for partition, end in ends.items()]):
            for some in (await consumer.getmany(timeout_ms=100)).values():
                found.extend(some)
    return found


def _is(record: ConsumerRecord, event: str) -> bool:
    return ("ce_type", event.encode()) in list(record.headers)
