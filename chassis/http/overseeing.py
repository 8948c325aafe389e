"""What operators look at and decide about one service; the pages of `chassis/web/operations` ask here."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import AwareDatetime, BaseModel, Field

from chassis.auth import Principal
from chassis.http.operations import Operator, ReadinessCheck, checked
from chassis.http.routes import Router, caller
from chassis.http.state import state_of
from chassis.observability import Health
from chassis.oversight import Oversight
from chassis.rebuild import UnknownReadModel
from chassis.refusal import NotFound

Name = Annotated[str, Field(min_length=1, max_length=300)]
Caretaker = Annotated[Principal, caller("operations:manage")]


class ReaderView(BaseModel):
    """`lag` in records; null while not every process told. All that happened before `as_of` was read."""

    reader: str
    lag: int | None
    as_of: AwareDatetime | None


class ReadModelView(BaseModel):
    """`generation` answers; `building` is the one that is being built beside it, with `lag` records to go."""

    read_model: str
    version: int
    generation: int
    building: int | None
    lag: int | None


class TimersView(BaseModel):
    """Of the caller's tenant; `overdue` is counted up to a thousand."""

    plan: str
    next_due: AwareDatetime | None
    overdue: int


class BlockedView(BaseModel):
    """A stream of the caller's tenant that waits behind `letter`, which broke `rule` at `field`."""

    consumer: str
    stream: str
    category: str
    letters: int
    letter: str
    rule: str
    field: str
    since: AwareDatetime


class HappenedView(BaseModel):
    event_type: str
    category: str
    at: AwareDatetime


class Overview(BaseModel):
    checks: list[ReadinessCheck]
    readers: list[ReaderView]
    read_models: list[ReadModelView]
    blocked: list[BlockedView]
    timers: list[TimersView]
    newest: list[HappenedView]


class ReplayBody(BaseModel):
    consumer: Name
    stream: Name


class DropBody(BaseModel):
    letter: Name


class RebuildBody(BaseModel):
    read_model: Name


class Asked(BaseModel):
    """The running service does it in its own time."""

    letters: int = 0


def overseeing(health: Health) -> APIRouter:
    router = Router(prefix="/v1/operations", tags=["oversight"])

    @router.get("")
    async def look(who: Operator, request: Request) -> Overview:
        """How the service does: checks, readers, read models; what of the caller's tenant is stuck, due or new."""
        return await _overview(_oversight(request), health, who.tenant)

    @router.post("/replays")
    async def replay(body: ReplayBody, who: Caretaker, request: Request) -> Asked:
        """Try the letters of a stream again, in order. Done twice, they are tried twice: nothing happens twice."""
        letters = await _oversight(request).replay(who.tenant, body.consumer, body.stream)
        if letters == 0:
            raise NotFound()
        return Asked(letters=letters)

    @router.post("/drops")
    async def drop(body: DropBody, who: Caretaker, request: Request) -> Asked:
        """Let a letter go for good; those behind it are tried again."""
        if not await _oversight(request).drop(who.tenant, body.letter):
            raise NotFound()
        return Asked()

    @router.post("/rebuilds")
    async def rebuild(body: RebuildBody, who: Caretaker, request: Request) -> Asked:
        """Build a read model anew from the first event; the one there is answers until the new one caught up."""
        try:
            await _oversight(request).rebuild(body.read_model)
        except UnknownReadModel:
            raise NotFound() from None
        return Asked()

    return router


def _oversight(request: Request) -> Oversight:
    found = state_of(request).oversight
    if found is None:
        raise NotFound()
    return found


def _category(stream: str, tenant: str) -> str:
    """What kind of stream it is: an aggregate's, else the topic that the tenant's own systems write."""
    first, second, *_ = f"{stream}/".split("/")
    return second if first == tenant else first


async def _overview(oversight: Oversight, health: Health, tenant: str) -> Overview:
    checks, readers, models, blocked, timers, newest = await asyncio.gather(
        checked(health),
        oversight.readers(),
        oversight.building(),
        oversight.blocked(tenant),
        oversight.due(tenant),
        oversight.newest(tenant),
    )
    return Overview(
        checks=checks,
        readers=[ReaderView(reader=each.reader, lag=each.lag, as_of=each.as_of) for each in readers],
        read_models=[
            ReadModelView(
                read_model=each.name,
                version=each.version,
                generation=each.live,
                building=each.building.generation if each.building else None,
                lag=each.lag,
            )
            for each in models
        ],
        blocked=[
            BlockedView(
                consumer=each.consumer,
                stream=each.stream,
                category=_category(each.stream, tenant),
                letters=each.letters,
                letter=each.letter,
                rule=each.rule,
                field=each.field,
                since=each.since,
            )
            for each in blocked
        ],
        timers=[TimersView(plan=each.plan, next_due=each.next_due, overdue=each.overdue) for each in timers],
        newest=[HappenedView(event_type=each.event_type, category=each.category, at=each.at) for each in newest],
    )
