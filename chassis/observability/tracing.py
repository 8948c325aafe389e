"""Traces by OpenTelemetry, only where OTEL_EXPORTER_OTLP_ENDPOINT says where to send them."""

import os

from opentelemetry import propagate, trace


def tracing_is_on() -> bool:
    return bool(os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT"))


def configure_tracing(service: str) -> bool:
    """Set up export of spans for this process, once; False when the environment names no collector."""
    if not tracing_is_on():
        return False
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.instrumentation.pymongo import PymongoInstrumentor
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"kobling-{service}"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    PymongoInstrumentor().instrument(capture_statement=False)
    return True


def current_traceparent() -> str | None:
    """W3C trace context of the span we are in, for Context and Origin; None outside any."""
    carrier: dict[str, str] = {}
    propagate.inject(carrier)
    return carrier.get("traceparent")
