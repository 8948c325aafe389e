"""Two who agreed on a task reach each other, and nobody else reaches either; over HTTP on the real engines (S1.2)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from contracts.base import Event
from contracts.envelope import Origin, StreamId
from contracts.matching import ContactAgreed, ProposalDropped, SearchClosed, TaskCompleted
from tests.services.intake_front import TASKS, Front, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses
from tests.support.wait import eventually

NOW = datetime.now(UTC)
SHELVES = {"programme": "neighbours", "what": "Put up shelves.", "category": "garden", "expected_duration": "PT2H"}


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    return await front_of(intake)


@dataclass(frozen=True, slots=True)
class Task:
    """Somebody who asked and somebody who helps, both of whom said yes."""

    front: Front
    request_id: str
    asks: str
    helps: str

    @property
    def path(self) -> str:
        return f"/v1/requests/{self.request_id}/contact"

    async def hear(self, *events: Event, first: int = 1) -> None:
        origin = Origin(occurred_at=NOW, recorded_at=NOW, correlation_id="correlation-1", actor="matching")
        stream = StreamId(self.front.tenant, "search", self.request_id)
        await self.front.place.publish("matching", stream, events, origin=origin, first=first)

    async def sees(self, person: str | None, *fields: str) -> Any:
        """What this person is shown of the other; the status where it is nothing."""
        answer = await self.front.get(self.path, person=person)
        body = answer.json()
        return [body[field] for field in fields] if answer.status_code == 200 else answer.status_code

    async def is_closed(self) -> bool:
        return [await self.sees(self.asks), await self.sees(self.helps)] == [404, 404]

    def completed(self, at: datetime = NOW) -> TaskCompleted:
        whose = self.agreed().model_dump(exclude={"agreed_at"})
        return TaskCompleted(**whose, completed_at=at)

    def agreed(self) -> ContactAgreed:
        return ContactAgreed(
            request_id=self.request_id,
            programme="neighbours",
            category="garden",
            proposal_id="proposal-1",
            requester_id=self.asks,
            helper_id=self.helps,
            agreed_at=NOW,
        )


async def agreed_task(front: Front, **helper: Any) -> Task:
    asks = await front.register(contact={"language": "da", "phone": "+4740000101", "email": "ida@example.org"})
    helps = await front.register(name="Bo Oppdiktet", **helper)
    posted = await front.post("/v1/requests", SHELVES | {"person_id": asks}, person=asks)
    task = Task(front, posted.json()["request_id"], asks, helps)
    assert await task.is_closed()
    await task.hear(task.agreed())

    async def both_see() -> bool:
        return isinstance(await task.sees(helps, "name"), list) and isinstance(await task.sees(asks, "name"), list)

    await eventually(both_see)
    return task


@pytest.mark.requirement("S1.2", "S1.11")
async def test_the_two_who_agreed_see_how_to_reach_each_other_and_nobody_else_does(
    intake: Running, front: Front
) -> None:
    task = await agreed_task(front, contact={"language": "da", "email": "bo@example.org"})
    assert await task.sees(task.helps, "name", "phone", "email") == ["Kari Oppdiktet", "+4740000101", "ida@example.org"]
    assert await task.sees(task.asks, "name", "phone", "email") == ["Bo Oppdiktet", None, "bo@example.org"]
    somebody = await front.register()
    assert [await task.sees(somebody), await task.sees(None)] == [404, 404]
    other = await front_of(intake)
    assert (await other.get(task.path, person=task.asks)).status_code == 404
    assert (await front.get("/v1/requests/none/contact", person=task.asks)).status_code == 404


@pytest.mark.requirement("S1.2", "S2.9")
async def test_of_who_is_protected_only_what_reaches_them_without_danger_is_shown(front: Front) -> None:
    contact = {"language": "da", "phone": "+4740000102", "email": "bo@example.org"}
    task = await agreed_task(front, contact=contact, address_protected=True, profile={"area": "North"})
    whole = (await front.get(task.path, person=task.asks)).json()
    assert set(whole) == {"request_id", "name", "phone", "email", "agreed_at"}
    for channel, shown in (("sms", ["+4740000102", None]), ("email", [None, "bo@example.org"]), ("nobody", [None] * 2)):
        agreed = await front.post(f"/v1/persons/{task.helps}/safe-contact", {"channel": channel}, person=task.helps)
        await front.get(f"/v1/persons/{task.helps}", after=agreed)
        assert await task.sees(task.asks, "phone", "email") == shown


@pytest.mark.requirement("S1.2", "S2.9")
async def test_a_block_closes_the_door_at_once(front: Front) -> None:
    task = await agreed_task(front, contact={"language": "da", "phone": "+4740000103"})
    blocked = await front.post(f"/v1/persons/{task.asks}/blocks", {"phone": "+4740000103"}, person=task.asks)
    assert blocked.status_code == 201, blocked.text
    assert await task.is_closed()


@pytest.mark.requirement("S1.2", "S2.17")
async def test_a_task_done_by_both_meets_the_request_and_closes_the_door(front: Front) -> None:
    task = await agreed_task(front)
    await task.hear(task.completed(), task.completed(), first=2)
    await front.shown(f"/v1/requests/{task.request_id}", status="met")
    await eventually(task.is_closed)


@pytest.mark.requirement("S1.2", "S2.17")
async def test_the_door_stays_open_for_the_days_that_the_programme_keeps_what_ended(front: Front) -> None:
    await front.adopt("neighbours", TASKS | {"retain_after_end": "P2D"})
    recent, long_ago = await agreed_task(front), await agreed_task(front)
    await recent.hear(recent.completed(), first=2)
    await long_ago.hear(long_ago.completed(NOW - timedelta(days=3)), first=2)
    await eventually(long_ago.is_closed)
    await front.shown(f"/v1/requests/{recent.request_id}", status="met")
    assert await recent.sees(recent.helps, "name") == ["Kari Oppdiktet"]


@pytest.mark.requirement("S1.2")
async def test_the_door_closes_where_it_comes_to_nothing(front: Front) -> None:
    withdrawn, dropped = await agreed_task(front), await agreed_task(front)
    await withdrawn.hear(
        SearchClosed(request_id=withdrawn.request_id, programme="neighbours", reason="withdrawn"), first=2
    )
    whose = dropped.agreed().model_dump(include={"request_id", "programme", "helper_id", "proposal_id"})
    await dropped.hear(ProposalDropped(**whose, person_id=dropped.asks, reason="block"), first=2)
    await eventually(withdrawn.is_closed)
    await eventually(dropped.is_closed)
