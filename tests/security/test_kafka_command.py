"""An operator gives and takes back access to Kafka at a terminal, on a broker that asks who it is."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError
from typer.testing import CliRunner, Result

from chassis.kafka import SecuredKafka, connection
from contracts.topics import topics_of_tenant
from deploy.access import tenant_user
from deploy.cli import app
from deploy.local.engines import Engines
from deploy.local.secured import OPERATOR
from tests.security.conftest import OURS
from tests.support.stack import Addresses
from tests.support.wait import wait_until


class Operator:
    def __init__(self, kafka: SecuredKafka) -> None:
        self.kafka = kafka

    def does(self, *words: str) -> Result:
        settings = {
            "KOBLING_KAFKA": self.kafka.servers,
            "KOBLING_KAFKA_USER": self.kafka.user,
            "KOBLING_KAFKA_PASSWORD_FILE": str(self.kafka.password_file),
            "KOBLING_KAFKA_CA_FILE": str(self.kafka.ca_file),
        }
        return CliRunner().invoke(app, ["topics", *words], env=settings)

    def lets_in(self, tenant: str, password_file: Path) -> bool:
        guest = replace(self.kafka, user=tenant_user(tenant), password_file=password_file)
        return asyncio.run(is_let_in(guest))


@pytest.fixture
def operator(secured: Engines) -> Operator:
    kafka = secured.kafka_as(OPERATOR)
    assert isinstance(kafka, SecuredKafka)
    return Operator(kafka)


@pytest.fixture
def tenant(operator: Operator, unique: str) -> Iterator[str]:
    yield unique
    operator.does("credential", unique, "--take-back")


async def is_let_in(guest: SecuredKafka) -> bool:
    admin = AIOKafkaAdminClient(**connection(guest))
    try:
        await admin.start()
    except KafkaConnectionError:
        return False
    finally:
        await admin.close()
    return True


def test_what_a_new_tenant_lacks_is_told_then_given_and_then_nothing_differs(operator: Operator, tenant: str) -> None:
    lacking = operator.does("--check", "--tenant", tenant)
    given = operator.does("--tenant", tenant)
    wait_until(lambda: operator.does("--check", "--tenant", tenant).exit_code == 0, what="nothing differs", seconds=20)
    user = tenant_user(tenant)
    assert lacking.exit_code == 1
    assert f"differs referrals.{tenant}: is not there" in lacking.output
    assert f"is missing: {user} may write topic referrals.{tenant}" in lacking.output
    assert given.exit_code == 0
    assert {f"made {topic.name}" for topic in topics_of_tenant(tenant)} <= set(given.output.splitlines())
    assert f"given: {user} may read group {user}.*" in given.output


def test_a_credential_is_printed_once_replaced_and_taken_back(operator: Operator, tenant: str, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.write_text(operator.does("credential", tenant).output)
    let_in_at_first = operator.lets_in(tenant, first)
    written = operator.does("credential", tenant, "--into", str(second))
    assert let_in_at_first
    assert (written.exit_code, written.output) == (0, "")
    assert stat.S_IMODE(second.stat().st_mode) == 0o600
    assert (operator.lets_in(tenant, first), operator.lets_in(tenant, second)) == (False, True)
    assert operator.does("credential", tenant, "--take-back").exit_code == 0
    wait_until(lambda: not operator.lets_in(tenant, second), what="the credential is gone", seconds=20)
    assert operator.does("credential", tenant, "--take-back").output == f"{tenant} had no credential.\n"


def test_services_find_their_passwords_and_the_authority_in_one_folder(operator: Operator, tmp_path: Path) -> None:
    """Of a copy of the folder, so that the services of other tests keep theirs."""
    before = {file.name: file.read_bytes() for file in operator.kafka.password_file.parent.glob("service.*")}
    for name, content in before.items():
        (tmp_path / name).write_bytes(content)
    assert operator.does("--credentials", str(tmp_path)).exit_code == 0
    assert {file.name: file.read_bytes() for file in tmp_path.glob("service.*")} == before
    assert operator.kafka.ca_file is not None
    assert (tmp_path / "ca.pem").read_bytes() == operator.kafka.ca_file.read_bytes()


def test_whoever_is_no_operator_is_told_so_in_one_sentence(secured: Engines) -> None:
    kafka = secured.kafka_as(tenant_user(OURS))
    assert isinstance(kafka, SecuredKafka)
    refused = Operator(kafka).does("credential", OURS)
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Kafka at {kafka.servers}, as {kafka.user}, refused: ")


def test_a_name_that_no_tenant_can_have_is_refused_before_anybody_is_asked(operator: Operator) -> None:
    assert operator.does("credential", "Fjordby").exit_code == 1
    assert operator.does("--check", "--tenant", "fjordby.x").exit_code == 1


def test_an_open_broker_is_called_so(engines: Addresses) -> None:
    told = CliRunner().invoke(app, ["topics", "--kafka", engines.kafka, "--check"])
    assert "everybody may do everything there" in told.output
