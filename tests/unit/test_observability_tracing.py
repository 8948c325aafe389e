"""Traces go where the environment says, and nowhere otherwise; a request's trace goes with its command."""

import asyncio
import os
import sys
from pathlib import Path

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from chassis.observability import configure_tracing, current_traceparent
from tests.support.sample_service import sample

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


def test_without_a_collector_nothing_is_set_up() -> None:
    assert (configure_tracing("sample"), current_traceparent()) == (False, None)


async def test_the_span_we_are_in_goes_with_the_command() -> None:
    service = sample()
    span = NonRecordingSpan(SpanContext(0xA1, 0xB2, is_remote=False, trace_flags=TraceFlags(1)))
    with trace.use_span(span):
        await service.client.post("/v1/notes", headers=service.bearer("notes:write"), json={"title": "t"})
    assert service.notes.asked[0].context.traceparent == f"00-{0xA1:032x}-{0xB2:016x}-01"


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
