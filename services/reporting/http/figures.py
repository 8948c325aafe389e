"""Figures as of a day and as known at a day, and what each of them means."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel

from chassis.auth import Principal
from chassis.http import Id, Router, caller
from chassis.read_models import ReadModels
from services.reporting.answering import Answering, Days, FigureAnswer
from services.reporting.figures.definitions import Definition
from services.reporting.projections.programmes import counted_programmes

Asking = Annotated[Principal, caller("figures:read")]
Listing = Annotated[Principal, caller("figures:read", by_programme=True)]


class Definitions(BaseModel):
    items: list[Definition]


class CountedView(BaseModel):
    programme: str


class CountedProgrammes(BaseModel):
    items: list[CountedView]


def figures_router(answering: Answering, definitions: Sequence[Definition]) -> APIRouter:
    router = Router(prefix="/v1/figures", tags=["figures"])
    all_of_them = Definitions(items=list(definitions))

    @router.get("")
    async def listing(who: Listing) -> Definitions:
        return all_of_them

    @router.get("/{name}")
    async def show(
        name: Id, programme: Id, who: Asking, as_of: date | None = None, known_at: date | None = None
    ) -> FigureAnswer:
        """All that happened up to and including `as_of` (today) and was recorded by the end of `known_at` (all)."""
        return await answering.answer(who.tenant, name, programme=programme, days=Days(as_of, known_at))

    return router


def counted_programmes_router(reading: ReadModels) -> APIRouter:
    router = Router(prefix="/v1/counted-programmes", tags=["counted-programmes"])

    @router.get("")
    async def listing(who: Listing) -> CountedProgrammes:
        """Those of which there are figures for the caller, by name."""
        found, own = await counted_programmes(reading, who.tenant), who.programmes_for("figures:read")
        return CountedProgrammes(items=[CountedView(programme=code) for code in found if own is None or code in own])

    return router
