"""The edge to Kafka: FastStream subscribers that hand over raw batches. The only file that knows FastStream.

Its defaults lose records (see docs/decisions), so everything that matters is said here: manual acknowledgement, whole
batches, nothing decoded, nothing answered, from the earliest record on, topics not declared.
"""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from aiokafka import TopicPartition
from aiokafka.abc import ConsumerRebalanceListener
from faststream import AckPolicy, NoCast
from faststream.kafka import KafkaBroker, Topic
from faststream.kafka.message import FAKE_CONSUMER, KafkaMessage
from faststream.kafka.subscriber.usecase import BatchSubscriber

from chassis.consumer.patient import PatientConsumer
from chassis.consumer.record import Record
from chassis.kafka import Kafka, connection

Deliver = Callable[[Sequence[Record]], Awaitable[None]]

MAX_RECORDS = 2000
_SESSION_TIMEOUT_MS = 6000
# aiokafka's fetcher is woken by everything that matters; it looks again by itself this often (5 times a second else).
_LOOK_AGAIN_MS = 1000
_HEARTBEAT_MS = 2000
# How soon a new topic that matches a pattern is seen; named topics need no hurry.
_NEW_TOPICS_MS = 3000
_METADATA_MS = 60_000


class _PatientBroker(KafkaBroker):
    """Makes our kind of consumer, with our way to reach the brokers in place of FastStream's own."""

    def __init__(self, kafka: Kafka, **options: Any) -> None:
        super().__init__("in-connection.invalid", **options)
        self._kafka = kafka

    async def _connect(self) -> Callable[..., Any]:
        await super()._connect()
        config = self.config.broker_config
        settings = config.builder.keywords  # type: ignore[attr-defined]

        def build(**options: Any) -> PatientConsumer:
            access = connection(self._kafka)
            return PatientConsumer(**{**settings, **access, **options, "consumer_timeout_ms": _LOOK_AGAIN_MS})

        config.builder = build
        return build


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, source: "Source") -> None:
        self._source = source

    async def on_partitions_revoked(self, revoked: Any) -> None:
        await self._source.on_revoked()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        await self._source.on_assigned()


@dataclass(frozen=True, slots=True)
class Source:
    """What a group reads, topics by name or by pattern.

    `on_revoked` runs before partitions go to somebody else, `on_assigned` when they have come, to seek in them.
    """

    group: str
    topics: tuple[str, ...]
    pattern: str | None
    deliver: Deliver
    on_revoked: Callable[[], Awaitable[None]]
    on_assigned: Callable[[], Awaitable[None]]


class Edge:
    """One broker of a service. `connect` makes no connection yet: every subscription has its own."""

    def __init__(self, kafka: Kafka, namespace: str) -> None:
        self._kafka = kafka
        self._namespace = namespace
        self._brokers: dict[bool, KafkaBroker] = {}

    async def subscribe(self, source: Source) -> "Subscription":
        """A subscription that is not open yet."""
        broker = await self._broker(by_pattern=source.pattern is not None)
        subscriber = broker.subscriber(
            *(Topic(self.topic_name(name), declare=False) for name in source.topics),
            pattern=None if source.pattern is None else self._named(source.pattern),
            group_id=source.group,
            batch=True,
            max_records=MAX_RECORDS,
            batch_timeout_ms=10,
            ack_policy=AckPolicy.MANUAL,
            no_reply=True,
            auto_offset_reset="earliest",
            session_timeout_ms=_SESSION_TIMEOUT_MS,
            heartbeat_interval_ms=_HEARTBEAT_MS,
            listener=_Listener(source),
            parser=_parse,
            decoder=_decode,
            persistent=False,
        )

        @subscriber
        async def deliver(records: NoCast[Any]) -> None:
            await source.deliver(records)

        return Subscription(subscriber)

    @asynccontextmanager
    async def reading_from(self, positions: Mapping[TopicPartition, int]) -> AsyncIterator[PatientConsumer]:
        """A consumer of no group, which begins there. Raises KafkaError when no broker answers."""
        consumer = PatientConsumer(
            **connection(self._kafka),
            auto_offset_reset="earliest",
            enable_auto_commit=False,
            consumer_timeout_ms=_LOOK_AGAIN_MS,
        )
        try:
            await consumer.start()
            consumer.assign(list(positions))
            for partition, offset in positions.items():
                consumer.seek(partition, offset)
            yield consumer
        finally:
            await consumer.stop()

    def topic_name(self, name: str) -> str:
        """The topic's name at the broker."""
        return f"{self._namespace}{name}"

    def _named(self, pattern: str) -> str:
        return f"^{re.escape(self._namespace)}{pattern.removeprefix('^')}"

    async def aclose(self) -> None:
        for broker in self._brokers.values():
            await broker.stop()

    async def _broker(self, *, by_pattern: bool) -> KafkaBroker:
        if by_pattern not in self._brokers:
            broker = _PatientBroker(
                self._kafka,
                consumer_only=True,
                apply_types=False,
                logger=None,
                graceful_timeout=1.0,
                metadata_max_age_ms=_NEW_TOPICS_MS if by_pattern else _METADATA_MS,
            )
            await broker.connect()
            self._brokers[by_pattern] = broker
        return self._brokers[by_pattern]


class Subscription:
    """A member of a consumer group, once it is open."""

    def __init__(self, subscriber: BatchSubscriber) -> None:
        self._subscriber = subscriber

    async def open(self) -> None:
        """Join the group. Raises KafkaError when no broker answers; close it then, before the next try."""
        await self._subscriber.start()

    async def close(self) -> None:
        """Leave the group."""
        await self._subscriber.stop()

    @property
    def consumer(self) -> PatientConsumer | None:
        """None while closed."""
        return cast("PatientConsumer | None", self._subscriber.consumer)


async def _parse(records: tuple[Any, ...], _default: object = None) -> KafkaMessage:
    """FastStream's own parser decodes every header, and loses a whole batch when one of them is not UTF-8."""
    return KafkaMessage(body=b"", headers={}, raw_message=records, consumer=FAKE_CONSUMER)


async def _decode(message: KafkaMessage, _default: object = None) -> object:
    return message.raw_message
