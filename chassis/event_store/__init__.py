"""Streams of events, appended one commit at a time; the commits not yet relayed are the outbox."""

from chassis.event_store.port import Commit, Conflict, EventStore, Loaded, NewCommit

__all__ = ["Commit", "Conflict", "EventStore", "Loaded", "NewCommit"]
