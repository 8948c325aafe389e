"""Which policy of a programme is in force, is the programme paused, and when was it?"""

import asyncio
import time
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog

from chassis.clock import Clock
from chassis.projection import Projection
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from chassis.transient import is_transient
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import ProgrammeAdopted, ProgrammePaused, ProgrammeResumed, TermAdded
from contracts.policy import Policy
from services.matching.domain.pauses import Pauses
from services.matching.policies import KnownPolicy

_REMEMBERED_FOR = timedelta(seconds=1)
_FRESH = timedelta(minutes=1)
_AS_OF_ASKED_EVERY = timedelta(seconds=5)
_WAIT_SECONDS = 5.0
_OVERDUE_SECONDS = 2.0
_TRY_AGAIN_SECONDS = 1.0
_NEVER = datetime.min.replace(tzinfo=UTC)

log = structlog.get_logger()


def _keys(recorded: RecordedEvent) -> Iterable[str]:
    match recorded.event:
        case ProgrammeAdopted(programme=code) | ProgrammePaused(programme=code) | ProgrammeResumed(programme=code):
            yield f"{recorded.tenant}/{code}"
        case TermAdded(programme=code):
            yield f"{recorded.tenant}/{code}"
        case _:
            return


def _fold(document: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
    body = document or {"paused": False, "pauses": []}
    match recorded.event:
        case ProgrammeAdopted(policy=policy, policy_version=version):
            body |= {"policy": _text(policy), "version": version}
        case TermAdded(label=category) if "policy" in body:
            body["policy"] = _text(Policy.model_validate_json(body["policy"]).with_category(category))
        case ProgrammePaused(paused_at=paused_at) if not body["paused"]:
            body["paused"] = True
            body["pauses"].append({"from": paused_at, "to": None})
        case ProgrammeResumed(resumed_at=resumed_at) if body["paused"]:
            body["paused"] = False
            body["pauses"][-1]["to"] = resumed_at
        case _:
            pass
    return body


def _text(policy: Policy) -> str:
    """As text: a frame's years are numbers, which MongoDB does not take as names of fields."""
    return policy.model_dump_json(by_alias=True, exclude_defaults=True)


policies = Projection(
    name="policies",
    version=3,
    topics=(topics.INTAKE,),
    handles=(ProgrammeAdopted, TermAdded, ProgrammePaused, ProgrammeResumed),
    keys=_keys,
    fold=_fold,
)


async def programmes_of(reading: ReadModels, tenant: str) -> list[str]:
    """The codes of the programmes whose policy has been heard of, in order."""
    found = await reading.find(policies, tenant, {"policy": {"$exists": True}}, limit=0)
    return sorted(one["_id"].partition("/")[2] for one in found)


class StoredPolicies:
    """Answers `Policies` from the read model, asking it once a second at most for each programme; not at all while
    `run` follows what changes there.

    A policy is needed with every command and every list. What is remembered grows old like any fact: its `as_of` is
    asked by the clock that may be moved, so that a jump in time asks again.
    """

    def __init__(self, reading: ReadModels, clock: Clock) -> None:
        self._reading = reading
        self._clock = clock
        self._as_of = _NEVER
        self._parsed: dict[tuple[str, str], tuple[str, Policy]] = {}
        self._remembered: dict[tuple[str, str], tuple[datetime, KnownPolicy]] = {}
        self._followed_until = float("-inf")
        self._changed_count = 0

    async def known(self, tenant: str, programme: str) -> KnownPolicy:
        now = self._clock.now()
        read_at, known = self._remembered.get((tenant, programme), (_NEVER, None))
        if known is not None and time.monotonic() < self._followed_until:
            return replace(known, as_of=await self._known_as_of(now))
        if known is None or not timedelta(0) <= now - read_at < _REMEMBERED_FOR:
            changed_count = self._changed_count
            known = await self._read(tenant, programme)
            # While a consumer still catches up, every second counts; and what changed while it was read is read again.
            if now - known.as_of < _FRESH and changed_count == self._changed_count:
                self._remembered[tenant, programme] = (now, known)
        return known

    async def run(self) -> None:
        """Follow what changes until cancelled; after a fault begin anew. Idle, a round trip every few seconds."""
        while True:
            try:
                await self._follow()
            except Exception as fault:
                log.warning("policies_not_followed", fault=type(fault).__name__, exc_info=not is_transient(fault))
            finally:
                self._followed_until = float("-inf")
            await asyncio.sleep(_TRY_AGAIN_SECONDS)

    async def _follow(self) -> None:
        """Until another generation of the read model is live."""
        followed = await self._reading.collection(policies)
        async with await followed.watch([], max_await_time_ms=round(1000 * _WAIT_SECONDS)) as changes:
            self._forget()
            while changes.alive and (await self._reading.collection(policies)).name == followed.name:
                async with asyncio.timeout(_WAIT_SECONDS + _OVERDUE_SECONDS):
                    change = await changes.try_next()
                if change is not None:
                    self._forget()
                self._followed_until = time.monotonic() + _WAIT_SECONDS + _OVERDUE_SECONDS

    def _forget(self) -> None:
        self._changed_count += 1
        self._remembered.clear()

    async def _known_as_of(self, now: datetime) -> datetime:
        """Up to when the read model knows everything; what was known up to an instant stays so for some seconds."""
        if not timedelta(0) <= now - self._as_of < _AS_OF_ASKED_EVERY:
            self._as_of = await self._reading.facts_as_of(policies)
        return self._as_of

    async def _read(self, tenant: str, programme: str) -> KnownPolicy:
        # Asked first: what is read afterwards is at least as new as this.
        as_of = await self._known_as_of(self._clock.now())
        found = await self._reading.get(policies, tenant, programme)
        if found is None or "policy" not in found:
            raise FactsTooOld("the programme's policy is not known here yet")
        return KnownPolicy(
            policy=self._policy(tenant, programme, text=found["policy"]),
            version=found["version"],
            paused=found["paused"],
            as_of=as_of,
            pauses=Pauses(tuple((pause["from"], pause["to"]) for pause in found["pauses"])),
        )

    def _policy(self, tenant: str, programme: str, *, text: str) -> Policy:
        """Read once for each text: policies are asked for all the time and change once a year."""
        known, policy = self._parsed.get((tenant, programme), ("", None))
        if policy is None or known != text:
            policy = Policy.model_validate_json(text)
            self._parsed[tenant, programme] = (text, policy)
        return policy
