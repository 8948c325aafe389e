"""The metrics of this process. Each module declares its own beside what it measures, with `registry=REGISTRY`.

Names begin with `kobling_`, the first label is `service`; no label may hold an id, since each value is a series.
"""

from prometheus_client import CONTENT_TYPE_PLAIN_1_0_0 as CONTENT_TYPE
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

__all__ = ["CONTENT_TYPE", "REGISTRY", "exposition"]

REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)
PlatformCollector(registry=REGISTRY)
GCCollector(registry=REGISTRY)


def exposition() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)
