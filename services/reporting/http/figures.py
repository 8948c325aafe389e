"""Figures as of a day and as known at a day, and what each of them means."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.http import Id, Router, caller
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import NotFound, Refusal
from contracts.base import JsonObject
from services.reporting.figures.definitions import Definition, definition_of
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


class Definitions(BaseModel):
    items: list[Definition]


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


def figures_router(reading: ReadModels, figures: Sequence[Figure], *, keyring: Keyring, clock: Clock) -> APIRouter:
    router = Router(prefix="/v1/figures", tags=["figures"])
    definitions = Definitions(items=[definition_of(figure) for figure in figures])
    by_name = {figure.name: figure for figure in figures}

    @router.get("")
    async def listing(who: Annotated[Principal, caller("figures:read", by_programme=True)]) -> Definitions:
        return definitions

    @router.get("/{name}")
    async def show(
        name: Id,
        programme: Id,
        who: Annotated[Principal, caller("figures:read")],
        as_of: date | None = None,
        known_at: date | None = None,
    ) -> FigureAnswer:
        """All that happened up to and including `as_of` (today) and was recorded by the end of `known_at` (all)."""
        figure, counted = by_name.get(name), await counted_programme(reading, who.tenant, programme)
        if figure is None or counted is None:
            raise NotFound()
        asked = _asked(programme, counted, _today(counted, clock), as_of=as_of, known_at=known_at)
        # Freshness first: the rows are then at least as new as it says.
        fresh = min([await reading.facts_as_of(projection) for projection in (facts, programmes, told, answers)])
        source = _source(reading, keyring, who.tenant, asked)
        return FigureAnswer(
            figure=figure.name,
            version=figure.version,
            programme=programme,
            as_of=asked.on,
            known_at=known_at,
            facts_as_of=fresh,
            is_final=asked.known_before is not None and fresh >= asked.known_before,
            values=dict(await figure.compute(source, asked)),
        )

    return router


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


def _asked(
    programme: str, counted: CountedProgramme, today: date, *, as_of: date | None, known_at: date | None
) -> Asked:
    if as_of is not None and as_of > today:
        raise AsOfInFuture()
    if known_at is not None and known_at > today:
        raise KnownAtInFuture()
    on, zone = as_of or today, counted.latest.zone
    known_before = None if known_at is None else day_after(known_at, zone)
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
