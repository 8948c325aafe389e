"""Consuming: events and records from Kafka, at least once, in order per stream, into effects that tolerate it."""

from chassis.consumer.consumers import Consumers
from chassis.consumer.health import ConsumerHealth

__all__ = ["ConsumerHealth", "Consumers"]
