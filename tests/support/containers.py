"""The engines as containers (`--stack containers`), for machines where Docker answers."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from testcontainers.core.container import DockerContainer

from deploy.local.kafka import answers
from deploy.local.mongo import ensure_primary
from deploy.local.ports import free_port
from tests.support.wait import wait_until

KAFKA_IMAGE = "apache/kafka:4.3.1"
MONGO_IMAGE = "mongo:8"
_START_SECONDS = 90.0


@contextmanager
def containers() -> Iterator[tuple[str, str]]:
    """Yield the addresses of a broker and a one-member replica set. Skips aloud when Docker does not answer."""
    _require_docker()
    kafka_port, mongo_port = free_port(), free_port()
    with _kafka(kafka_port), _mongo(mongo_port):
        wait_until(lambda: answers(kafka_port), what=f"{KAFKA_IMAGE} ready", seconds=_START_SECONDS)
        wait_until(lambda: ensure_primary(mongo_port), what=f"{MONGO_IMAGE} ready", seconds=_START_SECONDS)
        yield f"127.0.0.1:{kafka_port}", f"mongodb://127.0.0.1:{mongo_port}/?replicaSet=rs0"


def _require_docker() -> None:
    if shutil.which("docker") is None:
        pytest.skip("--stack containers: there is no docker command here")
    asked = subprocess.run(["docker", "version"], capture_output=True, text=True, timeout=10, check=False)
    if asked.returncode != 0:
        pytest.skip(f"--stack containers: Docker does not answer: {asked.stderr.strip()}")


def _kafka(port: int) -> DockerContainer:
    """The port is the same inside and outside, so that the advertised address is right on both sides."""
    settings = {
        "NODE_ID": "1",
        "PROCESS_ROLES": "broker,controller",
        "LISTENERS": f"PLAINTEXT://:{port},CONTROLLER://:9093",
        "ADVERTISED_LISTENERS": f"PLAINTEXT://127.0.0.1:{port}",
        "LISTENER_SECURITY_PROTOCOL_MAP": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "CONTROLLER_LISTENER_NAMES": "CONTROLLER",
        "CONTROLLER_QUORUM_VOTERS": "1@localhost:9093",
        "AUTO_CREATE_TOPICS_ENABLE": "false",
        "GROUP_INITIAL_REBALANCE_DELAY_MS": "0",
        "OFFSETS_TOPIC_NUM_PARTITIONS": "1",
        "OFFSETS_TOPIC_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_REPLICATION_FACTOR": "1",
        "TRANSACTION_STATE_LOG_MIN_ISR": "1",
    }
    container = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port)
    return container.with_envs(**{f"KAFKA_{name}": value for name, value in settings.items()})


def _mongo(port: int) -> DockerContainer:
    command = f"mongod --replSet rs0 --port {port} --bind_ip_all --setParameter minSnapshotHistoryWindowInSeconds=0"
    return DockerContainer(MONGO_IMAGE).with_bind_ports(port, port).with_command(command)
