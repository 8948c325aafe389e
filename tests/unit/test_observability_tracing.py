"""A request's trace goes with its command; without a collector there is none of our own."""

from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from chassis.observability import configure_tracing, current_traceparent
from tests.support.sample_service import sample


def test_without_a_collector_nothing_is_set_up() -> None:
    assert (configure_tracing("sample"), current_traceparent()) == (False, None)


async def test_the_span_we_are_in_goes_with_the_command() -> None:
    service = sample()
    span = NonRecordingSpan(SpanContext(0xA1, 0xB2, is_remote=False, trace_flags=TraceFlags(1)))
    with trace.use_span(span):
        await service.client.post("/v1/notes", headers=service.bearer("notes:write"), json={"title": "t"})
    assert service.notes.asked[0].context.traceparent == f"00-{0xA1:032x}-{0xB2:016x}-01"
