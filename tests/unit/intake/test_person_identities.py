"""Every step may stop at any commit, and everything is told once more in any order: held exactly when it should be."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

import pytest
from hypothesis import given as trying
from hypothesis import settings
from hypothesis.strategies import DrawFn, booleans, composite, integers, lists, permutations, sampled_from

from chassis.clock import FixedClock
from chassis.command_handler import CommandHandler
from chassis.event_store.memory import MemoryEventStore
from chassis.event_store.port import Commit, NewCommit
from chassis.keyring import MemoryKeyring
from contracts.envelope import StreamId
from contracts.intake import PAIR, CounterpartBlocked, pair_value
from services.intake.domain.counterpart import counterparts
from services.intake.identities import Identities, Said
from tests.unit.intake.oslo import NOW

TENANT = "fjordby"
PHONES = ("+4741234501", "+4741234502")
P, X = "person-p", "person-x"


class Killed(Exception):
    """The process is gone."""


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody bears a phone, blocks it, or lifts that; it stops at an append, just before or just after it is kept."""

    what: str
    by: str
    phone: str
    stops_at: int
    stops_after: bool


class StoppingStore(MemoryEventStore):
    """Stops once, at the append that is told."""

    def __init__(self) -> None:
        super().__init__()
        self.stops: tuple[int, bool] | None = None

    async def append(self, commit: NewCommit) -> Commit:
        left, after = self.stops or (-1, False)
        self.stops = (left - 1, after) if left > 0 else None
        if left == 0 and not after:
            raise Killed()
        kept = await super().append(commit)
        if left == 0:
            raise Killed()
        return kept


class Town:
    """Intake's two steps after a person's own commit, on a store that stops."""

    def __init__(self) -> None:
        self.store, self.keyring, clock = StoppingStore(), MemoryKeyring(), FixedClock(NOW)
        self.commands = CommandHandler(self.store, clock)
        self.identities = Identities(self.commands, self.keyring, clock)

    async def do(self, step: Step) -> None:
        if step.what == "bear":
            return await self.identities.seen(TENANT, step.by, Said(phone=step.phone))
        _, fingerprint = self.identities.blocked_fingerprint(TENANT, Said(phone=step.phone))
        block = CounterpartBlocked(
            person_id=step.by,
            block_id=f"{step.by}-{step.phone[1:]}",
            kind="phone",
            fingerprint=await self.keyring.seal(TENANT, step.by, fingerprint),
            blocked_at=NOW,
        )
        if step.what == "block":
            return await self.identities.blocked(TENANT, block)
        return await self.identities.unblocked(TENANT, block)

    async def stop_in(self, step: Step) -> None:
        self.store.stops = (step.stops_at, step.stops_after)
        with suppress(Killed):
            await self.do(step)
        self.store.stops = None

    async def is_held(self) -> bool:
        token = self.keyring.fingerprint(TENANT, PAIR, pair_value(P, X))
        return (await self.commands.state(counterparts, StreamId(TENANT, "pair", token))).state.is_held


@composite
def histories(draw: DrawFn) -> tuple[list[Step], list[Step]]:
    """What was begun in requests, and the same as reactions do it later, each in an order of its own."""
    steps = draw(
        lists(
            sampled_from(
                [(what, by, phone) for what in ("bear", "block", "lift") for by in (P, X) for phone in PHONES]
            ),
            max_size=8,
            unique=True,
        )
    )
    begun = [Step(*step, draw(integers(0, 3)), draw(booleans())) for step in steps]
    return begun, draw(permutations(begun))


@pytest.mark.requirement("S2.9")
@settings(max_examples=200)
@trying(history=histories())
async def test_what_stopped_halfway_is_held_exactly_when_it_should_be_once_it_was_done_again(
    history: tuple[list[Step], list[Step]],
) -> None:
    begun, again = history
    town = Town()
    for step in begun:
        await town.stop_in(step)
    for step in again:
        await town.do(step)
    assert await town.is_held() == _to_be_held(begun)


def _to_be_held(steps: Sequence[Step]) -> bool:
    """One of them blocks what the other bears, and did not lift it."""
    said = {(step.what, step.by, step.phone) for step in steps}
    return any(
        ("block", one, phone) in said and ("lift", one, phone) not in said and ("bear", other, phone) in said
        for one, other in ((P, X), (X, P))
        for phone in PHONES
    )
