"""What stands before the services: gateway, issuer and mailbox, in one event loop. Needs no engine of its own."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.gateway import create_gateway
from deploy.local.issuer import Directory, create_issuer
from deploy.local.mailbox import Letters, create_mailbox, listening
from deploy.local.ports import HOST
from deploy.local.serving import serving


@dataclass(frozen=True, slots=True)
class Front:
    """Addresses as the world outside sees them; `smtp` is "host:port" where mail is taken."""

    url: str
    smtp: str
    services: tuple[str, ...]

    @property
    def issuer(self) -> str:
        return f"{self.url}/issuer"

    @property
    def mailbox(self) -> str:
        return f"{self.url}/mailbox"

    def service(self, name: str) -> str:
        return f"{self.url}/{name}"


def links_of(here: Front) -> dict[str, str]:
    """The addresses of the start page, by what they lead to."""
    documents = {f"{name}: API documentation": f"{here.service(name)}/docs" for name in here.services}
    issuer = f"{here.issuer}/.well-known/openid-configuration"
    return {**documents, "Mailbox": f"{here.mailbox}/", "Issuer": issuer}


@asynccontextmanager
async def front(
    listener: socket.socket,
    *,
    url: str,
    services: Mapping[str, str],
    data: Path,
    directory: Directory,
    smtp: tuple[str, int] = (HOST, 0),
) -> AsyncIterator[Front]:
    """Answer on `listener` under `url` and take mail at `smtp`; `services` are their own addresses by name.

    Keys and mails are kept in `data`.
    """
    letters = Letters(data / "mailbox")
    async with listening(letters, host=smtp[0], port=smtp[1]) as smtp_address:
        here = Front(url, smtp_address, tuple(services))
        issuer = create_issuer(here.issuer, key_file=data / "issuer" / "key.pem", directory=directory)
        mounted = {"issuer": issuer, "mailbox": create_mailbox(letters)}
        async with serving(create_gateway(services, mounted, links=links_of(here)), listener):
            yield here
