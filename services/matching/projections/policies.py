"""Which policy of a programme is in force, is the programme paused, and when was it?"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from chassis.clock import Clock
from chassis.projection import Projection
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
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
_NEVER = datetime.min.replace(tzinfo=UTC)


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


class StoredPolicies:
    """Answers `Policies` from the read model, asking it once a second at most for each programme.

    A policy is needed with every command and every list. What is remembered keeps the `as_of` it was read with, so it
    grows old like any fact; by the clock that may be moved, so that a jump in time asks again.
    """

    def __init__(self, reading: ReadModels, clock: Clock) -> None:
        self._reading = reading
        self._clock = clock
        self._as_of = _NEVER
        self._parsed: dict[tuple[str, str], tuple[str, Policy]] = {}
        self._remembered: dict[tuple[str, str], tuple[datetime, KnownPolicy]] = {}

    async def known(self, tenant: str, programme: str) -> KnownPolicy:
        now = self._clock.now()
        read_at, known = self._remembered.get((tenant, programme), (_NEVER, None))
        if known is None or not timedelta(0) <= now - read_at < _REMEMBERED_FOR:
            known = await self._read(tenant, programme)
            if now - known.as_of < _FRESH:  # while a consumer still catches up, every second counts
                self._remembered[tenant, programme] = (now, known)
        return known

    async def _read(self, tenant: str, programme: str) -> KnownPolicy:
        # Asked first: what is read afterwards is at least as new as this. And what was known up to an instant stays so.
        now = self._clock.now()
        as_of = self._as_of
        if not timedelta(0) <= now - as_of < _AS_OF_ASKED_EVERY:
            as_of = self._as_of = await self._reading.facts_as_of(policies)
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
