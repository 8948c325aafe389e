"""Figures as MongoDB counts them against the same counted by hand, over random histories and random questions."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import Phase, given, settings
from pymongo import AsyncMongoClient

from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from services.reporting.figures import FIGURES
from services.reporting.figures.figure import Asked, Source, day_after, rows_of
from services.reporting.figures.score import Score
from services.reporting.projections.answers import Answers, answers, score
from services.reporting.projections.facts import facts
from services.reporting.projections.told import Told, told
from tests.services.reporting_by_hand import as_answered, counted_by_hand
from tests.services.reporting_history import Question, histories, questions

Figures = dict[str, dict[str, Any]]


@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@pytest.mark.timeout(240)
# Not shrunk: that takes minutes, and then the time limit is told of and not the figure that is wrong.
@settings(max_examples=60, deadline=None, phases=[Phase.reuse, Phase.generate])
@given(history=histories(), asked=questions)
async def test_every_figure_equals_the_same_counted_by_hand(
    mongo_client: AsyncMongoClient[JsonObject], history: list[RecordedEvent], asked: Question
) -> None:
    collection = mongo_client["test-reporting-figures"][uuid4().hex]
    documents = [
        facts.fold(None, recorded, key) | {"_id": key, "_tenant": "t"}  # type: ignore[operator]
        for recorded in history
        if isinstance(recorded.event, facts.handles)
        for key in facts.keys(recorded)
    ]
    question = Asked(
        programme="oslo",
        on=asked.on,
        zone="Europe/Oslo",
        min_cell=asked.min_cell,
        training_hours=asked.training_hours,
        known_before=None if asked.known_at is None else day_after(asked.known_at, "Europe/Oslo"),
    )

    async def aggregate(pipeline: list[JsonObject]) -> list[JsonObject]:
        return await (await collection.aggregate([{"$match": {"_tenant": "t"}}, *pipeline])).to_list()

    async def told_by(persons: Collection[str]) -> int:
        return len(_told(history, question) & set(persons))

    async def scores(instrument: str) -> Sequence[Score]:
        return _scores(history, question)

    source = Source(rows_of(aggregate, question), told_by, scores)
    try:
        if documents:
            await collection.insert_many(documents)
        found = {figure.name: dict(await figure.compute(source, question)) for figure in FIGURES}
    finally:
        await collection.drop()
    assert found == as_answered(counted_by_hand(history, asked), asked.min_cell)


def _told(history: list[RecordedEvent], question: Asked) -> set[str]:
    """Who told it for figures, by the read model; the token says what was sealed."""
    bodies: dict[str, JsonObject | None] = {}
    for recorded in history:
        for key in told.keys(recorded):
            bodies[key] = told.fold(bodies.get(key), recorded, key)
    words = {
        key: Told.model_validate(body).last(before=question.before, known_before=question.known_before)
        for key, body in bodies.items()
    }
    return {key.split("/")[1] for key, word in words.items() if word and word.purposes and "fig" in word.purposes.token}


def _scores(history: list[RecordedEvent], question: Asked) -> list[Score]:
    """What was scored, by the read model; the token says what was sealed."""
    bodies: dict[str, JsonObject | None] = {}
    for recorded in history:
        for key in answers.keys(recorded):
            bodies[key] = answers.fold(bodies.get(key), recorded, key)
    known = [Answers.model_validate(body) for body in bodies.values()]
    held = [(one, one.last(before=question.before, known_before=question.known_before)) for one in known]
    return [score(one, said, tuple(map(int, said.items.token.split("+")))) for one, said in held if said is not None]
