"""The consumers of a real service in a process of its own, which dies of kill -9 exactly at a point of an erasure."""

import asyncio
import os
import signal
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any, Literal

from chassis.consumer import Consumers
from chassis.consumer.feed import Feed
from chassis.consumer.projecting import Projecting
from chassis.erasures import ErasureLedger
from chassis.event_store.mongo import MongoEventStore
from chassis.keyring import MongoKeyring
from chassis.observability import configure_logging
from chassis.service import Role, application
from chassis.settings import Settings
from contracts.intake import KeyDestroyed
from tests.faults.forks import die_with_the_tests, processes
from tests.support.platform import BUILDS
from tests.support.wait import eventually

PURGE, LEDGER, SHRED = "the read model's purge", "the ledger's entry", "the key's end"


@dataclass(frozen=True, slots=True)
class Point:
    """`what` is PURGE, LEDGER, SHRED or the type of an event that is appended."""

    when: Literal["before", "after"]
    what: str


@dataclass(frozen=True, slots=True)
class Life:
    """One life of a service's consumers, from their start to their death at a point (None: they live on)."""

    service: str
    number: int
    settings: Settings
    ends_at: Point | None
    is_mortal_from_start: bool = False


class MortalService:
    """A process that lives this life."""

    def __init__(self, life: Life, process: BaseProcess) -> None:
        self._life = life
        self._process = process

    async def killed(self) -> None:
        """Wait until it died at its point, of SIGKILL and nothing else."""
        await eventually(lambda: self._process.exitcode is not None, timeout=90)
        assert self._process.exitcode == -signal.SIGKILL, f"{self._life.ends_at}: {self._process.exitcode}"


@contextmanager
def mortal_service(life: Life) -> Iterator[MortalService]:
    """It lives; at the end of the block at the latest it does not."""
    process = processes.Process(target=_live, args=(life,), daemon=True)
    process.start()
    try:
        yield MortalService(life, process)
    finally:
        process.kill()
        process.join()


def _live(life: Life) -> None:
    die_with_the_tests()
    _in_a_group_of_its_own(life.number)
    configure_logging(life.service, "ERROR")
    asyncio.run(_run(life))


async def _run(life: Life) -> None:
    if life.is_mortal_from_start:
        _make_mortal(life.ends_at)
    async with application(life.service, BUILDS[life.service], life.settings, roles={Role.CONSUMER}) as ready:
        if not life.is_mortal_from_start:
            _make_mortal(life.ends_at)
        await ready.run_parts()


def _in_a_group_of_its_own(number: int) -> None:
    """A group only shares out partitions, and gives those of a dead member away after six seconds: nobody waits for
    that here. How far each reader came stands in the database, whatever the group."""
    feed: Callable[..., Feed] = Consumers._feed

    def own(self: Consumers, group: str, **named: Any) -> Feed:
        return feed(self, f"{group}.life-{number}", **named)

    setattr(Consumers, "_feed", own)  # noqa: B010 (a type checker must not see it)


def _make_mortal(point: Point | None) -> None:
    if point is None:
        return
    _dies(point, MongoEventStore, "append", lambda _, commit: {event.event_type for event in commit.events})
    _dies(point, MongoKeyring, "shred", lambda *_: {SHRED})
    _dies(point, ErasureLedger, "record", lambda *_: {LEDGER})
    _dies(point, Projecting, "process", lambda reader, records: {PURGE} if _forgets(reader, records) else set())


def _forgets(reader: Any, records: Any) -> bool:
    """Whether the batch makes this read model drop something."""
    found = (record.read() for record in records if record.type_name == KeyDestroyed.event_type.encode())
    return any(list(reader._folder._projection.forgets(one)) for one in found)


def _dies(point: Point, owner: Any, name: str, what: Callable[..., Collection[str]]) -> None:
    whole = getattr(owner, name)

    async def mortal(self: Any, *given: Any) -> Any:
        is_there = point.what in what(self, *given)
        if is_there and point.when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        answer = await whole(self, *given)
        if is_there and point.when == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    setattr(owner, name, mortal)
