"""`kobling token`: an access token of the local issuer, for trying things out with curl."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

Subject = Annotated[str, typer.Argument(help="A person or system of deploy/local/issuer/people.yaml.")]
Url = Annotated[str, typer.Option(help="Where the stack answers.")]
Scope = Annotated[str, typer.Option(help="Only these scopes, space separated.")]


def token(subject: Subject, url: Url = "http://127.0.0.1:8080", scope: Scope = "") -> None:
    """Print a token, for curl -H "Authorization: Bearer $(kobling token oslo-coordinator)"."""
    import httpx

    from deploy.local.issuer import log_in, log_in_system

    async def fetch() -> str:
        issuer = f"{url.rstrip('/')}/issuer"
        async with httpx.AsyncClient() as http:
            try:
                return await log_in(http, issuer, subject, scope=scope)
            except httpx.HTTPStatusError:
                return await log_in_system(http, issuer, subject, scope=scope)

    try:
        typer.echo(asyncio.run(fetch()))
    except httpx.HTTPStatusError:
        typer.echo(f"The issuer at {url} knows no {subject} with these scopes.", err=True)
        raise typer.Exit(1) from None
    except httpx.TransportError:
        typer.echo(f"Nothing answers at {url}: is `make up` running?", err=True)
        raise typer.Exit(1) from None
