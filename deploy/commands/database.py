"""Where operators' commands look: the databases of KOBLING_MONGO, else those of the stack on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.errors import ConnectionFailure, PyMongoError

from deploy.local.rootlock import read_state

HOUSE = Path(__file__).resolve().parents[2]
Json = dict[str, Any]
Answer = TypeVar("Answer")

Mongo = Annotated[
    str | None, typer.Option(envvar="KOBLING_MONGO", help="MongoDB URI; without it the stack of this machine.")
]
Prefix = Annotated[str, typer.Option(envvar="KOBLING_DATABASE_PREFIX", help="Put before each database name.")]


def ask(mongo: str | None, name: str, question: Callable[[AsyncDatabase[Json]], Awaitable[Answer]]) -> Answer:
    """What `question` answers about the database `name`. Ends the command with one sentence when MongoDB is away."""
    return connected(mongo, lambda client: question(client[name]))


def connected(mongo: str | None, question: Callable[[AsyncMongoClient[Json]], Awaitable[Answer]]) -> Answer:
    """The same for a question about several databases."""

    async def asked() -> Answer:
        address = mongo or _local()
        async with AsyncMongoClient[Json](address, tz_aware=True, serverSelectionTimeoutMS=3000) as client:
            return await question(client)

    try:
        return asyncio.run(asked())
    except ConnectionFailure:  # its text is long, and an address may hold a password
        raise stopped("MongoDB does not answer: is it running, and is the address right?") from None
    except PyMongoError as error:
        raise stopped(f"MongoDB refused: {error}") from None


def stopped(sentence: str) -> typer.Exit:
    """Say why the command ends here; to be raised."""
    typer.echo(sentence, err=True)
    return typer.Exit(1)


def _local() -> str:
    state = read_state(HOUSE / ".local")
    if state is None:
        raise stopped("Say where MongoDB is with --mongo or KOBLING_MONGO; no stack has run on this machine yet.")
    return state.mongo
