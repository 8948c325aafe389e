"""What stands before the services: gateway, issuer and mailbox, in one event loop. Needs no engine of its own."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.documents import create_documents
from deploy.local.gateway import create_gateway
from deploy.local.issuer import Account, Directory, create_issuer
from deploy.local.issuer.tokens import TokenSigner, kept_key
from deploy.local.mailbox import Letters, create_mailbox, listening
from deploy.local.ports import HOST
from deploy.local.serving import serving

# Reads the documents of the services for whoever looks at them here.
_READER = Account(subject="docs", tenant="local", scopes=("operations:read",))


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

    @property
    def documents(self) -> str:
        return f"{self.url}/docs"

    @property
    def site(self) -> str:
        """The first page, for people."""
        return f"{self.url}/"

    @property
    def around(self) -> str:
        """From there everything else can be reached: documents, metrics, issuer."""
        return f"{self.url}/around"

    def service(self, name: str) -> str:
        return f"{self.url}/{name}"


def links_of(here: Front) -> dict[str, dict[str, str]]:
    """The links of what is around: for each service, then for what stands around them, by what they lead to."""
    services = {
        name: {
            "HTTP operations": f"{here.documents}/{name}",
            "Events": f"{here.documents}/{name}/events",
            "Metrics": f"{here.documents}/{name}/metrics",
            "Readiness": f"{here.service(name)}/readyz",
        }
        for name in here.services
    }
    around = {"Mailbox": f"{here.mailbox}/", "Issuer": f"{here.issuer}/.well-known/openid-configuration"}
    return {**services, "around them": around}


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
        key_file = data / "issuer" / "key.pem"
        signer = TokenSigner(here.issuer, kept_key(key_file))
        mounted = {
            "issuer": create_issuer(here.issuer, key_file=key_file, directory=directory),
            "mailbox": create_mailbox(letters),
            "docs": create_documents(
                services, token=lambda: signer.access_token(_READER, _READER.scopes, client="docs")
            ),
        }
        async with serving(create_gateway(services, mounted, links=links_of(here)), listener):
            yield here
