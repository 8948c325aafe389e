"""`kobling front`: gateway, issuer and mailbox before services that run elsewhere; what deploy/compose uses."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

Service = Annotated[list[str], typer.Option(help="<name>=<address>, e.g. intake=http://intake:8000; repeated.")]
Url = Annotated[str, typer.Option(help="The address under which people reach this port.")]
Data = Annotated[Path, typer.Option(help="Where keys and mails are kept.")]
Host = Annotated[str, typer.Option(help="The interface to listen on.")]
Port = Annotated[int, typer.Option(help="The port of the gateway.")]
SmtpPort = Annotated[int, typer.Option(help="The port on which mail is taken.")]


def front(
    service: Service,
    url: Url = "http://127.0.0.1:8080",
    data: Data = Path(".local/data"),
    host: Host = "127.0.0.1",
    port: Port = 8080,
    smtp_port: SmtpPort = 1025,
) -> None:
    """Answer for issuer and mailbox, and pass on to services, until told to end. For machines of developers only."""
    from deploy.local.ending import run_until_told

    services = dict(entry.split("=", 1) for entry in service)
    work = _stand(services, url=url.rstrip("/"), data=data, listen=(host, port), smtp=(host, smtp_port))
    raise typer.Exit(asyncio.run(run_until_told(work)))


async def _stand(
    services: dict[str, str], *, url: str, data: Path, listen: tuple[str, int], smtp: tuple[str, int]
) -> int:
    from deploy.local import front as standing
    from deploy.local.issuer import read_directory
    from deploy.local.problem import StackProblem
    from deploy.local.serving import bind

    try:
        listener = bind(listen[1], host=listen[0], what="the gateway")
    except StackProblem as problem:
        typer.echo(str(problem), err=True)
        return 1
    directory = read_directory()
    with listener:
        async with standing.front(listener, url=url, services=services, data=data, directory=directory, smtp=smtp):
            typer.echo(f"Answering under {url}")
            await asyncio.Event().wait()
    return 0
