"""People who come and people who are blocked, in any order: told over HTTP, and reckoned by hand beside it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx

from contracts.envelope import StreamId
from contracts.intake import PAIR, BlockKind, pair_value
from services.intake.domain.counterpart import counterparts
from services.intake.domain.person import person
from tests.services.intake_front import Front, Json, referral
from tests.support.wait import eventually

Way = Literal["self", "staff", "referral"]

BORN = "1988-05-17"
ANSWERS = {True: "recognised", False: "not-the-same"}
_IDS = re.compile(r"[0-9a-f]{64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Come:
    """`has` says which of the three values somebody bears of each kind."""

    who: int
    way: Way
    has: Mapping[BlockKind, int]


@dataclass(frozen=True, slots=True)
class Contact:
    who: int
    kind: Literal["phone", "email"]
    value: int


@dataclass(frozen=True, slots=True)
class Block:
    """`spelling` is how it is typed: the same value is the same however it is written."""

    who: int
    kind: BlockKind
    value: int
    spelling: int


@dataclass(frozen=True, slots=True)
class Lift:
    which: int


@dataclass(frozen=True, slots=True)
class Answer:
    which: int
    recognised: bool


Step = Come | Contact | Block | Lift | Answer


@dataclass(slots=True)
class _Made:
    """A block as it was made, and what became of it; `answers` by who bears it."""

    block_id: str
    by: int
    kind: BlockKind
    value: int
    is_live: bool = True
    answers: dict[int, bool] = field(default_factory=dict)


@dataclass(slots=True)
class Story:
    """One telling in one tenant. `run` keeps the people and values of one telling apart from all others."""

    front: Front
    run: str
    ids: dict[int, str] = field(default_factory=dict)
    borne: dict[tuple[BlockKind, int], set[int]] = field(default_factory=dict)
    made: list[_Made] = field(default_factory=list)
    seen: list[tuple[Any, ...]] = field(default_factory=list)

    async def tell(self, steps: Sequence[Step], *, watch: int | None = None) -> None:
        """`seen` then holds the shape of everything that this person got to see."""
        for step in steps:
            answer = await self._do(step)
            if answer is not None and isinstance(step, Come | Contact) and step.who == watch:
                self.seen.append(shape(answer, self.front.tenant))
        if watch is not None and watch in self.ids:
            self.seen.extend(await self._shown(self.ids[watch]))

    async def _shown(self, me: str) -> list[tuple[Any, ...]]:
        """What somebody sees of themselves, once everything they did is visible."""
        stream = StreamId(self.front.tenant, "person", me)
        version = (await self.front.service.application.runtime.commands.state(person, stream)).version

        async def current() -> httpx.Response:
            shown = await self.front.get(f"/v1/persons/{me}", person=me)
            assert shown.headers["ETag"] == f'"{version}"'
            return shown

        blocks = await self.front.get(f"/v1/persons/{me}/blocks", person=me)
        return [shape(answer, self.front.tenant) for answer in (await eventually(current), blocks)]

    async def _do(self, step: Step) -> httpx.Response | None:
        match step:
            case Come(who=who) if who not in self.ids:
                return await self._come(step)
            case Contact(who=who, kind=kind, value=value) if who in self.ids:
                self._bears(who, {kind: value})
                body = {"language": "nb", kind: self.value(kind, value)}
                return await self._ok(await self.front.post(f"/v1/persons/{self.ids[who]}/contact", body))
            case Block(who=who) if who in self.ids:
                return await self._block(step)
            case Lift(which=which) if self.made:
                return await self._lift(self.made[which % len(self.made)])
            case Answer(which=which, recognised=recognised) if self._checks():
                checks = self._checks()
                return await self._answer(*checks[which % len(checks)], recognised)
            case _:
                return None

    async def _come(self, step: Come) -> httpx.Response:
        contact = {kind: self.value(kind, step.has[kind]) for kind in ("email", "phone") if kind in step.has}
        name = self.value("name", step.has["name"]) if "name" in step.has else "Kari Oppdiktet"
        self._bears(step.who, step.has)
        if step.way == "referral":
            who = {"person_name": name, "person_birth_date": BORN, "person_email": None}
            who |= {f"person_{field}": value for field, value in contact.items()}
            number = f"{self.run}-{step.who}"
            answer = await self._ok(await self.front.post("/v1/referrals", referral(number, **who)))
            keyring = self.front.service.application.runtime.keyring
            self.ids[step.who] = keyring.fingerprint(self.front.tenant, "person", f"citizen-{number}")
            return answer
        own = f"{self.run}-person-{step.who}" if step.way == "self" else None
        body: Json = {"name": name, "birth_date": BORN, "contact": {"language": "nb", **contact}}
        answer = await self._ok(await self.front.post("/v1/persons", body, person=own))
        self.ids[step.who] = answer.json()["id"]
        return answer

    async def _block(self, step: Block) -> httpx.Response:
        said = spelled(self.value(step.kind, step.value), step.kind, step.spelling)
        body = {step.kind: said} | ({"birth_date": BORN} if step.kind == "name" else {})
        answer = await self._ok(await self.front.post(f"/v1/persons/{self.ids[step.who]}/blocks", body))
        self.made.append(_Made(answer.json()["id"], step.who, step.kind, step.value))
        return answer

    async def _lift(self, made: _Made) -> httpx.Response:
        made.is_live = False
        return await self._ok(await self.front.post(f"/v1/persons/{self.ids[made.by]}/blocks/{made.block_id}/lifting"))

    async def _answer(self, made: _Made, bearer: int, recognised: bool) -> httpx.Response:
        made.answers[bearer] = recognised
        check_id = f"{self.pair(made.by, bearer)}_{made.block_id}"
        return await self._ok(
            await self.front.post(f"/v1/block-checks/{check_id}/answer", {"answer": ANSWERS[recognised]})
        )

    async def _ok(self, answer: httpx.Response) -> httpx.Response:
        assert answer.status_code in (200, 201), answer.text
        return answer

    def _bears(self, who: int, has: Mapping[BlockKind, int]) -> None:
        for kind, value in has.items():
            self.borne.setdefault((kind, value), set()).add(who)

    def _checks(self) -> list[tuple[_Made, int]]:
        """Blocks in force and who bears what they are about."""
        return [
            (made, bearer)
            for made in self.made
            for bearer in sorted(self.borne.get((made.kind, made.value), ()))
            if made.is_live and bearer != made.by
        ]

    def value(self, kind: BlockKind, number: int) -> str:
        match kind:
            case "phone":
                return f"+4741{int(self.run[:6], 16) % 10**5:05d}{number}"
            case "email":
                return f"{self.run}-{number}@example.org"
            case "name":
                return f"Ida {self.run} Oppdiktet {number}"

    def pair(self, one: int, other: int) -> str:
        keyring = self.front.service.application.runtime.keyring
        return keyring.fingerprint(self.front.tenant, PAIR, pair_value(self.ids[one], self.ids[other]))

    def pairs(self) -> set[str]:
        """Every pair there could be."""
        return {self.pair(one, other) for one in self.ids for other in self.ids if one < other}

    def to_be_held(self) -> set[str]:
        """Reckoned by hand: a block in force, somebody who ever bore it, and nobody said that it is another."""
        return {self.pair(made.by, bearer) for made, bearer in self._checks() if made.answers.get(bearer, True)}

    async def held(self) -> set[str]:
        """As it stands in the streams at this moment."""
        commands = self.front.service.application.runtime.commands
        states = {
            pair: (await commands.state(counterparts, StreamId(self.front.tenant, "pair", pair))).state
            for pair in self.pairs()
        }
        return {pair for pair, state in states.items() if state.is_held}

    async def published(self) -> set[str]:
        """As another service reads it from the topic, of the pairs of this telling."""
        last: dict[str, str] = {}
        for record in await self.front.place.read("intake.events"):
            kind = record.headers["ce_type"]
            if kind in ("intake.pair-held", "intake.pair-freed"):
                last[record.key.rpartition("/")[2]] = kind
        return {pair for pair in self.pairs() if last.get(pair) == "intake.pair-held"}


def spelled(value: str, kind: BlockKind, spelling: int) -> str:
    """The same value as somebody else would type it."""
    match kind:
        case "phone":
            return (f"{value[:6]} {value[6:]}", value.removeprefix("+47"), value.replace("+47", "+45"))[spelling]
        case "email":
            local, _, domain = value.partition("@")
            return (f" {value} ", f"{local.upper()}@{domain}", f"{local}+post@{domain}")[spelling]
        case "name":
            return (value, value.upper(), value.replace(" ", "  "))[spelling]


def shape(answer: httpx.Response, tenant: str) -> tuple[Any, ...]:
    """Everything of an answer that could tell two situations apart: ids and instants are replaced, nothing else."""

    def plain(text: str) -> str:
        instants = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)", "<instant>", text.replace(tenant, "<tenant>"))
        return _IDS.sub("<id>", instants)

    headers = sorted((name, plain(value)) for name, value in answer.headers.items() if name != "content-length")
    return answer.status_code, headers, plain(answer.text)
