"""deploy/compose: what can be checked where no Docker answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.settings import Settings
from contracts.topics import SERVICES
from deploy.local.issuer import read_directory
from deploy.local.relock import KAFKA
from tests.support.containers import KAFKA_IMAGE

HOUSE = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((HOUSE / "deploy/compose/compose.yaml").read_text())
CONTAINERS: dict[str, Any] = COMPOSE["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_runs_with_settings_that_it_knows_and_says_when_it_is_ready(name: str) -> None:
    container = CONTAINERS[name]
    known = {f"KOBLING_{field.upper()}" for field in Settings.model_fields}
    required = {f"KOBLING_{n.upper()}" for n, field in Settings.model_fields.items() if field.is_required()}
    assert container["command"] == ["python", "-m", f"services.{name}"]
    assert required <= container["environment"].keys() <= known
    assert "/readyz" in container["healthcheck"]["test"][-1]
    assert f"--service={name}=http://{name}:8000" in CONTAINERS["front"]["command"]


def test_everything_a_container_waits_for_is_there_and_says_its_state() -> None:
    for container in CONTAINERS.values():
        for other, condition in container.get("depends_on", {}).items():
            healthy = "healthcheck" in CONTAINERS[other]
            assert condition["condition"] == ("service_healthy" if healthy else "service_completed_successfully")


def test_the_engines_are_the_versions_and_settings_that_are_tested() -> None:
    assert CONTAINERS["kafka"]["image"] == KAFKA_IMAGE == f"apache/kafka:{KAFKA.rsplit(':', 1)[1]}"
    assert "minSnapshotHistoryWindowInSeconds=0" in CONTAINERS["mongo"]["command"]
    assert CONTAINERS["kafka"]["environment"]["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"


def test_every_tenant_who_can_log_in_has_its_topics() -> None:
    tenants = {
        word.removeprefix("--tenant=") for word in CONTAINERS["topics"]["command"] if word.startswith("--tenant")
    }
    assert tenants == set(read_directory().tenants())


def test_every_volume_and_every_copied_folder_exists() -> None:
    used = {volume.split(":")[0] for container in CONTAINERS.values() for volume in container.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (HOUSE / "deploy/compose/Dockerfile").read_text(), re.MULTILINE)
    allowed = {line[1:] for line in (HOUSE / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert {path for line in copied for path in line.split()} == allowed
    assert all((HOUSE / path).exists() for path in allowed)


def test_the_image_builds_with_the_uv_of_the_lock() -> None:
    locked = re.search(r'name = "uv"\nversion = "(.+)"', (HOUSE / "uv.lock").read_text())
    assert locked is not None
    assert f"pip install uv=={locked[1]}\n" in (HOUSE / "deploy/compose/Dockerfile").read_text()
