"""`kobling rebuild`: build a read model anew beside the one that answers, while everything runs."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

import typer
from pymongo.asynchronous.database import AsyncDatabase
from rich.console import Console

from chassis.rebuild import ReadModelState, UnknownReadModel, rebuild_progress, request_rebuild
from contracts.topics import SERVICES
from deploy.commands.database import Mongo, Prefix, ask, stopped
from deploy.commands.listing import print_rows

ReadModel = Annotated[str | None, typer.Argument(help="<service>.<read model>, e.g. reporting.facts; none lists all.")]
Wait = Annotated[bool, typer.Option(help="Stay until the new one answers.")]
Patience = Annotated[float, typer.Option(help="Seconds to wait at most.")]
Database = AsyncDatabase[dict[str, Any]]

_POLL_SECONDS = 0.2


def rebuild(
    read_model: ReadModel = None, wait: Wait = True, patience: Patience = 600, mongo: Mongo = None, prefix: Prefix = ""
) -> None:
    """Build a read model anew from the first event; queries are answered by the old one until the new one caught up."""
    if read_model is None:
        _list(mongo, prefix)
        return
    service, _, name = read_model.partition(".")
    try:
        ask(mongo, f"{prefix}{service}", lambda database: _rebuild(database, name, patience=patience if wait else 0))
    except UnknownReadModel:
        raise stopped(f"There is no read model {read_model}; `kobling rebuild` lists them.") from None
    except TimeoutError:
        raise stopped(
            f"{read_model} has not caught up in {patience:.0f} s; it goes on. Is {service} running?"
        ) from None


async def _rebuild(database: Database, name: str, *, patience: float) -> None:
    before = await _state(database, name)
    await request_rebuild(database, name)
    if not patience:
        typer.echo(f"{name} is being built anew.")
        return
    began = time.monotonic()
    async with asyncio.timeout(patience):
        with Console().status(f"Building {name} anew") as status:
            while (now := await _state(database, name)).live == before.live:
                if now.lag is not None:
                    status.update(f"Building {name} anew: {now.lag} records to go")
                await asyncio.sleep(_POLL_SECONDS)
    typer.echo(f"{name} was built anew in {time.monotonic() - began:.1f} s: generation {now.live} answers.")


async def _state(database: Database, name: str) -> ReadModelState:
    states = {state.name: state for state in await rebuild_progress(database)}
    if name not in states:
        raise UnknownReadModel(name)
    return states[name]


def _list(mongo: str | None, prefix: str) -> None:
    rows = [
        _row(service, state) for service in SERVICES for state in ask(mongo, f"{prefix}{service}", rebuild_progress)
    ]
    print_rows(("read model", "version", "generation", "being built"), rows)


def _row(service: str, state: ReadModelState) -> tuple[str, ...]:
    building = f"generation {state.building.generation}, {state.lag} to go" if state.building else ""
    return f"{service}.{state.name}", str(state.version), str(state.live), building
