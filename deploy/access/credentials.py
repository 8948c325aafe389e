"""Credentials of users at the broker: made, replaced and taken back. Passwords themselves the broker does not keep."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaConnectionError

from chassis.kafka import Kafka, connection
from deploy.access.apply import AccessRefused, allow_tenant, forbid
from deploy.access.protocol import NO_TAGS, AlterScramRequest, Broker, DescribeScramRequest, broker_at, failures
from deploy.access.rules import tenant_user
from deploy.secret_files import write_secret

_SCRAM_SHA_512 = 2
_ITERATIONS = 8192
_UNKNOWN_USER = 91
_LET_IN_SECONDS = 15.0
_LOOK_EVERY_SECONDS = 0.05


def new_password() -> str:
    """256 bits, in letters that need no quoting anywhere."""
    return secrets.token_urlsafe(32)


def password_file(directory: Path, user: str) -> Path:
    return directory / f"{user}.password"


async def issue(kafka: Kafka, tenant: str) -> str:
    """A new password for the tenant's systems, who get their rules with it. The old one opens no connection any more.

    Raises AccessRefused, and KafkaError when the broker is away.
    """
    password = new_password()
    async with broker_at(kafka) as broker:
        await _set(broker, tenant_user(tenant), password)
        await allow_tenant(broker, tenant)
    await _until_let_in(kafka, tenant_user(tenant), password)
    return password


async def take_back(kafka: Kafka, tenant: str) -> bool:
    """The tenant's systems can neither connect nor, where they are connected, do anything. False: it had none."""
    user = tenant_user(tenant)
    async with broker_at(kafka) as broker:
        await forbid(broker, user)
        answer = await broker.ask(AlterScramRequest([(user, _SCRAM_SHA_512, NO_TAGS)], [], NO_TAGS))
        if [result[1] for result in answer.results] == [_UNKNOWN_USER]:
            return False
        _require_done(answer.results)
    return True


async def ensure_credentials(kafka: Kafka, users: Iterable[str], directory: Path) -> None:
    """A file `<user>.password` (0600) in the directory for each. Who has one that the broker knows of keeps it.

    Returns when the broker lets them in. Raises as `issue` does.
    """
    made = {}
    async with broker_at(kafka) as broker:
        known = await _known(broker)
        for user in users:
            file = password_file(directory, user)
            if user not in known or not file.exists():
                made[user] = new_password()
                await _set(broker, user, made[user])
                write_secret(file, made[user].encode())
    for user in list(made)[-1:]:  # brokers learn of them in the order in which they were made
        await _until_let_in(kafka, user, made[user])


async def users_with_credentials(kafka: Kafka) -> frozenset[str]:
    """Who can prove a password."""
    async with broker_at(kafka) as broker:
        return await _known(broker)


async def _known(broker: Broker) -> frozenset[str]:
    answer = await broker.ask(DescribeScramRequest(None, NO_TAGS))
    if answer.error_code:
        raise AccessRefused(f"{answer.error_message} (error {answer.error_code})")
    return frozenset(result[0] for result in answer.results)


async def _until_let_in(kafka: Kafka, user: str, password: str) -> None:
    """A broker knows a moment later what the controller has written down."""
    if isinstance(kafka, str):
        return
    access = {**connection(kafka), "sasl_plain_username": user, "sasl_plain_password": password}
    deadline = time.monotonic() + _LET_IN_SECONDS
    with _quietly():
        await _try_until(access, deadline)


async def _try_until(access: dict[str, Any], deadline: float) -> None:
    while True:
        admin = AIOKafkaAdminClient(**access)
        try:
            await admin.start()
        except KafkaConnectionError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(_LOOK_EVERY_SECONDS)
        else:
            return
        finally:
            await admin.close()


@contextmanager
def _quietly() -> Iterator[None]:
    """aiokafka tells every failed try as an error; that the first may fail is no news."""
    client_log = logging.getLogger("aiokafka")
    client_log.disabled = True
    try:
        yield
    finally:
        client_log.disabled = False


async def _set(broker: Broker, user: str, password: str) -> None:
    salt = secrets.token_bytes(32)
    salted = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    answer = await broker.ask(
        AlterScramRequest([], [(user, _SCRAM_SHA_512, _ITERATIONS, salt, salted, NO_TAGS)], NO_TAGS),
    )
    _require_done(answer.results)


def _require_done(results: list[tuple[str, int, str, dict[int, bytes]]]) -> None:
    refused = failures([(code, f"{user}: {message}") for user, code, message, _ in results])
    if refused:
        raise AccessRefused("; ".join(refused))
