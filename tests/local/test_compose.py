"""deploy/compose: what can be checked where no Docker answers."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Any

import pytest
import yaml

from chassis.settings import Settings
from contracts.topics import SERVICES
from deploy.access import service_user
from deploy.local import broker_files
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


def test_all_services_open_the_sessions_of_one_site_with_keys_made_before_they_start() -> None:
    environments = [CONTAINERS[name]["environment"] for name in SERVICES]
    assert {each["KOBLING_SITE"] for each in environments} == {"http://kobling.localhost:8080"}
    assert {each["KOBLING_SESSION_KEYS"] for each in environments} == {CONTAINERS["session-keys"]["command"][-1]}
    assert f"--url={environments[0]['KOBLING_SITE']}" in CONTAINERS["front"]["command"]
    assert all(CONTAINERS[name]["volumes"][0] in CONTAINERS["session-keys"]["volumes"] for name in SERVICES)
    assert all("session-keys" in CONTAINERS[name]["depends_on"] for name in SERVICES)


def test_everything_a_container_waits_for_is_there_and_says_its_state() -> None:
    for container in CONTAINERS.values():
        for other, condition in container.get("depends_on", {}).items():
            healthy = "healthcheck" in CONTAINERS[other]
            assert condition["condition"] == ("service_healthy" if healthy else "service_completed_successfully")


def test_the_engines_are_the_versions_and_settings_that_are_tested() -> None:
    assert CONTAINERS["kafka"]["image"] == KAFKA_IMAGE == f"apache/kafka:{KAFKA.rsplit(':', 1)[1]}"
    assert "minSnapshotHistoryWindowInSeconds=0" in CONTAINERS["mongo"]["command"]


def test_the_broker_takes_nobody_in_who_does_not_prove_who_it_is(tmp_path: Path) -> None:
    command = CONTAINERS["broker-files"]["command"]
    assert command[:3] == ["python", "-m", broker_files.__name__]
    words = [word.replace("=/", f"={tmp_path}/") for word in command[3:]]
    broker_files.main(words)
    properties = dict(
        line.split("=", 1) for line in (tmp_path / "data/server.properties").read_text().splitlines() if "=" in line
    )
    protocols = properties["listener.security.protocol.map"].split(",")
    assert protocols == ["INSIDE:SASL_SSL", "OUTSIDE:SASL_SSL", "CONTROLLER:SASL_PLAINTEXT"]
    assert properties["listeners"] == "INSIDE://:9092,OUTSIDE://:19092,CONTROLLER://127.0.0.1:9093"
    assert properties["advertised.listeners"] == "INSIDE://kafka:9092,OUTSIDE://127.0.0.1:19092"
    assert properties["allow.everyone.if.no.acl.found"] == "false"
    assert properties["auto.create.topics.enable"] == "false"
    made = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file for file in made if stat.S_IMODE(file.stat().st_mode) & 0o077] == []
    assert made_twice(words, made)


def made_twice(words: list[str], made: list[Path]) -> bool:
    """Whether a second start keeps every password and certificate."""
    before = {file: file.read_bytes() for file in made}
    broker_files.main(words)
    return before == {file: file.read_bytes() for file in made}


def test_what_containers_read_of_each_others_files_is_written_where_they_look() -> None:
    commands = " ".join(CONTAINERS["kafka"]["entrypoint"] + CONTAINERS["kafka"]["healthcheck"]["test"])
    assert set(re.findall(r"/data/[\w.]+", commands)) == {
        *("/data/format.arguments", "/data/server.properties", "/data/operator.properties"),
    }
    for name in SERVICES:
        environment = CONTAINERS[name]["environment"]
        assert environment["KOBLING_KAFKA_USER"] == service_user(name)
        assert environment["KOBLING_KAFKA_PASSWORD_FILE"] == f"/credentials/{service_user(name)}.password"
        assert environment["KOBLING_KAFKA_CA_FILE"] == "/credentials/ca.pem"
        assert "credentials:/credentials:ro" in CONTAINERS[name]["volumes"]
    assert "--credentials=/credentials" in CONTAINERS["topics"]["command"]
    assert {"operator:/operator", "credentials:/credentials"} <= set(CONTAINERS["topics"]["volumes"])


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
