"""The one impure loop: load, fold, decide, append, retry on conflict."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

from chassis.clock import Clock
from chassis.decider import Decider
from chassis.event_store.port import Commit, Conflict, EventStore, Loaded, NewCommit
from chassis.refusal import CommandIdReused, Refusal, StaleVersion, TooMuchContention
from contracts.base import Event
from contracts.envelope import Origin, RecordedEvent, StreamId, derive_id

Command = TypeVar("Command")
State = TypeVar("State")

_ATTEMPTS = 20
_LONGEST_PAUSE_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Context:
    """Who asks, and under which ids. A repeated `command_id` on a stream answers what it answered first."""

    command_id: str
    actor: str
    correlation_id: str
    causation_id: str | None = None
    occurred_at: datetime | None = None
    digest: str | None = None
    traceparent: str | None = None

    @classmethod
    def caused_by(cls, cause: RecordedEvent, purpose: str) -> "Context":
        """The context of a command that a reaction derives from an event: delivered twice, it is one command."""
        return cls(
            command_id=derive_id(cause.event_id, purpose),
            actor=f"reaction-{purpose}",
            correlation_id=cause.origin.correlation_id,
            causation_id=cause.event_id,
            traceparent=cause.origin.traceparent,
        )


@dataclass(frozen=True, slots=True)
class Outcome(Generic[State]):
    """What a command led to: the version and state after it, the events it made (none: nothing new happened)."""

    stream: StreamId
    version: int
    state: State
    events: tuple[Event, ...] = field(default=())


class CommandHandler:
    """Runs commands against streams. A lock per stream keeps commands of one process from racing each other in vain."""

    def __init__(self, store: EventStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def handle(
        self,
        decider: Decider[Command, State],
        stream_id: StreamId,
        command: Command,
        *,
        context: Context,
        expected_version: int | None = None,
        begins: bool = False,
    ) -> Outcome[State]:
        """Decide and append. Raises the decider's Refusal, StaleVersion when `expected_version` is not the head,
        CommandIdReused, or TooMuchContention after 20 lost races.

        `begins` says that the stream's id was made for this command: it is read only when somebody was there already.
        """
        async with self._turn(stream_id):
            begun = await self._begin(decider, stream_id, command, context) if begins else None
            if begun is not None:
                return begun
            for attempt in range(_ATTEMPTS):
                loaded = await self._store.load(stream_id)
                repeated = _commit_of(loaded, context)
                if repeated is not None:
                    return _outcome(decider, loaded, repeated)
                if expected_version is not None and expected_version != loaded.version:
                    raise StaleVersion(f"the version is {loaded.version}, not {expected_version}")
                state = decider.fold(loaded.events)
                events = tuple(decider.decide(command, state))
                if not events:
                    return Outcome(stream_id, loaded.version, state)
                try:
                    commit = await self._store.append(self._commit(stream_id, loaded, events, context))
                except Conflict:
                    await _back_off(attempt)
                    continue
                if commit.first != loaded.version + 1:
                    continue  # another process stored this very command meanwhile, on a head we have not seen
                return Outcome(stream_id, commit.version, decider.fold(commit.events, state), commit.events)
        raise TooMuchContention()

    async def _begin(
        self, decider: Decider[Command, State], stream_id: StreamId, command: Command, context: Context
    ) -> Outcome[State] | None:
        """None where only the stream can tell: somebody was there, or what is refused now may have been said before."""
        try:
            events = tuple(decider.decide(command, decider.initial))
            if not events:
                return None
            commit = await self._store.append(self._commit(stream_id, Loaded(0, ()), events, context))
        except (Conflict, Refusal):
            return None
        return (
            Outcome(stream_id, commit.version, decider.fold(commit.events), commit.events)
            if commit.first == 1
            else None
        )

    async def state(self, decider: Decider[Command, State], stream_id: StreamId) -> Outcome[State]:
        """The stream as it stands now: version 0 when there is none."""
        loaded = await self._store.load(stream_id)
        return Outcome(stream_id, loaded.version, decider.fold(loaded.events))

    def _commit(self, stream_id: StreamId, loaded: Loaded, events: tuple[Event, ...], context: Context) -> NewCommit:
        now = self._clock.now()
        return NewCommit(
            stream=stream_id,
            expected_version=loaded.version,
            command_id=context.command_id,
            events=events,
            origin=Origin(
                occurred_at=context.occurred_at or now,
                recorded_at=now,
                correlation_id=context.correlation_id,
                actor=context.actor,
                causation_id=context.causation_id,
                traceparent=context.traceparent,
            ),
            digest=context.digest,
        )

    @asynccontextmanager
    async def _turn(self, stream_id: StreamId) -> AsyncIterator[None]:
        lock = self._locks.setdefault(str(stream_id), asyncio.Lock())
        async with lock:
            yield


async def _back_off(attempt: int) -> None:
    """Processes that race on one stream must not stay in step: one of them would lose for ever."""
    await asyncio.sleep(random.uniform(0, min(_LONGEST_PAUSE_SECONDS, 0.001 * 2**attempt)))  # noqa: S311 - no secret


def _commit_of(loaded: Loaded, context: Context) -> Commit | None:
    for commit in loaded.commits:
        if commit.command_id == context.command_id:
            if commit.digest != context.digest:
                raise CommandIdReused()
            return commit
    return None


def _outcome(decider: Decider[Command, State], loaded: Loaded, commit: Commit) -> Outcome[State]:
    before = [event for earlier in loaded.commits if earlier.version <= commit.version for event in earlier.events]
    return Outcome(commit.stream, commit.version, decider.fold(before), commit.events)
