"""A real SMTP server in the test's own event loop, which answers as the test wants it to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.local.ports import free_port


@dataclass(slots=True)
class MailServer:
    """`to_rcpt` and `to_data` are the next answers, each used once; "break" drops the connection instead."""

    port: int
    to_rcpt: list[str] = field(default_factory=list)
    to_data: list[str] = field(default_factory=list)
    conversations: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    senders: list[str | None] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.conversations += 1
        return responses

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[Any]
    ) -> str:
        if self.to_rcpt:
            return self.to_rcpt.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.to_data.pop(0) if self.to_data else "250 OK"
        if answer == "break":
            assert isinstance(server.transport, asyncio.WriteTransport)
            server.transport.abort()
        if answer.startswith("250") or answer == "break":
            assert isinstance(envelope.content, bytes)
            self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
            self.recipients.extend(envelope.rcpt_tos)
            self.senders.append(envelope.mail_from)
        return answer if answer != "break" else "250 OK"


@asynccontextmanager
async def mail_server(port: int | None = None) -> AsyncIterator[MailServer]:
    server = MailServer(port or free_port())
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: SMTP(server, enable_SMTPUTF8=True, loop=loop), host="127.0.0.1", port=server.port
    )
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
