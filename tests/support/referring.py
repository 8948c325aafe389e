"""The municipality's own system at a place: what it writes of somebody, and what it is told of them."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaProducer

from contracts.topics import referral_status, referrals
from tests.support.service import Place
from tests.support.wait import eventually

Json = dict[str, Any]

_PATIENCE_SECONDS = 60.0


async def refer(place: Place, tenant: str, *bodies: Json) -> None:
    """Write each of them to the tenant's topic."""
    async with AIOKafkaProducer(bootstrap_servers=place.engines.kafka, acks="all") as producer:
        for body in bodies:
            headers = {
                "ce_specversion": "1.0",
                "ce_id": uuid4().hex,
                "ce_type": "kobling.referral",
                "ce_source": "/oslo/case-system",
                "ce_schemaversion": "1",
            }
            await producer.send_and_wait(
                f"{place.namespace}{referrals(tenant)}",
                json.dumps(body).encode(),
                headers=[(name, value.encode()) for name, value in headers.items()],
            )


async def statuses(place: Place, tenant: str, number: str, *, at_least: int = 1) -> list[Json]:
    """What the municipality was told of its referral; each answer once."""

    async def enough() -> list[Json]:
        records = await place.read(referral_status(tenant))
        told = {record.headers["ce_id"]: json.loads(record.body) for record in records}
        about = [status for status in told.values() if status["referral_id"] == number]
        assert len(about) >= at_least
        return about

    return await eventually(enough, timeout=_PATIENCE_SECONDS)
