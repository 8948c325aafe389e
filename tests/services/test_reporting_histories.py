"""Random histories on Kafka, their figures over HTTP: the same as counted by hand."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from itertools import groupby
from random import Random
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import randoms
from pydantic import JsonValue

from contracts.base import Event, encode
from contracts.envelope import Origin, RecordedEvent, StreamId, commit_headers, event_headers
from contracts.intake import AnswersGiven, LivedExperienceTold, ProgrammeAdopted
from contracts.policy import Policy, RoleRequirements
from services.reporting.app import build
from services.reporting.figures.cells import Breakdown
from tests.services.reporting_by_hand import Figures, as_answered, counted_by_hand
from tests.services.reporting_history import Question, histories, questions
from tests.support.service import Place, Running, running_service
from tests.support.wait import eventually


@pytest.fixture
async def reporting(place: Place) -> AsyncIterator[Running]:
    await place.make_topics()
    async with running_service("reporting", build, place) as running:
        yield running


@pytest.mark.requirement("S4.32", "S2.30")
@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories(), asked=questions, chance=randoms())
async def test_the_figures_asked_over_http_are_those_counted_by_hand(
    reporting: Running, history: list[RecordedEvent], asked: Question, chance: Random
) -> None:
    """A tenant of its own for each history; all of it comes twice, and no stream waits for another."""
    tenant = f"t{uuid4().hex[:8]}"
    expected = _in_json(as_answered(counted_by_hand(history, asked), asked.min_cell))
    await _published(reporting, tenant, [_adopted(asked), *history], chance)
    query = {"programme": "oslo", "as_of": str(asked.on)} | (
        {"known_at": str(asked.known_at)} if asked.known_at else {}
    )

    async def as_expected() -> bool:
        for name, values in expected.items():
            headers = reporting.bearer(tenant, "figures:read")
            answer = await reporting.client.get(f"/v1/figures/{name}", params=query, headers=headers)
            assert answer.status_code == 200, answer.text
            assert answer.json()["values"] == values, name
        return True

    await eventually(as_expected, timeout=20)


def _adopted(asked: Question) -> RecordedEvent:
    roles = {"friend": RoleRequirements(hours=asked.training_hours)}
    policy = Policy.model_validate({"title": {"nb": "Følgesvenn"}, "min_cell": asked.min_cell, "roles": roles})
    adopted = ProgrammeAdopted(
        programme="oslo", policy=policy, policy_version=1, adopted_by="board", adopted_on=date(2020, 1, 1)
    )
    then = datetime(2020, 1, 1, 12, tzinfo=UTC)
    return RecordedEvent(StreamId("t", "programme", "oslo"), 1, adopted, Origin(then, then, "c", "tests"))


async def _published(reporting: Running, tenant: str, history: list[RecordedEvent], chance: Random) -> None:
    streams = [list(group) for _, group in groupby(history, key=lambda one: one.stream)]
    chance.shuffle(streams)
    place = reporting.place
    async with AIOKafkaProducer(bootstrap_servers=place.engines.kafka, acks="all") as producer:
        for one in [one for stream in streams for _ in range(2) for one in stream]:
            stream = StreamId(tenant, one.stream.category, one.stream.id)
            event = await _sealed(reporting, tenant, one.event)
            service = event.event_type.split(".")[0]
            await producer.send(
                f"{place.namespace}{service}.events",
                encode(event).encode(),
                key=str(stream).encode(),
                headers=event_headers(
                    commit_headers(str(stream), one.origin),
                    source=f"/kobling/{service}",
                    name=event.event_type,
                    schema_version=event.schema_version,
                    position=one.position,
                ),
            )


async def _sealed(reporting: Running, tenant: str, event: Event) -> Event:
    """What was told is what the token says."""
    if isinstance(event, AnswersGiven):
        numbers: list[JsonValue] = [int(item) for item in event.items.token.split("+")]
        items = await reporting.application.runtime.keyring.seal(tenant, event.person_id, numbers)
        return event.model_copy(update={"items": items})
    if not isinstance(event, LivedExperienceTold):
        return event
    told_for: list[JsonValue] = [*event.purposes.token.split("+")]
    purposes = await reporting.application.runtime.keyring.seal(tenant, event.person_id, told_for)
    return event.model_copy(update={"purposes": purposes})


def _in_json(figures: Figures) -> Figures:
    return {
        name: {
            value: counted.model_dump() if isinstance(counted, Breakdown) else counted
            for value, counted in values.items()
        }
        for name, values in figures.items()
    }
