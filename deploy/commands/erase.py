"""`kobling erase`: let somebody leave without a trace, and see how far it is (S2.3)."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.commands.database import stopped
from deploy.commands.programme import answered, ask_intake

if TYPE_CHECKING:
    import httpx

Person = Annotated[str, typer.Argument(help="The pseudonym.")]
Tenant = Annotated[str, typer.Option(help="Whose person it is.")]
Status = Annotated[bool, typer.Option("--status", help="Only tell how far an erasure is.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask: it cannot be taken back.")]
Patience = Annotated[float, typer.Option(help="Seconds to wait for every service at most.")]
Url = Annotated[str, typer.Option(help="Where the stack answers.")]
Token = Annotated[
    str | None,
    typer.Option(envvar="KOBLING_TOKEN", help="An access token of the tenant; else the local issuer's coordinator."),
]

_LOCAL = "http://127.0.0.1:8080"
_POLL_SECONDS = 0.2


def erase(
    person: Person,
    tenant: Tenant,
    status: Status = False,
    yes: Yes = False,
    patience: Patience = 60,
    url: Url = _LOCAL,
    token: Token = None,
) -> None:
    """Erase a person: what is live ends, their key is destroyed, every service drops the rest and answers."""
    if status:
        typer.echo(ask_intake(url, tenant, token, lambda http, path: told(http, path, person)))
        return
    if not yes and not typer.confirm(f"Erase {person} of {tenant}? This cannot be taken back."):
        raise stopped("Nobody was erased.")
    typer.echo(ask_intake(url, tenant, token, lambda http, path: erased(http, path, person, patience=patience)))


async def erased(http: httpx.AsyncClient, path: str, person: str, *, patience: float) -> str:
    """Ask, and wait until it is done or patience ends; asked again it is the same erasure."""
    answered(await http.post(f"{path}/v1/persons/{person}/erasure"))
    with suppress(TimeoutError):
        async with asyncio.timeout(patience):
            while True:
                if (await _found(http, path, person)).get("erased_at"):
                    break
                await asyncio.sleep(_POLL_SECONDS)
    return await told(http, path, person)


async def told(http: httpx.AsyncClient, path: str, person: str) -> str:
    """Raises typer.Exit where nobody asked for it."""
    found = await _found(http, path, person)
    if not found:
        raise stopped(f"{person} has not asked to be erased.")
    if found["erased_at"]:
        return f"{person} was erased {found['erased_at']}: the key is destroyed and every service has answered."
    key = f"destroyed {found['key_destroyed_at']}" if found["key_destroyed_at"] else "still there"
    late = f" Overdue since {found['overdue_at']}." if found["is_overdue"] else ""
    return f"{person} is leaving: the key is {key}; waiting for {', '.join(found['waiting_for'])}.{late}"


async def _found(http: httpx.AsyncClient, path: str, person: str) -> dict[str, Any]:
    answer = await http.get(f"{path}/v1/persons/{person}/erasure")
    return {} if answer.status_code == 404 else answered(answer)
