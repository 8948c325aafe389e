"""Matching in a nutshell: deciders and reactions on the memory event store, delivered, repeated and crashed at will.

Every choice is taken from a `random.Random` that hypothesis shrinks: whose event is delivered next, whether a process
dies before or after an append, how far an offset falls back.
"""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from random import Random
from typing import Any

from chassis.clock import FixedClock
from chassis.command_handler import CommandHandler, Context
from chassis.event_store.memory import MemoryEventStore
from chassis.event_store.port import Commit, EventStore, Loaded, NewCommit
from chassis.keyring import MemoryKeyring
from chassis.reaction import Reaction
from chassis.refusal import Refusal
from contracts.base import Event
from contracts.envelope import Origin, RecordedEvent, StreamId, derive_id
from contracts.intake import RequestPosted, VolunteerApproved
from contracts.policy import Policy
from contracts.sealed import Sealed
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import ExpireSlot
from services.matching.domain.pauses import NO_PAUSES, Pauses
from services.matching.pairs import Pairs
from services.matching.policies import KnownPolicy
from services.matching.reactions.on_matches import on_matches
from services.matching.reactions.on_pairs import on_pairs
from services.matching.reactions.on_requests import on_requests
from services.matching.reactions.on_searches import on_searches
from services.matching.reactions.on_slots import on_slots
from services.matching.reactions.on_volunteering import on_volunteering

BEGIN = datetime(2020, 2, 1, 12, tzinfo=UTC)
TENANT, PROGRAMME = "oslo", "ressursvenn"


class Crash(Exception):
    """The process died here."""


@dataclass(slots=True)
class CrashingStore:
    """Dies now and then before or after an append, while `is_shaky`."""

    inner: EventStore
    random: Random
    is_shaky: bool = False
    streams: dict[str, list[RecordedEvent]] = field(default_factory=dict)

    async def load(self, stream: StreamId, *, after: int = 0) -> Loaded:
        return await self.inner.load(stream, after=after)

    async def append(self, commit: NewCommit) -> Commit:
        self._maybe_die()
        done = await self.inner.append(commit)
        log = self.streams.setdefault(str(commit.stream), [])
        log.extend(recorded for recorded in done.recorded() if recorded.position > len(log))
        self._maybe_die()
        return done

    async def find(self, tenant: str, command_id: str) -> Commit | None:
        return await self.inner.find(tenant, command_id)

    def _maybe_die(self) -> None:
        if self.is_shaky and self.random.random() < 0.15:
            raise Crash


@dataclass(slots=True)
class AdoptedPolicy:
    """The policy in force, known up to now."""

    policy: Policy
    clock: FixedClock
    version: int = 1
    pauses: Pauses = NO_PAUSES

    async def known(self, tenant: str, programme: str) -> KnownPolicy:
        return KnownPolicy(self.policy, self.version, self.pauses.are_on, self.clock.now(), self.pauses)


class World:
    def __init__(self, random: Random, policy: Policy) -> None:
        self.random = random
        self.clock = FixedClock(BEGIN)
        self.store = CrashingStore(MemoryEventStore(), random)
        self.commands = CommandHandler(self.store, self.clock)
        self.pairs = Pairs(self.commands, MemoryKeyring())
        self.policies = AdoptedPolicy(policy, self.clock)
        self.intake: dict[str, list[RecordedEvent]] = {}
        self.reactions: list[Reaction] = [
            on_requests(self.commands),
            on_volunteering(self.commands, self.policies, self.clock),
            on_pairs(self.commands),
            on_slots(self.commands, self.pairs, policies=self.policies, clock=self.clock),
            on_searches(self.commands, self.policies, MemoryKeyring(), clock=self.clock),
            on_matches(self.commands, self.policies),
        ]
        self.read_up_to: dict[tuple[str, str], int] = {}

    def hear(self, stream: StreamId, *events: Event) -> None:
        """Intake decided this."""
        log = self.intake.setdefault(str(stream), [])
        now = self.clock.now()
        for event in events:
            log.append(RecordedEvent(stream, len(log) + 1, event, Origin(now, now, "c", "intake")))

    def context(self) -> Context:
        return Context(f"{self.random.getrandbits(64):x}", actor="coordinator", correlation_id="c")

    async def try_to(self, command: Coroutine[Any, Any, Any]) -> bool:
        """Whether it came through: refusals and crashes are part of life."""
        try:
            await command
        except (Refusal, Crash):
            return False
        return True

    async def deliver_one(self) -> bool:
        """Hand one event, of any stream that has one waiting, to one reaction. False: nothing waits."""
        waiting = self._waiting()
        if not waiting:
            return False
        reaction, log, position = self.random.choice(waiting)
        if await self._react(reaction, log[position]):
            fall_back = self.random.randint(0, 2) if self.store.is_shaky and self.random.random() < 0.2 else 0
            self.read_up_to[reaction.name, str(log[0].stream)] = max(0, position + 1 - fall_back)
        return True

    async def come_to_rest(self) -> None:
        """Nothing crashes any more, and everything is delivered."""
        self.store.is_shaky = False
        while await self.deliver_one():
            pass

    async def deadlines_pass(self) -> None:
        """What the timers do: every reservation that is due is asked to end, perhaps not for the first time."""
        now = self.clock.now()
        for stream in self.streams("helper"):
            state = (await self.commands.state(helper, stream)).state
            for proposal_id, slot in state.slots.items():
                if slot.is_over(self.clock.now(), self.policies.pauses):
                    context = Context(derive_id("timer", proposal_id), actor="timer", correlation_id="c")
                    await self.try_to(
                        self.commands.handle(
                            helper, stream, ExpireSlot(proposal_id, now, self.policies.pauses), context=context
                        )
                    )

    def streams(self, category: str) -> list[StreamId]:
        return [stream for name in self.store.streams if (stream := StreamId.parse(name)).category == category]

    async def states(self, category: str, decider: Any) -> list[Any]:
        return [(await self.commands.state(decider, stream)).state for stream in self.streams(category)]

    def _waiting(self) -> list[tuple[Reaction, list[RecordedEvent], int]]:
        read = self.read_up_to.get
        return [
            (reaction, log, position)
            for stream, log in (*self.intake.items(), *self.store.streams.items())
            for reaction in self.reactions
            if (position := read((reaction.name, stream), 0)) < len(log)
        ]

    async def _react(self, reaction: Reaction, recorded: RecordedEvent) -> bool:
        if not isinstance(recorded.event, reaction.handles):
            return True
        try:
            await reaction.react(recorded)
        except Crash:
            return False
        except Refusal as refusal:
            if refusal.retryable:
                return False
            raise
        return True


def posted(request_id: str, person_id: str) -> tuple[StreamId, RequestPosted]:
    return StreamId(TENANT, "request", request_id), RequestPosted(
        request_id=request_id,
        person_id=person_id,
        programme=PROGRAMME,
        origin="self",
        entered_by=person_id,
        posted_at=BEGIN,
        needed_since=date(2019, 12, 1),
        answer_by=date(2020, 2, 15),
        policy_version=1,
        what=Sealed(person_id, "v1.invented"),
    )


def approved(person_id: str, *, version: int = 1) -> tuple[StreamId, VolunteerApproved]:
    return StreamId(TENANT, "volunteering", f"{person_id}_{PROGRAMME}"), VolunteerApproved(
        person_id=person_id,
        programme=PROGRAMME,
        roles=("ressursvenn",),
        policy_version=version,
        approved_by="coordinator",
        approved_at=BEGIN,
    )
