"""What operators watch of the relay."""

from prometheus_client import Counter, Gauge

from chassis.observability import REGISTRY

_LABELS = ["service"]

EVENTS = Counter("kobling_relay_events", "Events that Kafka acknowledged.", _LABELS, registry=REGISTRY)
PENDING = Gauge("kobling_relay_pending_commits", "Commits in the outbox when last read.", _LABELS, registry=REGISTRY)
PENDING_AGE_SECONDS = Gauge(
    "kobling_relay_pending_age_seconds", "Since the oldest commit last read was recorded.", _LABELS, registry=REGISTRY
)
LEADS = Gauge("kobling_relay_leads", "1 while this process holds the lease.", _LABELS, registry=REGISTRY)
STUCK_STREAMS = Gauge(
    "kobling_relay_stuck_streams", "Streams held back by an event the broker will not take.", _LABELS, registry=REGISTRY
)
