"""The inbox between the feed and the work: joins what is small, tells when there is room again."""

import asyncio

from chassis.consumer.inbox import Batch, Inbox
from chassis.consumer.record import Record

ERA, NEXT_ERA = object(), object()


def records(count: int) -> list[Record]:
    return [Record("topic", 0, offset, None, None, ()) for offset in range(count)]


async def test_small_batches_are_taken_as_one_in_their_order() -> None:
    inbox, both = Inbox(), records(5)
    inbox.put(Batch(ERA, both[:2]))
    inbox.put(Batch(ERA, both[2:]))
    assert await inbox.take() == Batch(ERA, both)


async def test_a_full_inbox_has_room_again_once_its_batches_are_taken() -> None:
    inbox = Inbox()
    inbox.put(Batch(ERA, records(2000)))
    waiting = asyncio.create_task(inbox.room())
    await asyncio.sleep(0)
    assert (inbox.has_room, waiting.done()) == (False, False)
    await inbox.take()
    await waiting
    assert (inbox.has_room, inbox.is_empty) == (True, True)


async def test_clearing_lets_go_who_waits_and_keeps_nothing() -> None:
    inbox = Inbox()
    inbox.put(Batch(ERA, records(2000)))
    waiting = [asyncio.create_task(inbox.room()), asyncio.create_task(inbox.emptied())]
    await asyncio.sleep(0)
    inbox.clear()
    await asyncio.gather(*waiting)
    inbox.put(Batch(NEXT_ERA, records(3)))
    assert (await inbox.take()).era is NEXT_ERA
