"""The ahead-of-time cache of Kafka: a rehearsal loads and links its classes once, and each later start is 1 s shorter.

It takes about ten seconds and is made once per set of jars, in a process of its own behind the first start.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import sys
import tempfile
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from chassis.kafka import Kafka, connection
from deploy.local.children import Child
from deploy.local.java import Java, find_java
from deploy.local.kafka import KafkaBroker
from deploy.local.ports import HOST, free_port
from deploy.local.secured import OPERATOR, SecuredFiles

_WRITING_SECONDS = 120.0
_NICENESS = 10  # the stack that starts beside it comes first


def rehearse(java: Java) -> Child:
    """Start making the cache in the background, unless it is there already."""
    rehearsal, directory = Child(), java.aot_cache.parent
    if not java.aot_cache.exists():
        rehearsal.start([sys.executable, "-m", __name__, str(directory)], log=directory / "aot.log")
    return rehearsal


def make_cache(java: Java) -> None:
    """Run a secured broker through start, produce and consume, and keep what the JVM learnt; one at a time."""
    cache = java.aot_cache
    with (cache.parent / "aot.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        if cache.exists():
            return
        scratch = Path(tempfile.mkdtemp(prefix="kobling-aot-"))
        try:
            draft = scratch / cache.name
            _rehearse(java, scratch, draft)
            shutil.move(draft, cache.with_suffix(".new"))
            cache.with_suffix(".new").replace(cache)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def _rehearse(java: Java, scratch: Path, draft: Path) -> None:
    port = free_port()
    broker = KafkaBroker(
        java, scratch / "data", port=port, controller_port=free_port(), log=scratch / "kafka.log", is_secured=True
    )
    broker.launch(aot_output=draft)
    try:
        broker.wait_until_ready()
        asyncio.run(_use(SecuredFiles(scratch / "data").reached_as(OPERATOR, f"{HOST}:{port}")))
    finally:
        broker.process.stop(seconds=_WRITING_SECONDS)  # the cache is written at the end of a clean exit


async def _use(kafka: Kafka) -> None:
    access = connection(kafka)
    admin = AIOKafkaAdminClient(**access)
    await admin.start()
    await admin.create_topics([NewTopic("rehearsal", 4, 1)])
    await admin.close()
    async with AIOKafkaProducer(**access, enable_idempotence=True) as producer:
        await producer.send_and_wait("rehearsal", b"value", key=b"key")
    consumer = AIOKafkaConsumer("rehearsal", **access, group_id="rehearsal", auto_offset_reset="earliest")
    async with consumer:
        await consumer.getone()
        await consumer.commit()


if __name__ == "__main__":
    os.nice(_NICENESS)
    make_cache(find_java(jars=Path(sys.argv[1])))
