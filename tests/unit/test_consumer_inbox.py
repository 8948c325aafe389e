"""The inbox between the edge and the work: joins what is small, holds up what is much, keeps eras apart."""

import asyncio

from chassis.consumer.inbox import Batch, Inbox
from chassis.consumer.record import KeptRecord

ERA, NEXT_ERA = object(), object()


def records(count: int) -> list[KeptRecord]:
    return [KeptRecord("topic", 0, offset, None, None, ()) for offset in range(count)]


async def test_small_batches_are_taken_as_one_in_their_order() -> None:
    inbox, both = Inbox(), records(5)
    await inbox.put(Batch(ERA, both[:2]))
    await inbox.put(Batch(ERA, both[2:]))
    assert await inbox.take() == Batch(ERA, both)


async def test_batches_of_two_eras_are_taken_apart() -> None:
    inbox = Inbox()
    await inbox.put(Batch(ERA, records(1)))
    await inbox.put(Batch(NEXT_ERA, records(2)))
    assert [(await inbox.take()).era for _ in range(2)] == [ERA, NEXT_ERA]


async def test_a_full_inbox_holds_up_the_next_batch_until_the_first_is_taken() -> None:
    inbox = Inbox()
    await inbox.put(Batch(ERA, records(2000)))
    waiting = asyncio.create_task(inbox.put(Batch(ERA, records(1))))
    await asyncio.sleep(0)
    assert not waiting.done()
    await inbox.take()
    await waiting
    assert len((await inbox.take()).records) == 1


async def test_closing_lets_go_who_waits_for_room() -> None:
    inbox = Inbox()
    await inbox.put(Batch(ERA, records(2000)))
    waiting = asyncio.create_task(inbox.put(Batch(ERA, records(1))))
    await asyncio.sleep(0)
    inbox.close()
    await waiting
    inbox.open()
    await inbox.put(Batch(NEXT_ERA, records(3)))
    assert (await inbox.take()).era is NEXT_ERA
