"""Figures worked out for whoever asks: as of a day and as known at a day, by the rules that were in force."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel

from chassis.clock import Clock
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import NotFound, Refusal
from contracts.base import JsonObject
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source, day_after, rows_of
from services.reporting.figures.score import Score
from services.reporting.projections.answers import answers, scores_of
from services.reporting.projections.facts import facts
from services.reporting.projections.programmes import CountedProgramme, counted_programme, programmes
from services.reporting.projections.told import told, told_for_figures


class AsOfInFuture(Refusal):
    rule, sentence, status = "as_of_in_future", "A figure is as of today or an earlier day.", 422
    field = "as_of"


class KnownAtInFuture(Refusal):
    rule, sentence, status = "known_at_in_future", "What will be known is not known yet. Ask as known at today.", 422
    field = "known_at"


class FigureAnswer(BaseModel):
    """`is_final`: asked again with the same `as_of` and `known_at`, it will say the same for ever (S4.32).

    That holds once the day `known_at` is over and everything recorded on it has been counted. `facts_as_of` is the
    last moment up to which everything has been.
    """

    figure: str
    version: int
    programme: str
    as_of: date
    known_at: date | None
    facts_as_of: AwareDatetime
    is_final: bool
    values: dict[str, FigureValue]


@dataclass(frozen=True, slots=True)
class Days:
    """`as_of` None: today in the programme's zone; `known_at` None: all that is known."""

    as_of: date | None = None
    known_at: date | None = None


class Answering:
    def __init__(self, reading: ReadModels, figures: Sequence[Figure], *, keyring: Keyring, clock: Clock) -> None:
        self._reading = reading
        self._figures: Mapping[str, Figure] = {figure.name: figure for figure in figures}
        self._keyring = keyring
        self._clock = clock

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._figures)

    async def answer(self, tenant: str, name: str, *, programme: str, days: Days) -> FigureAnswer:
        """Raises NotFound, AsOfInFuture, KnownAtInFuture."""
        figure, counted = self._figures.get(name), await counted_programme(self._reading, tenant, programme)
        if figure is None or counted is None:
            raise NotFound()
        asked = _asked(programme, counted, _today(counted, self._clock), days)
        # Freshness first: the rows are then at least as new as it says.
        fresh = min([await self._reading.facts_as_of(each) for each in (facts, programmes, told, answers)])
        source = _source(self._reading, self._keyring, tenant, asked)
        return FigureAnswer(
            figure=figure.name,
            version=figure.version,
            programme=programme,
            as_of=asked.on,
            known_at=days.known_at,
            facts_as_of=fresh,
            is_final=asked.known_before is not None and fresh >= asked.known_before,
            values=dict(await figure.compute(source, asked)),
        )


def _source(reading: ReadModels, keyring: Keyring, tenant: str, asked: Asked) -> Source:
    async def aggregate(pipeline: list[JsonObject]) -> list[JsonObject]:
        return await reading.aggregate(facts, tenant, pipeline)

    async def told_by(persons: Collection[str]) -> int:
        return await told_for_figures(
            reading, keyring, tenant=tenant, persons=persons, before=asked.before, known_before=asked.known_before
        )

    async def scores(instrument: str) -> Sequence[Score]:
        return await scores_of(
            reading,
            keyring,
            tenant=tenant,
            programme=asked.programme,
            instrument=instrument,
            before=asked.before,
            known_before=asked.known_before,
        )

    return Source(rows_of(aggregate, asked), told_by, scores)


def _today(counted: CountedProgramme, clock: Clock) -> date:
    return clock.now().astimezone(ZoneInfo(counted.latest.zone)).date()


def _asked(programme: str, counted: CountedProgramme, today: date, days: Days) -> Asked:
    if days.as_of is not None and days.as_of > today:
        raise AsOfInFuture()
    if days.known_at is not None and days.known_at > today:
        raise KnownAtInFuture()
    on, zone = days.as_of or today, counted.latest.zone
    known_before = None if days.known_at is None else day_after(days.known_at, zone)
    rules = counted.rules(on=on, known_before=known_before)
    return Asked(
        programme=programme,
        on=on,
        zone=zone,
        # Protection follows today's rule also for days before it, unless it was stricter then.
        min_cell=max(rules.min_cell, counted.latest.min_cell),
        training_hours=rules.training_hours,
        known_before=known_before,
    )
