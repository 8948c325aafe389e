"""Every figure says what it means, each value in four languages."""

from collections.abc import Collection, Sequence
from datetime import date

import pytest

from contracts.base import JsonObject
from services.reporting.figures import FIGURES
from services.reporting.figures.definitions import HERE, definition_of
from services.reporting.figures.figure import Asked, Figure, Source
from services.reporting.figures.score import Score


async def no_rows(kinds: object, *stages: JsonObject) -> list[JsonObject]:
    return []


async def told_by_nobody(persons: Collection[str]) -> int:
    return 0


async def scores_of_nobody(instrument: str) -> Sequence[Score]:
    return []


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
async def test_every_value_of_a_figure_is_put_into_words(figure: Figure) -> None:
    values = await figure.compute(
        Source(no_rows, told_by_nobody, scores_of_nobody),
        Asked(programme="oslo", on=date(2020, 2, 29), zone="Europe/Oslo", min_cell=5),
    )
    assert list(definition_of(figure).values) == list(values)


def test_there_are_no_words_without_a_figure() -> None:
    assert sorted(path.stem for path in HERE.glob("*.yaml")) == sorted(figure.name for figure in FIGURES)
