"""People who use all four services at once, over HTTP and Kafka: they ask, help, are picked, answer, change their mind.

Every command goes out under its own Idempotency-Key and is repeated under it until it is answered, as a careful client
does; what was acknowledged is remembered, so that somebody can look afterwards whether it is still true.
"""

import asyncio
import json
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer

from chassis.position import Position
from contracts.envelope import derive_id
from contracts.topics import referrals
from tests.support.tokens import TokenIssuer, in_a_day
from tests.support.wait import eventually

Json = dict[str, Any]

PROGRAMME = "walking-friends"
ROLE = "friend"
POLICY: Json = {
    "min_age": 18,
    "roles": {ROLE: {"hours": 4, "modules": ["role"], "talk": True}},
    "capacity": 3,
    "max_length": "P1Y",
    "milestones": [1, 10],
}
STAFF = (
    "programmes:manage",
    "people:read",
    "people:write",
    "requests:read",
    "requests:write",
    "volunteering:manage",
    "volunteering:read",
    "matching:read",
    "matching:manage",
    "messages:read",
    "messages:digest",
    "figures:read",
    "referrals:write",
)
COORDINATOR = "coordinator"
_PATIENCE_SECONDS = 90.0
_AGAIN_SECONDS = 0.05


class NotAccepted(Exception):
    """A rule said no: `rule` is its fixed word."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__(f"{answer.request.method} {answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        self.rule = str(answer.json().get("rule", ""))


class Ending(StrEnum):
    """What becomes of a request."""

    MATCHED = "both say yes"
    MATCH_ENDED = "both say yes, and later it ends"
    REFUSED = "one says no"
    WITHDRAWN = "withdrawn while somebody is proposed"
    PARKED = "parked while somebody is proposed, and taken up again"
    SUSPENDED = "both say yes, and the helper is suspended afterwards"


@dataclass(frozen=True, slots=True)
class Command:
    """A POST: under which id it runs, and the position it was answered with (None: no answer yet)."""

    service: str
    tenant: str
    command_id: str
    position: Position | None = None


@dataclass(slots=True)
class Ledger:
    """Everything that was posted, by command id: what has no position was never acknowledged."""

    commands: dict[str, Command] = field(default_factory=dict)

    def posted(self, command: Command) -> None:
        self.commands[command.command_id] = command

    def acknowledged(self) -> list[Command]:
        return [command for command in self.commands.values() if command.position is not None]

    def unanswered(self, service: str) -> list[Command]:
        """On their way, or given up."""
        return [c for c in self.commands.values() if c.service == service and c.position is None]


@dataclass(slots=True)
class Town:
    """One tenant's people. `clients` reach the services by name, in process or over the network."""

    tenant: str
    clients: Mapping[str, httpx.AsyncClient]
    issuer: TokenIssuer
    ledger: Ledger = field(default_factory=Ledger)
    seed: int = 7
    _random: random.Random = field(init=False)
    _tokens: dict[str | None, dict[str, str]] = field(default_factory=dict)
    _spoken_for: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._random = random.Random(f"{self.seed}/{self.tenant}")  # noqa: S311 (the same town every time)

    # asking ---------------------------------------------------------------------------------------------------------

    async def command(self, service: str, path: str, body: Json | None = None, *, person: str | None = None) -> Json:
        """Post until it is accepted, as the coordinator or as a person. Raises NotAccepted when a rule says no."""
        subject = COORDINATOR if person is None else f"user-{person}"
        key = uuid4().hex
        command = Command(service, self.tenant, derive_id("http", self.tenant, subject, key))
        self.ledger.posted(command)

        headers = {**self.bearer(person), "Idempotency-Key": key}
        try:
            answer = await self._answered(lambda: self.clients[service].post(path, json=body, headers=headers))
        except NotAccepted:
            del self.ledger.commands[command.command_id]
            raise
        if "X-Position" in answer.headers:
            position = Position.parse(answer.headers["X-Position"])
            self.ledger.posted(Command(service, self.tenant, command.command_id, position))
        else:
            # Where a position would tell whose it is, there is none, and nothing to look up afterwards (S1.14).
            del self.ledger.commands[command.command_id]
        found: Json = answer.json()
        return found

    async def get_once(self, service: str, path: str) -> httpx.Response:
        """Ask as the coordinator, once."""
        return await self.clients[service].get(path, headers=self.bearer(None))

    async def get(self, service: str, path: str) -> Json:
        """Ask as the coordinator until there is an answer. Raises NotAccepted when the question is not answered."""
        answer = await self._answered(lambda: self.get_once(service, path))
        found: Json = answer.json()
        return found

    async def _answered(self, ask: Callable[[], Awaitable[httpx.Response]]) -> httpx.Response:
        """The first answer that is no "not now" and no "not heard of here yet"."""

        async def answered() -> httpx.Response | None:
            try:
                answer = await ask()
            except httpx.TransportError:
                return None
            is_not_now = answer.status_code >= 500 or answer.status_code == 404 or "Retry-After" in answer.headers
            return None if is_not_now else answer

        answer = await eventually(answered, timeout=_PATIENCE_SECONDS, every=_AGAIN_SECONDS)
        assert answer is not None
        if not answer.is_success:
            raise NotAccepted(answer)
        return answer

    async def until(self, service: str, path: str, is_so: Callable[[Json], Any]) -> Json:
        """The first answer of which `is_so` is true."""

        async def so() -> Json | None:
            found = await self.get(service, path)
            return found if is_so(found) else None

        seen = await eventually(so, timeout=_PATIENCE_SECONDS, every=_AGAIN_SECONDS)
        assert seen is not None
        return seen

    def bearer(self, person: str | None = None) -> dict[str, str]:
        if person not in self._tokens:
            subject = COORDINATOR if person is None else f"user-{person}"
            scopes = STAFF if person is None else ("matching:answer", "requests:write", "requests:read", "messages:own")
            self._tokens[person] = self.issuer.bearer(
                tenant=self.tenant, scopes=scopes, subject=subject, person=person, exp=in_a_day()
            )
        return self._tokens[person]

    # people ---------------------------------------------------------------------------------------------------------

    async def adopt(self) -> None:
        body = {"policy": POLICY, "adopted_by": "The board"}
        await self.command("intake", f"/v1/programmes/{PROGRAMME}/policy", body)

    async def person(self, **profile: Any) -> str:
        """Somebody new; the pseudonym."""
        number = self._random.randrange(10**9)
        contact = {"language": self._random.choice(["nb", "nn", "da", "en"]), "email": f"person-{number}@example.org"}
        body: Json = {"channel": "phone", "name": f"Oppdiktet {number}", "birth_date": "1980-05-17", "contact": contact}
        if profile:
            body["profile"] = profile
        return str((await self.command("intake", "/v1/persons", body))["id"])

    async def volunteer(self, *, is_for_one_story: bool = False) -> str:
        """Somebody who applied, showed what is asked for, and is approved; the pseudonym."""
        helper = await self.person(languages=[{"code": "nb"}], interests=["walking"])
        if is_for_one_story:
            self._spoken_for.add(helper)
        path = f"/v1/volunteerings/{helper}_{PROGRAMME}"
        application = {"programme": PROGRAMME, "roles": [ROLE], "person_id": helper, "recruitment_source": "friend"}
        await self.command("intake", "/v1/volunteerings", application)
        await self.command("intake", f"{path}/training", {"session": "evening-1", "hours": 4, "modules": ["role"]})
        await self.command("intake", f"{path}/interview", {"outcome": "suitable"})
        await self.command("intake", f"{path}/approval", {})
        return helper

    async def suspend(self, helper: str) -> None:
        await self.command("intake", f"/v1/volunteerings/{helper}_{PROGRAMME}/suspension")

    async def request(self) -> tuple[str, str]:
        """A wish and who has it."""
        somebody = await self.person()
        wish = {"programme": PROGRAMME, "person_id": somebody, "what": "A walk on Sundays."}
        return str((await self.command("intake", "/v1/requests", wish))["request_id"]), somebody

    # finding --------------------------------------------------------------------------------------------------------

    async def propose(self, request_id: str, helper: str | None = None) -> tuple[str, str]:
        """The coordinator picks that helper, or anybody who has a place; the proposal and the helper."""
        while True:
            chosen = helper or await self._candidate(request_id)
            try:
                picked = await self.command("matching", f"/v1/searches/{request_id}/proposals", {"helper_id": chosen})
            except NotAccepted as no:
                if no.rule not in ("no_free_slot", "not_listed"):
                    raise
            else:
                return str(picked["id"]), chosen

    async def _candidate(self, request_id: str) -> str:
        def free(found: Json) -> list[str]:
            return [item["helper_id"] for item in found["items"] if item["helper_id"] not in self._spoken_for]

        listed = await self.until("matching", f"/v1/searches/{request_id}/candidates?limit=200", free)
        return self._random.choice(free(listed))

    async def meet(self, request_id: str, proposal_id: str) -> None:
        path = f"/v1/searches/{request_id}/proposals/{proposal_id}/meeting"
        tomorrow = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
        await self.command("matching", path, {"meets_at": tomorrow.isoformat()})
        await self.command("matching", f"{path}/held")

    async def say(self, word: str, request_id: str, proposal_id: str, *, person: str) -> None:
        path = f"/v1/searches/{request_id}/proposals/{proposal_id}/answers"
        await self.command("matching", path, {"answer": word}, person=person)

    async def story(self, ending: Ending) -> None:
        """One request from its beginning to that ending."""
        request_id, requester = await self.request()
        await self.command("intake", f"/v1/requests/{request_id}/take-up")
        is_suspended = ending is Ending.SUSPENDED  # who is suspended is lost to every other proposal
        own = await self.volunteer(is_for_one_story=True) if is_suspended else None
        proposal_id, helper = await self.propose(request_id, own)
        match ending:
            case Ending.WITHDRAWN:
                await self.command("intake", f"/v1/requests/{request_id}/withdrawal")
            case Ending.PARKED:
                await self.command("intake", f"/v1/requests/{request_id}/parking", {})
                await self.command("intake", f"/v1/requests/{request_id}/resumption")
            case Ending.REFUSED:
                await self.say("no", request_id, proposal_id, person=helper)
            case _:
                await self.meet(request_id, proposal_id)
                await self.say("yes", request_id, proposal_id, person=requester)
                await self.say("yes", request_id, proposal_id, person=helper)
                await self._after_match(request_id, helper, ending)

    async def _after_match(self, request_id: str, helper: str, ending: Ending) -> None:
        settled = await self.until("matching", f"/v1/searches/{request_id}", lambda found: found["match_id"])
        if ending is Ending.MATCH_ENDED:
            end = {"reason": "both", "closing_talk": True}
            await self.command("matching", f"/v1/matches/{settled['match_id']}/end", end)
        elif ending is Ending.SUSPENDED:
            await self.suspend(helper)

    async def refer(self, numbers: Sequence[int], *, kafka: str, namespace: str) -> None:
        """The municipality's system sends referrals, each of them twice."""
        async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer:
            for number in [*numbers, *numbers]:
                headers = {
                    "ce_specversion": "1.0",
                    "ce_id": uuid4().hex,
                    "ce_type": "kobling.referral",
                    "ce_source": "/fjordby/case-system",
                    "ce_schemaversion": "1",
                }
                await producer.send_and_wait(
                    f"{namespace}{referrals(self.tenant)}",
                    json.dumps(_referral(number)).encode(),
                    headers=[(name, value.encode()) for name, value in headers.items()],
                )

    # load -----------------------------------------------------------------------------------------------------------

    async def settle_in(self, *, helpers: int = 3) -> None:
        """The programme and its first helpers."""
        await self.adopt()
        await asyncio.gather(*(self.volunteer() for _ in range(helpers)))

    async def busy(self, stopping: asyncio.Event, *, at_once: int = 3) -> int:
        """Stories of every ending, so many at once, until it is told to stop; how many came to their end."""

        async def lane(number: int) -> int:
            endings, told = list(Ending), 0
            while not stopping.is_set():
                ending = endings[(number + told * at_once) % len(endings)]
                await self.story(ending)
                if ending is Ending.MATCHED:
                    await self.volunteer()  # a place is taken for long: somebody new comes
                told += 1
            return told

        async with asyncio.TaskGroup() as group:
            lanes = [group.create_task(lane(number)) for number in range(at_once)]
        return sum(task.result() for task in lanes)


def _referral(number: int) -> Json:
    return {
        "referral_id": f"referral-{number}",
        "programme": PROGRAMME,
        "person": {
            "reference": f"citizen-{number}",
            "name": f"Oppdiktet {number}",
            "birth_date": "1988-05-17",
            "email": f"referred-{number}@example.org",
            "language": "nb",
            "languages": [{"code": "nb", "level": "b1"}],
        },
        "what": "Somebody to walk and talk with.",
        "needed_since": date(2026, 1, 1).isoformat(),
        "agreed_with_person": True,
    }
