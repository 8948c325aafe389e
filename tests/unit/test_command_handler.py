"""The one impure loop, on the event store in memory."""

import asyncio

import pytest

from chassis.clock import FixedClock
from chassis.command_handler import CommandHandler, Context, Outcome
from chassis.event_store import Commit, Loaded, NewCommit
from chassis.event_store.memory import MemoryEventStore
from chassis.refusal import CommandIdReused, StaleVersion, TooMuchContention
from contracts.envelope import StreamId
from tests.support.harbour import (
    NOON,
    CrateLanded,
    CrateLifted,
    Land,
    Lift,
    Quay,
    QuayTooLight,
    commit,
    context,
    landed,
    quay,
    quay_stream,
)


class Harbour:
    """A handler on an empty store."""

    def __init__(self, store: MemoryEventStore | None = None) -> None:
        self.store = store or MemoryEventStore()
        self.clock = FixedClock(NOON)
        self.handler = CommandHandler(self.store, self.clock)
        self.stream = quay_stream()

    async def when(
        self,
        command: Land | Lift,
        given: Context | None = None,
        *,
        expected_version: int | None = None,
        begins: bool = False,
    ) -> Outcome[Quay]:
        given = given or context()
        return await self.handler.handle(
            quay, self.stream, command, context=given, expected_version=expected_version, begins=begins
        )


@pytest.fixture
def harbour() -> Harbour:
    return Harbour()


async def test_an_accepted_command_is_stored_and_answers_with_version_state_and_events(harbour: Harbour) -> None:
    await harbour.when(Land(10))
    assert await harbour.when(Lift(4)) == Outcome(harbour.stream, 2, Quay(6), (CrateLifted(weight_kg=4),))
    assert (await harbour.store.load(harbour.stream)).events == [*landed(10), CrateLifted(weight_kg=4)]


async def test_a_refused_command_stores_nothing(harbour: Harbour) -> None:
    with pytest.raises(QuayTooLight):
        await harbour.when(Lift(4))
    assert await harbour.store.load(harbour.stream) == Loaded(0, ())


async def test_a_command_that_changes_nothing_answers_with_the_version_as_it_is(harbour: Harbour) -> None:
    await harbour.when(Land(10))
    assert await harbour.when(Lift(0)) == Outcome(harbour.stream, 1, Quay(10))


async def test_a_repeated_command_answers_what_it_answered_first(harbour: Harbour) -> None:
    once = context("lift-1", digest="sha")
    await harbour.when(Land(10))
    first = await harbour.when(Lift(8), once)
    await harbour.when(Land(1))

    assert await harbour.when(Lift(8), once) == first
    assert (await harbour.handler.state(quay, harbour.stream)).state == Quay(3)


async def test_an_id_used_for_another_command_is_refused(harbour: Harbour) -> None:
    await harbour.when(Land(10), context("command-1", digest="sha"))
    with pytest.raises(CommandIdReused):
        await harbour.when(Land(11), context("command-1", digest="another"))


async def test_an_id_used_on_another_stream_is_refused(harbour: Harbour) -> None:
    await harbour.when(Land(10), context("command-1"))
    harbour.stream = quay_stream()
    with pytest.raises(CommandIdReused):
        await harbour.when(Land(10), context("command-1"))


async def test_a_version_that_is_not_the_head_is_stale(harbour: Harbour) -> None:
    await harbour.when(Land(10))
    with pytest.raises(StaleVersion):
        await harbour.when(Lift(1), expected_version=0)
    assert (await harbour.when(Lift(1), expected_version=1)).version == 2


async def test_the_origin_says_who_when_and_why(harbour: Harbour) -> None:
    given = Context("command-1", "user-1", "correlation-1", causation_id="event-1", traceparent="00-ab-cd-01")
    await harbour.when(Land(10), given)

    [stored] = (await harbour.store.load(harbour.stream)).commits
    origin = stored.origin
    assert (origin.occurred_at, origin.recorded_at, origin.actor) == (NOON, NOON, "user-1")
    assert (origin.correlation_id, origin.causation_id) == ("correlation-1", "event-1")
    assert origin.traceparent == "00-ab-cd-01"


async def test_a_reaction_to_the_same_event_is_the_same_command(harbour: Harbour) -> None:
    await harbour.when(Land(10))
    [cause] = (await harbour.store.load(harbour.stream)).commits[0].recorded()
    harbour.stream = quay_stream()

    await harbour.when(Land(1), Context.caused_by(cause, "mirror"))
    again = await harbour.when(Land(1), Context.caused_by(cause, "mirror"))
    assert (again.version, again.state) == (1, Quay(1))


async def test_64_parallel_commands_on_one_stream_leave_no_gap_and_lose_no_update(harbour: Harbour) -> None:
    await harbour.when(Land(64))
    outcomes = await asyncio.gather(*(harbour.when(Lift(1)) for _ in range(64)))

    assert sorted(outcome.version for outcome in outcomes) == list(range(2, 66))
    assert await harbour.handler.state(quay, harbour.stream) == Outcome(harbour.stream, 65, Quay(0))


class Contended(MemoryEventStore):
    """Somebody else always lands a crate between a load and an append, `times` times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    async def append(self, commit_: NewCommit) -> Commit:
        if self.times:
            self.times -= 1
            await super().append(commit(commit_.stream, commit_.expected_version, *landed(100)))
        return await super().append(commit_)


async def test_a_lost_race_is_decided_again_on_what_is_there_now() -> None:
    harbour = Harbour(Contended(times=3))
    assert await harbour.when(Land(1)) == Outcome(harbour.stream, 4, Quay(301), landed(1))


async def test_races_lost_for_ever_end_in_a_refusal_that_says_try_again() -> None:
    with pytest.raises(TooMuchContention):
        await Harbour(Contended(times=1_000)).when(Land(1))


class Repeating(MemoryEventStore):
    """Another process stores the same command, after one more crate, between our load and our append."""

    async def append(self, commit_: NewCommit) -> Commit:
        if (await self.load(commit_.stream)).version == 0:
            await super().append(commit(commit_.stream, 0, *landed(100)))
            await super().append(commit(commit_.stream, 1, *commit_.events, command_id=commit_.command_id))
        return await super().append(commit_)


async def test_a_command_that_another_process_stored_meanwhile_answers_with_the_state_it_led_to() -> None:
    harbour = Harbour(Repeating())
    assert await harbour.when(Land(1)) == Outcome(harbour.stream, 2, Quay(101), (CrateLanded(weight_kg=1),))


class Unread(MemoryEventStore):
    """A store that nobody may read."""

    async def load(self, stream: StreamId, *, after: int = 0) -> Loaded:
        raise AssertionError(f"{stream} was read")


async def test_a_stream_that_begins_is_not_read() -> None:
    harbour = Harbour(Unread())
    assert await harbour.when(Land(1), begins=True) == Outcome(harbour.stream, 1, Quay(1), landed(1))


async def test_a_beginning_where_somebody_was_first_is_decided_on_what_is_there(harbour: Harbour) -> None:
    await harbour.when(Land(10))
    assert await harbour.when(Land(1), begins=True) == Outcome(harbour.stream, 2, Quay(11), landed(1))


async def test_a_beginning_that_is_refused_on_nothing_is_decided_on_what_is_there(harbour: Harbour) -> None:
    await harbour.when(Land(10))
    assert (await harbour.when(Lift(1), begins=True)).state == Quay(9)


async def test_a_repeated_beginning_answers_what_it_answered_first(harbour: Harbour) -> None:
    once = context("land-1", digest="sha")
    first = await harbour.when(Land(10), once, begins=True)
    await harbour.when(Lift(4))

    assert await harbour.when(Land(10), once, begins=True) == first
    with pytest.raises(CommandIdReused):
        await harbour.when(Land(11), context("land-1", digest="another"), begins=True)


async def test_a_command_said_later_in_the_stream_is_no_beginning(harbour: Harbour) -> None:
    once = context("land-2")
    await harbour.when(Land(10))
    second = await harbour.when(Land(1), once)

    assert await harbour.when(Land(1), once, begins=True) == second
