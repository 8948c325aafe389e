"""A real HTTP server in the test's own event loop, which takes text messages and answers as the test wants it to."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from deploy.local.ports import free_port


@dataclass(slots=True)
class SmsGateway:
    """`answers` are the next ones, each used once; "break" takes the message and drops the connection instead.

    As every gateway should, it keeps of each id one text, however often it comes.
    """

    port: int
    answers: list[str] = field(default_factory=list)
    taken: list[dict[str, str]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/sms"

    @property
    def texts(self) -> list[dict[str, str]]:
        return list({text["id"]: text for text in self.taken}.values())

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
        body = json.loads(await reader.readexactly(int(length.partition(":")[2])))
        answer = self.answers.pop(0) if self.answers else "202 Accepted"
        self.headers.append(head)
        if answer == "break" or answer.startswith("2"):
            self.taken.append(body)
        if answer != "break":
            writer.write(f"HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
        writer.close()
        await writer.wait_closed()


@asynccontextmanager
async def sms_gateway(port: int | None = None) -> AsyncIterator[SmsGateway]:
    gateway = SmsGateway(port or free_port())
    server = await asyncio.start_server(gateway.serve, "127.0.0.1", gateway.port)
    async with server:
        yield gateway
