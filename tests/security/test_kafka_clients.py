"""Who may do what at the broker: a real one that asks every client for a user, over TLS."""

from __future__ import annotations

import asyncio
import ssl
import stat
import subprocess
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import (
    GroupAuthorizationFailedError,
    KafkaConnectionError,
    KafkaError,
    TopicAuthorizationFailedError,
    TransactionalIdAuthorizationFailed,
)
from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1

from chassis.kafka import SecuredKafka, connection
from contracts.topics import SERVICES, events_of, referral_rejected, referral_status, referrals, topics_of_tenant
from deploy.access import (
    AccessRefused,
    AccessReport,
    apply_access,
    ensure_credentials,
    issue,
    rules_of_service,
    rules_of_tenant,
    service_user,
    take_back,
    tenant_user,
)
from deploy.access.protocol import broker_at
from deploy.access.rules import Operation, Resource
from deploy.local.certificates import ensure_certificates
from deploy.local.engines import Engines
from deploy.local.secured import OPERATOR
from deploy.secret_files import write_secret
from deploy.topics import apply_topics
from tests.architecture.services import readers
from tests.architecture.services import service as composed
from tests.security.conftest import OURS, THEIRS
from tests.support.wait import eventually

_DENIED = (TopicAuthorizationFailedError, GroupAuthorizationFailedError)


@pytest.fixture(scope="module")
def operator(secured: Engines) -> SecuredKafka:
    return reached(secured, OPERATOR)


@pytest.fixture(scope="module")
def ours(secured: Engines) -> SecuredKafka:
    """The systems of one tenant."""
    return reached(secured, tenant_user(OURS))


@pytest.fixture
async def guest(operator: SecuredKafka, unique: str, tmp_path: Path) -> AsyncIterator[SecuredKafka]:
    """A tenant of the test's own."""
    user = tenant_user(unique)
    file = tmp_path / "password"
    write_secret(file, (await issue(operator, unique)).encode())
    yield replace(operator, user=user, password_file=file)
    await take_back(operator, unique)


def reached(engines: Engines, user: str) -> SecuredKafka:
    kafka = engines.kafka_as(user)
    assert isinstance(kafka, SecuredKafka)
    return kafka


async def connect(**access: Any) -> None:
    admin = AIOKafkaAdminClient(**access)
    try:
        await admin.start()
    finally:
        await admin.close()


async def write(kafka: SecuredKafka, topic: str, **options: Any) -> None:
    async with AIOKafkaProducer(**connection(kafka), acks="all", **options) as producer:
        await producer.send_and_wait(topic, b"{}")


@asynccontextmanager
async def consuming(kafka: SecuredKafka, topic: str, group: str | None = None) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = AIOKafkaConsumer(
        topic, **connection(kafka), group_id=group, auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


async def read(kafka: SecuredKafka, topic: str, group: str | None = None) -> None:
    """The first record that is there; a group says that it has read it."""
    async with consuming(kafka, topic, group) as consumer:
        await consumer.getone()
        if group is not None:
            await consumer.commit()


async def denied(work: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(30):
            await work
    except _DENIED:
        return True
    return False


async def test_whoever_proves_no_password_is_not_let_in(ours: SecuredKafka, tmp_path: Path) -> None:
    wrong, other_ca = tmp_path / "wrong", tmp_path / "other"
    write_secret(wrong, b"guessed")
    ensure_certificates(other_ca, names=["127.0.0.1"])
    access = connection(ours)
    encrypted = {"bootstrap_servers": ours.servers, "ssl_context": access["ssl_context"]}
    attempts = {
        "in the clear": {"bootstrap_servers": ours.servers, "request_timeout_ms": 3000},
        "over TLS without a user": {**encrypted, "security_protocol": "SSL", "request_timeout_ms": 3000},
        "with a wrong password": connection(replace(ours, password_file=wrong)),
        "as a user nobody knows": {**access, "sasl_plain_username": "tenant.nobody"},
        "with the password of another": {**access, "sasl_plain_username": OPERATOR},
        "by a weaker mechanism": {**access, "sasl_mechanism": "PLAIN"},
        "with the user in the clear": {**access, "security_protocol": "SASL_PLAINTEXT", "request_timeout_ms": 3000},
        "believing another authority": connection(replace(ours, ca_file=other_ca / "ca.pem")),
    }
    let_in = []
    for how, access_tried in attempts.items():
        try:
            await connect(**access_tried)
            let_in.append(how)
        except (KafkaConnectionError, KafkaError):
            continue
    await connect(**access)
    assert let_in == []


async def test_a_client_that_trusts_only_public_authorities_does_not_talk_to_the_broker(ours: SecuredKafka) -> None:
    strangers = {**connection(ours), "ssl_context": ssl.create_default_context()}
    with pytest.raises(KafkaConnectionError):
        await connect(**strangers)


async def test_a_tenant_writes_its_referrals_and_reads_what_became_of_them(
    secured: Engines, ours: SecuredKafka
) -> None:
    await write(ours, referrals(OURS), enable_idempotence=True)
    intake = reached(secured, service_user("intake"))
    await read(intake, referrals(OURS), "intake.referrals")
    await write(intake, referral_status(OURS), enable_idempotence=True)
    await write(intake, referral_rejected(OURS))
    await read(ours, referral_status(OURS))
    await read(ours, referral_rejected(OURS), f"{tenant_user(OURS)}.case-system")


@pytest.mark.parametrize(
    "topic",
    [
        referrals(THEIRS),
        referral_status(OURS),
        referral_rejected(OURS),
        referral_status(THEIRS),
        *map(events_of, SERVICES),
        f"{referrals(OURS)}-east",
    ],
)
async def test_a_tenant_writes_nowhere_else(ours: SecuredKafka, topic: str) -> None:
    assert await denied(write(ours, topic))


@pytest.mark.parametrize(
    "topic",
    [
        referrals(OURS),
        referrals(THEIRS),
        referral_status(THEIRS),
        referral_rejected(THEIRS),
        *map(events_of, SERVICES),
        "__consumer_offsets",
    ],
)
async def test_a_tenant_reads_nothing_else(ours: SecuredKafka, topic: str) -> None:
    assert await denied(read(ours, topic))


async def test_a_tenant_sees_no_topic_but_its_own(ours: SecuredKafka) -> None:
    admin = AIOKafkaAdminClient(**connection(ours))
    await admin.start()
    try:
        seen = await admin.list_topics()
    finally:
        await admin.close()
    assert set(seen) == {referrals(OURS), referral_status(OURS), referral_rejected(OURS)}


async def test_a_tenant_neither_joins_nor_describes_groups_of_others(ours: SecuredKafka) -> None:
    for group in ("intake.referrals", f"{tenant_user(THEIRS)}.case-system", f"{tenant_user(OURS)}-east.x"):
        assert await denied(read(ours, referral_status(OURS), group)), group
    admin = AIOKafkaAdminClient(**connection(ours))
    await admin.start()
    try:
        assert await denied(admin.describe_consumer_groups(["intake.referrals"]))
        assert await denied(admin.list_consumer_group_offsets("intake.referrals"))
        seen = await admin.list_consumer_groups()
    finally:
        await admin.close()
    assert [group for group, *_ in seen if not group.startswith(f"{tenant_user(OURS)}.")] == []


async def test_a_tenant_uses_no_transactions(ours: SecuredKafka) -> None:
    producer = AIOKafkaProducer(**connection(ours), transactional_id="intake.relay")
    try:
        with pytest.raises(TransactionalIdAuthorizationFailed):
            await producer.start()
    finally:
        await producer.stop()


async def test_a_tenant_changes_nothing_about_the_broker(ours: SecuredKafka, operator: SecuredKafka) -> None:
    admin = AIOKafkaAdminClient(**connection(ours))
    await admin.start()
    try:
        made = await admin.create_topics([NewTopic(f"{referrals(OURS)}.more", 1, 1)])
        deleted = await admin.delete_topics([referrals(OURS)])
    finally:
        await admin.close()
    assert [code for _, code, *_ in made.topic_errors] == [TopicAuthorizationFailedError.errno]
    assert [code for _, code in deleted.topic_error_codes] == [TopicAuthorizationFailedError.errno]
    for work in (apply_access(ours, [OURS]), issue(ours, THEIRS), take_back(ours, THEIRS)):
        with pytest.raises(AccessRefused):
            await work
    assert not (await apply_access(operator, [OURS, THEIRS], only_look=True)).differs


async def test_a_service_sends_its_own_events_and_no_others(secured: Engines) -> None:
    for service in SERVICES:
        user = reached(secured, service_user(service))
        may = [other for other in SERVICES if not await denied(write(user, events_of(other), enable_idempotence=True))]
        assert may == [service]
    matching = reached(secured, service_user("matching"))
    assert await denied(write(matching, referral_status(OURS)))
    assert await denied(read(matching, referrals(OURS)))
    assert await denied(read(matching, events_of("intake"), "intake.events"))


def test_the_rules_of_a_service_are_what_its_code_reads_and_nothing_more() -> None:
    for service in SERVICES:
        read_here = {topic for reader in readers(service) for topic in reader.topics}
        rules = {
            rule.name
            for rule in rules_of_service(service)
            if (rule.resource, rule.operation) == (Resource.TOPIC, Operation.READ)
        }
        by_pattern = {inbound.pattern.removeprefix("^").split("[")[0] for inbound in composed(service).inbounds}
        assert rules == read_here | {prefix.replace("\\", "") for prefix in by_pattern}


async def test_a_credential_that_is_replaced_opens_no_connection_any_more(
    guest: SecuredKafka, operator: SecuredKafka, unique: str, tmp_path: Path
) -> None:
    old = replace(guest, password_file=tmp_path / "old")
    write_secret(old.password_file, guest.password_file.read_bytes())
    await connect(**connection(old))
    write_secret(guest.password_file, (await issue(operator, unique)).encode())
    await connect(**connection(guest))
    with pytest.raises(KafkaConnectionError):
        await connect(**connection(old))


async def test_a_credential_that_is_taken_back_ends_what_is_connected_too(
    guest: SecuredKafka, operator: SecuredKafka, unique: str
) -> None:
    await apply_topics(operator, topics_of_tenant(unique))
    async with AIOKafkaProducer(**connection(guest), acks="all") as producer:
        await producer.send_and_wait(referrals(unique), b"{}")
        assert await take_back(operator, unique)

        async def is_refused() -> bool:
            return await denied(producer.send_and_wait(referrals(unique), b"{}"))

        await eventually(is_refused)

    async def is_locked_out() -> bool:
        try:
            await connect(**connection(guest))
        except KafkaConnectionError:
            return True
        return False

    await eventually(is_locked_out)
    assert not await take_back(operator, unique)


async def test_rules_that_nobody_wants_any_more_are_taken_back_and_those_of_strangers_told(
    operator: SecuredKafka, ours: SecuredKafka
) -> None:
    write_theirs = next(rule for rule in rules_of_tenant(THEIRS) if rule.operation == Operation.WRITE)
    too_much = write_theirs._replace(principal=f"User:{tenant_user(OURS)}")
    stranger = write_theirs._replace(principal="User:stranger")
    missing = next(iter(rules_of_service("reporting")))
    async with broker_at(operator) as broker:
        await broker.ask(CreateAclsRequest_v1([tuple(too_much), tuple(stranger)]))
        await broker.ask(DeleteAclsRequest_v1([tuple(missing)]))

        async def seen() -> AccessReport | None:
            report = await apply_access(operator, [], only_look=True)
            return report if report == AccessReport((missing,), (too_much,), (stranger,)) else None

        await eventually(seen)
        await apply_access(operator, [])
        await broker.ask(DeleteAclsRequest_v1([tuple(stranger)]))

    async def is_mended() -> bool:
        return not (await apply_access(operator, [OURS, THEIRS], only_look=True)).differs

    await eventually(is_mended)
    assert await denied(write(ours, referrals(THEIRS)))


async def test_credentials_are_kept_as_long_as_the_broker_knows_them(secured: Engines, operator: SecuredKafka) -> None:
    directory = secured.access_directory
    assert directory is not None
    user = service_user("reporting")
    before = reached(secured, user).password_file.read_text()
    await ensure_credentials(operator, [user], directory)
    assert reached(secured, user).password_file.read_text() == before


def test_no_password_is_in_a_log_in_a_list_of_processes_or_in_a_file_that_others_may_read(
    secured: Engines, secured_root: Path
) -> None:
    directory = secured.access_directory
    assert directory is not None
    passwords = [file.read_bytes() for file in directory.glob("*.password")]
    processes = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, check=True).stdout
    logs = b"".join(file.read_bytes() for file in (secured_root / "logs").iterdir())
    files = [file for file in secured_root.rglob("*") if file.is_file() and file.suffix not in (".index", ".timeindex")]
    holding = [file for file in files if any(password in file.read_bytes() for password in passwords)]
    assert len(passwords) == 2 + len(SERVICES) + 2
    assert b"kafka.Kafka" in processes
    assert [password for password in passwords if password in processes or password in logs] == []
    assert {file.name for file in holding} - {file.name for file in directory.iterdir()} == {"server.properties"}
    assert [file for file in (*holding, directory / "broker.pem") if stat.S_IMODE(file.stat().st_mode) & 0o077] == []
