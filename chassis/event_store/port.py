"""The port of the event store. Its promise is the suite in tests/ports/test_event_store.py; every adapter runs it."""

from dataclasses import dataclass
from typing import Protocol

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.envelope import Origin, RecordedEvent, StreamId


class Conflict(Exception):
    """The expected version is not the head of the stream: load again and decide again."""


class CommitTooLarge(Refusal):
    """What the broker would not carry is not stored either: else its stream could never be relayed."""

    rule, sentence, status = "commit_too_large", "This is too much to store at once.", 413


class StoreUnavailable(Refusal):
    """The database did not answer in time. An append may still have happened: repeat it with the same command id."""

    rule, sentence, status = "store_unavailable", "The database does not answer. Try again.", 503
    retryable = True


@dataclass(frozen=True, slots=True)
class NewCommit:
    """What one accepted command appends, all or nothing.

    `expected_version` is the version the decision was made on, 0 for a new stream. `command_id` is unique within the
    tenant; `digest` tells a repeated command from another one that reuses its id.
    """

    stream: StreamId
    expected_version: int
    command_id: str
    events: tuple[Event, ...]
    origin: Origin
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit as it stands in the store: its events have the positions `first` … `version`."""

    stream: StreamId
    first: int
    command_id: str
    events: tuple[Event, ...]
    origin: Origin
    digest: str | None = None

    @property
    def version(self) -> int:
        return self.first + len(self.events) - 1

    def recorded(self) -> list[RecordedEvent]:
        return [
            RecordedEvent(stream=self.stream, position=position, event=event, origin=self.origin)
            for position, event in enumerate(self.events, self.first)
        ]


@dataclass(frozen=True, slots=True)
class Loaded:
    """The commits of a stream after some version, in order, and the version of its head (0: no stream)."""

    version: int
    commits: tuple[Commit, ...]

    @property
    def events(self) -> list[Event]:
        return [event for commit in self.commits for event in commit.events]


class EventStore(Protocol):
    """All three raise StoreUnavailable when the database does not answer in time."""

    async def load(self, stream: StreamId, *, after: int = 0) -> Loaded:
        """The whole stream, or the commits after `after`, the version in which an earlier commit ended.

        Only what a majority has is seen, so that no decision stands on a commit that may yet be rolled back.
        """

    async def append(self, commit: NewCommit) -> Commit:
        """Append durably, or answer the commit that this command id already made on this stream.

        Returns only when a majority has it on disk. Raises Conflict when the expected version is not the head,
        CommandIdReused when the id belongs to another stream or its digest differs, CommitTooLarge. A caller that is
        cancelled cannot know whether it was stored; other callers are not disturbed.
        """

    async def find(self, tenant: str, command_id: str) -> Commit | None:
        """The commit a command made, if it made one."""
