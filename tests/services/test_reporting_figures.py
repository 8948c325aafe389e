"""Figures as MongoDB counts them against the same counted by hand, over random histories and random questions."""

from collections import Counter
from typing import Any
from uuid import uuid4

from hypothesis import given, settings
from pymongo import AsyncMongoClient

from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from services.reporting.figures import FIGURES
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, day_after, rows_of
from services.reporting.projections.facts import facts
from tests.services.reporting_history import Question, counted_by_hand, histories, questions


@settings(max_examples=100, deadline=None)
@given(history=histories(), asked=questions)
async def test_every_figure_equals_the_same_counted_by_hand(
    mongo_client: AsyncMongoClient[JsonObject], history: list[RecordedEvent], asked: Question
) -> None:
    collection = mongo_client["test-reporting-figures"][uuid4().hex]
    documents = [
        facts.fold(None, recorded, key) | {"_id": key, "_tenant": "t"}  # type: ignore[operator]
        for recorded in history
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

    try:
        if documents:
            await collection.insert_many(documents)
        found = {figure.name: dict(await figure.compute(rows_of(aggregate, question), question)) for figure in FIGURES}
    finally:
        await collection.drop()
    assert found == _with_small_groups_hidden(counted_by_hand(history, asked), asked.min_cell)


def _with_small_groups_hidden(figures: dict[str, dict[str, Any]], min_cell: int) -> dict[str, dict[str, Any]]:
    return {
        name: {
            value: breakdown(counted, min_cell) if isinstance(counted, Counter) else counted
            for value, counted in values.items()
        }
        for name, values in figures.items()
    }
