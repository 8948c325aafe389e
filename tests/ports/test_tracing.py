"""A request of a service, seen as a trace at an OpenTelemetry collector."""

import asyncio
import os
import sys
from pathlib import Path

TRACED = """
import asyncio
from opentelemetry import trace
from chassis.observability import configure_tracing
from tests.support.sample_service import sample

async def main() -> None:
    assert configure_tracing("sample")
    service = sample()
    await service.client.post("/v1/notes", headers=service.bearer("notes:write"), json={"title": "t"})
    trace.get_tracer_provider().shutdown()
    print(service.notes.asked[0].context.traceparent)

asyncio.run(main())
"""


async def test_with_a_collector_a_request_is_sent_there_as_a_trace() -> None:
    received: list[bytes] = []

    async def collect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if b"content-length" in line)
        received.append(head + await reader.readexactly(length))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(collect, "127.0.0.1", 0) as collector:
        port = collector.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", TRACED),
            env={
                **os.environ,
                "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{port}",
                "OTEL_EXPORTER_OTLP_COMPRESSION": "none",
            },
            cwd=Path(__file__).parents[2],
            stdout=asyncio.subprocess.PIPE,
        )
        output, _ = await process.communicate()
    trace_id = output.decode().split("-")[1]
    sent = b"".join(received)
    assert (b"POST /v1/traces" in sent, bytes.fromhex(trace_id) in sent, b"kobling-sample" in sent) == (
        True,
        True,
        True,
    )
