"""The receiving end: SMTP on the loopback interface, in the event loop of the stack."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.mailbox.letters import Letters
from deploy.local.ports import HOST

_MAX_BYTES = 10_000_000


class _Handler:
    """What aiosmtpd calls when a mail is complete."""

    def __init__(self, letters: Letters) -> None:
        self._letters = letters

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        if isinstance(content, str):
            content = content.encode()
        self._letters.keep(content or b"", sender=envelope.mail_from or "", to=list(envelope.rcpt_tos))
        return "250 Kept"


@asynccontextmanager
async def listening(letters: Letters, *, host: str = HOST, port: int = 0) -> AsyncIterator[str]:
    """Receive mail while the context lasts; yields "host:port"."""
    loop = asyncio.get_running_loop()

    def session() -> SMTP:
        return SMTP(_Handler(letters), data_size_limit=_MAX_BYTES, enable_SMTPUTF8=True, loop=loop)

    server = await loop.create_server(session, host, port)
    try:
        yield f"{host}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
