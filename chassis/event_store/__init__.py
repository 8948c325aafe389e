"""Streams of events, appended one commit at a time; the commits not yet relayed are the outbox."""

from chassis.event_store.port import (
    Commit,
    CommitTooLarge,
    Conflict,
    EventStore,
    Loaded,
    NewCommit,
    StoreUnavailable,
)

__all__ = ["Commit", "CommitTooLarge", "Conflict", "EventStore", "Loaded", "NewCommit", "StoreUnavailable"]
