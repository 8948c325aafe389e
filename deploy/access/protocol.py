"""The requests about rules and credentials, which aiokafka knows half (rules, one at a time) or not at all (SCRAM)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import IncompatibleBrokerVersion
from aiokafka.protocol.api import RequestStruct, Response
from aiokafka.protocol.types import (
    CompactArray,
    CompactBytes,
    CompactString,
    Int8,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

from chassis.kafka import Kafka, connection

_TEXT = CompactString("utf-8")
_TAGS = ("tags", TaggedFields)
NO_TAGS: dict[int, bytes] = {}


class DescribeScramResponse(Response):  # type: ignore[misc]  # aiokafka has no types
    API_KEY, API_VERSION = 50, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("error_code", Int16),
        ("error_message", _TEXT),
        (
            "results",
            CompactArray(
                ("user", _TEXT),
                ("error_code", Int16),
                ("error_message", _TEXT),
                ("credentials", CompactArray(("mechanism", Int8), ("iterations", Int32), _TAGS)),
                _TAGS,
            ),
        ),
        _TAGS,
    )


class DescribeScramRequest(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 50, 0
    RESPONSE_TYPE = DescribeScramResponse
    SCHEMA = Schema(("users", CompactArray(("name", _TEXT), _TAGS)), _TAGS)


class AlterScramResponse(Response):  # type: ignore[misc]
    API_KEY, API_VERSION = 51, 0
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        ("results", CompactArray(("user", _TEXT), ("error_code", Int16), ("error_message", _TEXT), _TAGS)),
        _TAGS,
    )


class AlterScramRequest(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY, API_VERSION = 51, 0
    RESPONSE_TYPE = AlterScramResponse
    SCHEMA = Schema(
        ("deletions", CompactArray(("name", _TEXT), ("mechanism", Int8), _TAGS)),
        (
            "upsertions",
            CompactArray(
                ("name", _TEXT),
                ("mechanism", Int8),
                ("iterations", Int32),
                ("salt", CompactBytes),
                ("salted_password", CompactBytes),
                _TAGS,
            ),
        ),
        _TAGS,
    )

    def __repr__(self) -> str:
        """aiokafka logs what it sends where everything is logged: never this."""
        return type(self).__name__


class _Ready:
    """A request that is made already, in a version that Kafka from 3.0 on understands."""

    def __init__(self, request: RequestStruct) -> None:
        self._request = request

    def prepare(self, versions: Mapping[int, tuple[int, int]]) -> RequestStruct:
        first, last = versions.get(self._request.API_KEY, (0, -1))
        if not first <= self._request.API_VERSION <= last:
            raise IncompatibleBrokerVersion(f"the broker does not know {type(self._request).__name__}")
        return self._request


class Broker:
    """Whoever answers first; in KRaft each broker passes such requests on to the controller."""

    def __init__(self, admin: AIOKafkaAdminClient) -> None:
        self._admin = admin

    async def ask(self, request: RequestStruct) -> Any:
        """The answer; it may hold refusals. Raises KafkaError."""
        return await self._admin._send_request(_Ready(request))


@asynccontextmanager
async def broker_at(kafka: Kafka) -> AsyncIterator[Broker]:
    """Raises KafkaError when nobody answers, or not to this user."""
    admin = AIOKafkaAdminClient(**connection(kafka))
    try:
        await admin.start()
        yield Broker(admin)
    finally:
        await admin.close()


def failures(answers: Sequence[Sequence[Any]]) -> list[str]:
    """What was refused, of answers that begin with a code and a message."""
    return [f"{message} (error {code})" for code, message, *_ in answers if code != 0]
