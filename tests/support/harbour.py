"""An invented aggregate for tests of the chassis: a quay at which crates are landed and lifted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from chassis.command_handler import Context
from chassis.decider import Decider
from chassis.event_store import NewCommit
from chassis.refusal import Refusal
from contracts.base import Event, JsonObject, event, upcast
from contracts.envelope import Origin, StreamId

NOON = datetime(2026, 11, 24, 12, 0, 0, 123456, tzinfo=UTC)


@event("harbour.crate-landed", version=2)
class CrateLanded(Event):
    """Version 1 called the weight `kilos`."""

    weight_kg: int
    mark: str | None = None


@upcast("harbour.crate-landed", from_version=1)
def _(data: JsonObject) -> JsonObject:
    return {"weight_kg": data["kilos"]}


class CrateLandedThen(Event):
    """The same event as version 1 of the code wrote it. Not registered: nobody reads with it any more."""

    kilos: int


CrateLandedThen.event_type, CrateLandedThen.schema_version, CrateLandedThen.internal = "harbour.crate-landed", 1, False


@event("harbour.crate-lifted", version=1)
class CrateLifted(Event):
    weight_kg: int


@event("harbour.note-scribbled", version=1, internal=True)
class NoteScribbled(Event):
    text: str


@dataclass(frozen=True, slots=True)
class Land:
    weight_kg: int
    crates: int = 1


@dataclass(frozen=True, slots=True)
class Lift:
    weight_kg: int


class QuayTooLight(Refusal):
    rule, sentence = "quay_too_light", "There is not that much on the quay."


@dataclass(frozen=True, slots=True)
class Quay:
    weight_kg: int = 0


def decide(command: Land | Lift, state: Quay) -> Sequence[Event]:
    match command:
        case Land(weight_kg=weight, crates=crates):
            return [CrateLanded(weight_kg=weight)] * crates
        case Lift(weight_kg=0):
            return []
        case Lift(weight_kg=weight) if weight > state.weight_kg:
            raise QuayTooLight()
        case Lift(weight_kg=weight):
            return [CrateLifted(weight_kg=weight)]


def evolve(state: Quay, event: Event) -> Quay:
    match event:
        case CrateLanded(weight_kg=weight):
            return Quay(state.weight_kg + weight)
        case CrateLifted(weight_kg=weight):
            return Quay(state.weight_kg - weight)
        case _:
            return state


quay: Decider[Land | Lift, Quay] = Decider("quay", Quay(), decide, evolve)


def quay_stream(tenant: str = "bergen", id_: str | None = None) -> StreamId:
    """The stream of a quay, a new one unless it is named."""
    return StreamId(tenant, "quay", id_ or uuid4().hex)


def landed(*weights_kg: int) -> tuple[Event, ...]:
    return tuple(CrateLanded(weight_kg=weight) for weight in weights_kg)


def commit(
    stream: StreamId,
    expected_version: int,
    *events: Event,
    command_id: str | None = None,
    digest: str | None = None,
    origin: Origin | None = None,
) -> NewCommit:
    """What a command would append; it lands one crate unless events are given."""
    return NewCommit(
        stream=stream,
        expected_version=expected_version,
        command_id=command_id or uuid4().hex,
        events=events or landed(1),
        origin=origin or Origin(NOON, NOON, correlation_id="correlation-1", actor="user-1"),
        digest=digest,
    )


def context(command_id: str | None = None, *, digest: str | None = None) -> Context:
    return Context(command_id or uuid4().hex, actor="user-1", correlation_id="correlation-1", digest=digest)
