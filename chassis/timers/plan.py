"""A timer plan turns events into due times. It is a projection: applied twice or late it changes nothing."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chassis.command_handler import Context
from chassis.projection import Projection
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent, derive_id

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class SetTimer:
    """`key` is unique within tenant and plan; set again with another due time or payload it is another timer.

    `due_at` is aware; it is kept to the millisecond, never earlier. `payload` is JSON and holds nothing personal.
    """

    key: str
    due_at: datetime
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class CancelTimer:
    key: str


@dataclass(frozen=True, slots=True)
class FiredTimer:
    """A timer whose time has come. `command_id` is derived from plan, key and due time: fired twice, it is the same."""

    plan: str
    tenant: str
    key: str
    due_at: datetime
    payload: JsonObject
    command_id: str
    correlation_id: str
    causation_id: str
    traceparent: str | None = None

    def context(self, purpose: str = "fire") -> Context:
        """The context of the command it leads to; `purpose` keeps several commands of one timer apart."""
        return Context(
            command_id=derive_id(self.command_id, purpose),
            actor=f"timer-{self.plan}",
            correlation_id=self.correlation_id,
            causation_id=self.causation_id,
            traceparent=self.traceparent,
        )


class Postponed(Exception):
    """Raised by `fire`: what it waits for has been moved. It fires again at `due_at`, under another command id."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(due_at.isoformat())
        self.due_at = due_at


@dataclass(frozen=True, slots=True)
class TimerPlan:
    """`plan` is pure: which timers an event sets and cancels. `fire` issues a command under `fired.context()`.

    What `fire` raises is tried again with back-off, without end; Postponed sets it to another time; a Refusal that is
    not retryable ends the timer, for the rule has answered. A higher `version` rebuilds the plan; timers that have
    fired do not fire again.
    """

    name: str
    topics: tuple[str, ...]
    handles: tuple[type[Event], ...]
    plan: Callable[[RecordedEvent], Iterable[SetTimer | CancelTimer]]
    fire: Callable[[FiredTimer], Awaitable[None]]
    version: int = 1

    @property
    def projection(self) -> Projection:
        """What the service's consumers run to keep the due times."""
        return Projection(
            name=f"timers-{self.name}",
            version=self.version,
            topics=self.topics,
            handles=self.handles,
            keys=self._keys,
            fold=self._fold,
        )

    def fired(self, document: JsonObject) -> FiredTimer:
        """The timer of a stored document."""
        tenant, _, key = document["_id"].partition("/")
        cause = document["set_by"]
        return FiredTimer(
            plan=self.name,
            tenant=tenant,
            key=key,
            due_at=document["due_at"],
            payload=document["payload"],
            command_id=derive_id("timer", self.name, tenant, key, document["due_at"].isoformat()),
            correlation_id=cause["correlation_id"],
            causation_id=cause["event_id"],
            traceparent=cause.get("traceparent"),
        )

    def _keys(self, recorded: RecordedEvent) -> Iterable[str]:
        return {f"{recorded.tenant}/{change.key}" for change in self.plan(recorded)}

    def _fold(self, body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
        for change in self.plan(recorded):
            if f"{recorded.tenant}/{change.key}" == key:
                body = _set(body, change, recorded) if isinstance(change, SetTimer) else None
        return body


def _set(body: JsonObject | None, change: SetTimer, recorded: RecordedEvent) -> JsonObject:
    due_at = to_the_millisecond(change.due_at)
    if body is not None and (body["due_at"], body["payload"]) == (due_at, change.payload):
        return body
    cause = {
        "event_id": recorded.event_id,
        "correlation_id": recorded.origin.correlation_id,
        "traceparent": recorded.origin.traceparent,
    }
    return {
        "due_at": due_at,
        "payload": change.payload,
        "set_by": cause,
        "is_set": True,
        "free_at": _LONG_AGO,
        "attempts": 0,
    }


def to_the_millisecond(instant: datetime) -> datetime:
    """As the database keeps it, rounded up: who is called at `due_at` finds that it has come."""
    return instant.astimezone(UTC) + timedelta(microseconds=-instant.microsecond % 1000)
