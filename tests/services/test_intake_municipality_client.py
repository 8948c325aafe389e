"""The municipality's own client, as a program of its own: what it sends can be read, what it is told it prints once."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from chassis.inbound import InboundRecord
from contracts.topics import referral_status, referrals, topics_of_tenant
from deploy.topics import apply_topics
from services.intake.inbound.reading import read
from tests.support.stack import Addresses

EXAMPLE = Path(__file__).parents[2] / "deploy" / "examples" / "municipality"


@pytest.fixture
async def tenant(engines: Addresses, unique: str) -> AsyncIterator[str]:
    topics = topics_of_tenant(unique)
    await apply_topics(engines.kafka, topics)
    yield unique
    admin = AIOKafkaAdminClient(bootstrap_servers=engines.kafka)
    await admin.start()
    await admin.delete_topics([topic.name for topic in topics])
    await admin.close()


async def client(engines: Addresses, tenant: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLE / "client.py"), "--kafka", engines.kafka, "--tenant", tenant, *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    assert process.returncode == 0
    return output.decode()


async def test_a_referral_it_sends_is_one_we_can_act_on(engines: Addresses, tenant: str) -> None:
    await client(engines, tenant, "refer", str(EXAMPLE / "referral.json"))
    topic = referrals(tenant)
    async with AIOKafkaConsumer(topic, bootstrap_servers=engines.kafka, auto_offset_reset="earliest") as consumer:
        sent = await consumer.getone()
    headers = {name: value.decode() for name, value in sent.headers}
    found = read(InboundRecord(topic, "", headers, sent.value, sent.partition, sent.offset))
    assert (found.sender, found.referral.referral_id) == (f"/{tenant}/case-system", "fjordby-2026-0017")


async def test_an_answer_that_comes_twice_is_printed_once(engines: Addresses, tenant: str) -> None:
    async with AIOKafkaProducer(bootstrap_servers=engines.kafka) as producer:
        for answer in ("first", "first", "second"):
            body = json.dumps({"referral_id": answer}).encode()
            headers = [("ce_id", answer.encode())]
            await producer.send_and_wait(referral_status(tenant), body, headers=headers)
    printed = await client(engines, tenant, "answers", "--wait", "2")
    assert [json.loads(line)["referral_id"] for line in printed.splitlines()] == ["first", "second"]
