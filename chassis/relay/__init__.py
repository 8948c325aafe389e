"""From the outbox to Kafka: every commit, whole, in the order of its stream, at least once."""

from chassis.relay.relay import Relay

__all__ = ["Relay"]
