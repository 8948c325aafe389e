"""What tests of intake's front door say over and over: a programme to adopt, a referral to send, people to register."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from aiokafka import AIOKafkaProducer
from pymongo import AsyncMongoClient

from services.intake.app import build
from tests.support.service import Place, Published, Running, own_place, running_service
from tests.support.stack import Addresses
from tests.support.wait import eventually

Json = dict[str, Any]

PAIRING: Json = {
    "min_age": 18,
    "gates": [{"code": "acute_over", "confirmed_by": "referrer or coordinator", "otherwise": "acute-help"}],
    "roles": {
        "friend": {
            "hours": 12,
            "modules": ["measure", "role"],
            "confidentiality": "v1",
            "certificate": "police",
            "talk": True,
        }
    },
    "max_length": "P1Y",
}
TASKS: Json = {
    "country": "DK",
    "zone": "Europe/Copenhagen",
    "approved": {"by": "The board", "on": "2012-12"},
    "mandate": {"from": "2012-12-01", "to": "2200-12-31"},
    "residence": {"municipality": "Fjordby"},
    "categories": ["garden", {"code": "shopping", "safeguards": ["money"]}, {"code": "visiting", "by": "pairing"}],
    "roles": {"member": {"approval": "registration"}},
    "registration_reason": "Help is between equals.",
}
STAFF = (
    "programmes:manage",
    "people:read",
    "people:write",
    "requests:read",
    "requests:write",
    "volunteering:manage",
    "referrals:write",
)


def referral(number: str = "17", **changes: Any) -> Json:
    """A referral as a municipality writes it; `person_…` changes what is said about the person."""
    person = {
        "reference": f"citizen-{number}",
        "name": "Ida Oppdiktet",
        "birth_date": "1988-05-17",
        "email": "ida.oppdiktet@example.org",
        "language": "nb",
    }
    person |= {name.removeprefix("person_"): changes.pop(name) for name in list(changes) if name.startswith("person_")}
    body = {
        "referral_id": number,
        "programme": "walking-friends",
        "person": person,
        "what": "Somebody to walk and talk with.",
        "gates": {"acute_over": True},
        "agreed_with_person": True,
    }
    return body | changes


HEADERS: Mapping[str, bytes] = {
    "ce_specversion": b"1.0",
    "ce_source": b"/fjordby/case-system",
    "ce_type": b"kobling.referral",
    "ce_schemaversion": b"1",
}


@dataclass(frozen=True, slots=True)
class Front:
    """Intake running for one tenant of its own; `as_staff` may do what coordinators and systems may."""

    service: Running
    tenant: str

    @property
    def place(self) -> Place:
        return self.service.place

    async def post(
        self,
        path: str,
        body: Json | None = None,
        *,
        person: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """As staff, or as the person whose pseudonym is given."""
        return await self.service.client.post(path, json=body, headers={**self.bearer(person), **(headers or {})})

    async def get(
        self, path: str, *, person: str | None = None, after: httpx.Response | None = None, **query: Any
    ) -> httpx.Response:
        """`after` waits for what an earlier answer did."""
        headers = self.bearer(person)
        if after is not None:
            headers["X-Min-Position"] = after.headers["X-Position"]
        return await self.service.client.get(path, params=query or None, headers=headers)

    def bearer(self, person: str | None = None) -> dict[str, str]:
        if person is None:
            return self.service.bearer(self.tenant, *STAFF, subject="staff-1")
        return self.service.bearer(self.tenant, "requests:read", "requests:write", "volunteering:apply", person=person)

    async def adopt(self, programme: str, policy: Json) -> None:
        answer = await self.post(f"/v1/programmes/{programme}/policy", {"policy": policy, "adopted_by": "The board"})
        assert answer.status_code == 200, answer.text

    async def register(self, **changes: Any) -> str:
        """Somebody new; the pseudonym."""
        body = {"channel": "phone", "name": "Kari Oppdiktet", "birth_date": "1970-01-31"} | changes
        answer = await self.post("/v1/persons", body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def send(self, body: Json | bytes, **headers: bytes | None) -> None:
        """A record on the tenant's topic of referrals; a header of None is left out."""
        said = {**HEADERS, "ce_id": uuid4().hex.encode(), **headers}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with AIOKafkaProducer(bootstrap_servers=self.place.engines.kafka, max_request_size=2_000_000) as producer:
            await producer.send_and_wait(
                f"{self.place.namespace}referrals.{self.tenant}",
                raw,
                headers=[(name, value) for name, value in said.items() if value is not None],
            )

    async def told(self, number: str, *, at_least: int = 1) -> list[Published]:
        """Every status of the referral with that number as it stands on the topic, once it is that many."""

        async def enough() -> list[Published]:
            told = await self.place.read(f"referral-status.{self.tenant}")
            about = [record for record in told if json.loads(record.body)["referral_id"] == number]
            assert len(about) >= at_least
            return about

        return await eventually(enough)

    async def statuses(self, number: str, *, at_least: int = 1) -> list[Json]:
        """What a reader makes of them, who takes each id once: a rebalance may have sent some twice."""

        async def enough() -> list[Json]:
            found = _once(await self.told(number))
            assert len(found) >= at_least
            return found

        return await eventually(enough)

    async def rejections(self, *, at_least: int) -> list[Json]:
        async def enough() -> list[Json]:
            found = _once(await self.place.read(f"referral-rejected.{self.tenant}"))
            assert len(found) >= at_least
            return found

        return await eventually(enough)

    async def shown(self, path: str, **expected: Any) -> Json:
        """What a path shows, once it is there and says what is expected."""

        async def there() -> Json:
            answer = await self.get(path)
            body: Json = answer.json()
            assert (answer.status_code, {field: body[field] for field in expected}) == (200, expected)
            return body

        return await eventually(there)


def _once(records: list[Published]) -> list[Json]:
    by_id = {record.headers["ce_id"]: json.loads(record.body) for record in records}
    return list(by_id.values())


@asynccontextmanager
async def running_intake(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], directory: Path
) -> AsyncIterator[Running]:
    """Intake on engines of its own namespace, for all tests of a module; each takes a tenant of its own."""
    namespace = f"t{uuid4().hex[:12]}-"
    async with own_place(engines, mongo_client, namespace, directory) as place:
        await place.make_topics()
        async with running_service("intake", build, place) as service:
            yield service


async def front_of(service: Running, *, refers: bool = False) -> Front:
    """A tenant nobody else uses, with the two programmes; with topics of its own where its systems refer."""
    tenant = f"tenant-{uuid4().hex[:8]}"
    if refers:
        await service.place.make_topics(tenant)
    front = Front(service, tenant)
    await front.adopt("walking-friends", PAIRING)
    await front.adopt("neighbours", TASKS)
    return front
