"""What operators see: log lines, metrics, traces and health. Never personal data, never a secret."""

from chassis.observability.health import Check, Checked, Health
from chassis.observability.logs import configure_logging
from chassis.observability.metrics import CONTENT_TYPE, REGISTRY, exposition
from chassis.observability.tracing import configure_tracing, current_traceparent, tracing_is_on

__all__ = [
    "CONTENT_TYPE",
    "REGISTRY",
    "Check",
    "Checked",
    "Health",
    "configure_logging",
    "configure_tracing",
    "current_traceparent",
    "exposition",
    "tracing_is_on",
]
