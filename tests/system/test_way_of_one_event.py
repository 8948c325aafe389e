"""Walks the table at the top of README.md, step by step, so that the table cannot go stale."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import chassis.command_handler
import chassis.consumer.worker
import chassis.event_store.mongo
import chassis.relay.relay
import contracts.topics
import services.intake.domain.request
import services.intake.http.requests
import services.intake.projections.requests
import services.matching.reactions.on_requests
from chassis.testing import given
from contracts.intake import RequestPosted
from services.intake.app import build as build_intake
from services.intake.domain.request import ParkRequest, request
from services.matching.app import build as build_matching
from tests.support.service import Place, Published, Running, running_service
from tests.support.wait import eventually
from tests.system.readme import way_of_one_event

Json = dict[str, Any]
TENANT = "oslo"


@dataclass(frozen=True, slots=True)
class Way:
    """Two services, and a request that was posted at one of them."""

    intake: Running
    matching: Running
    wish: Json
    posted: Json

    @property
    def stream(self) -> str:
        return f"{TENANT}/request/{self.posted['request_id']}"

    def as_staff(self) -> dict[str, str]:
        return self.intake.bearer(TENANT, "requests:read", "requests:write", "matching:read")


@pytest.fixture
async def way(place: Place) -> AsyncIterator[Way]:
    await place.make_topics(TENANT)
    async with (
        running_service("intake", build_intake, place) as intake,
        running_service("matching", build_matching, place) as matching,
    ):
        staff = intake.bearer(TENANT, "programmes:manage", "people:write", "requests:write")
        policy = {"policy": {"roles": {"friend": {}}}, "adopted_by": "the board"}
        await _accepted(intake, "/v1/programmes/friends/policy", policy, staff)
        somebody = await _accepted(intake, "/v1/persons", {"name": "Kari Eksempel"}, staff)
        wish = {"programme": "friends", "person_id": somebody["id"], "what": "a walk on Sundays"}
        posted = await _accepted(intake, "/v1/requests", wish, staff)
        yield Way(intake, matching, wish, posted)


async def _accepted(service: Running, path: str, body: Json, headers: dict[str, str]) -> Json:
    answer = await service.client.post(path, json=body, headers=headers)
    assert answer.is_success, answer.text
    found: Json = answer.json()
    return found


def _stands_in(step: int, module: Any) -> bool:
    """Whether the row of README.md links to the module this test walks through."""
    return way_of_one_event()[step].where == Path(str(module.__file__))


def test_the_table_has_nine_steps_in_order() -> None:
    assert list(way_of_one_event()) == [1, 2, 3, 4, 5, 6, 7, 8, 9]


async def test_1_a_request_becomes_a_command_once_tenant_and_scopes_are_checked(way: Way) -> None:
    assert _stands_in(1, services.intake.http.requests)

    unknown = await way.intake.client.post("/v1/requests", json=way.wish)
    without_scope = await way.intake.client.post(
        "/v1/requests", json=way.wish, headers=way.intake.bearer(TENANT, "requests:read")
    )
    elsewhere = await way.intake.client.get(
        f"/v1/requests/{way.posted['request_id']}", headers=way.intake.bearer("kolding", "requests:read")
    )

    assert [unknown.status_code, without_scope.status_code, elsewhere.status_code] == [401, 403, 404]


async def test_2_a_conflict_is_decided_again(way: Way) -> None:
    assert _stands_in(2, chassis.command_handler)

    take_up = f"/v1/requests/{way.posted['request_id']}/take-up"
    answers = await asyncio.gather(
        *(
            way.intake.client.post(take_up, headers=way.intake.bearer(TENANT, "requests:write", subject=f"owner-{n}"))
            for n in range(8)
        )
    )

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 7


async def test_3_command_and_state_give_events(way: Way) -> None:
    assert _stands_in(3, services.intake.domain.request)

    posted = (await _published(way, RequestPosted))[0]
    event = RequestPosted.model_validate_json(posted.body)

    assert [type(made).__name__ for made in given(request, event).when(ParkRequest(now=event.posted_at))] == [
        "RequestParked"
    ]


async def test_4_one_commit_is_appended(way: Way) -> None:
    assert _stands_in(4, chassis.event_store.mongo)

    commits = await way.intake.application.database["commits"].find({"s": way.stream}).to_list()

    assert [(commit["v"], commit["n"], commit["t"]) for commit in commits] == [(1, 1, ["intake.request-posted/1"])]


async def test_5_it_leaves_the_outbox_when_kafka_has_it(way: Way) -> None:
    assert _stands_in(5, chassis.relay.relay)

    await _published(way, RequestPosted)

    async def left() -> bool:
        return await way.intake.application.database["commits"].count_documents({"o": {"$exists": True}}) == 0

    assert await eventually(left)


async def test_6_the_topic_has_it_under_its_stream_with_the_personal_part_sealed(way: Way) -> None:
    assert _stands_in(6, contracts.topics)

    record = (await _published(way, RequestPosted))[0]

    assert record.key == way.stream
    assert (record.envelope.event_type, record.envelope.position) == ("intake.request-posted", 1)
    assert record.envelope.origin.actor
    assert b"a walk on Sundays" not in record.body


async def test_7_what_is_applied_already_is_skipped(way: Way) -> None:
    assert _stands_in(7, chassis.consumer.worker)

    record = (await _published(way, RequestPosted))[0]
    before = await _read_model(way, lambda document: document)
    await way.intake.place.repeat("intake.events", record)
    await _settled(way)

    assert await _read_model(way, lambda document: document) == before


async def test_8_the_position_is_written_with_the_read_model(way: Way) -> None:
    assert _stands_in(8, services.intake.projections.requests)

    assert await _read_model(way, lambda document: document["_streams"]) == {way.stream: 1}


async def test_9_a_query_answers_and_a_reaction_makes_the_next_command(way: Way) -> None:
    assert _stands_in(9, services.matching.reactions.on_requests)

    async def seen() -> Json | None:
        answer = await way.intake.client.get(f"/v1/requests/{way.posted['request_id']}", headers=way.as_staff())
        return answer.json() if answer.is_success else None

    shown = await eventually(seen)
    opened = await way.matching.place.read("matching.events")

    assert shown is not None
    assert (shown["status"], shown["what"]) == ("posted", "a walk on Sundays")
    assert [record.headers["ce_type"] for record in opened] == ["matching.search-opened"]
    assert opened[0].headers["ce_causationid"] == (await _published(way, RequestPosted))[0].headers["ce_id"]


async def _published(way: Way, event: type[Any]) -> list[Published]:
    """The records of one event type, once there is one."""

    async def there() -> list[Published]:
        records = await way.intake.place.read("intake.events", at_least=3)
        return [record for record in records if record.headers["ce_type"] == event.event_type]

    return await eventually(there)


async def _read_model(way: Way, pick: Callable[[Json], Any]) -> Any:
    async def found() -> Json | None:
        return await way.intake.application.runtime.read_models.get(
            services.intake.projections.requests.requests, TENANT, way.posted["request_id"]
        )

    document = await eventually(found)
    assert document is not None
    return pick(document)


async def _settled(way: Way) -> None:
    """Nothing is left to read for any consumer of intake."""

    def is_settled() -> bool:
        return all(consumer.lag == 0 for consumer in way.intake.application.consumers.health())

    await eventually(is_settled)
