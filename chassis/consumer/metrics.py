"""What operators watch of the consumers. There is no lag metric in FastStream or aiokafka."""

from datetime import UTC, datetime

from prometheus_client import Counter, Gauge, Histogram

from chassis.consumer.health import ConsumerHealth
from chassis.observability import REGISTRY

_LABELS = ["service", "consumer"]

RECORDS = Counter("kobling_consumer_records", "Records worked off.", _LABELS, registry=REGISTRY)
BATCH_SECONDS = Histogram("kobling_consumer_batch_seconds", "Time to work off one batch.", _LABELS, registry=REGISTRY)
LAG = Gauge("kobling_consumer_lag_records", "Records not worked off yet.", _LABELS, registry=REGISTRY)
FACTS_AGE_SECONDS = Gauge(
    "kobling_consumer_facts_age_seconds", "Since all was read to the end.", _LABELS, registry=REGISTRY
)
BLOCKED_STREAMS = Gauge("kobling_consumer_blocked_streams", "Streams behind a dead letter.", _LABELS, registry=REGISTRY)
REOPENED = Counter(
    "kobling_consumer_reopened", "Subscriptions opened anew because they went deaf.", _LABELS, registry=REGISTRY
)


def tell(service: str, health: ConsumerHealth) -> None:
    """What the gauges show, once a second."""
    labels = (service, health.name)
    BLOCKED_STREAMS.labels(*labels).set(health.blocked_streams)
    if health.lag is not None:
        LAG.labels(*labels).set(health.lag)
    if health.caught_up_at is not None:
        FACTS_AGE_SECONDS.labels(*labels).set((datetime.now(UTC) - health.caught_up_at).total_seconds())
