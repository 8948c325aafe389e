"""An operator rotates a tenant's key at a terminal, on a real MongoDB and real key files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient, MongoClient
from typer.testing import CliRunner, Result

from chassis.keyring import FileKms, MongoKeyring
from deploy.cli import app
from tests.support.stack import Addresses

Json = dict[str, Any]


class Operator:
    def __init__(self, mongo: str, prefix: str, kms: Path) -> None:
        self.settings = {
            "KOBLING_MONGO": mongo,
            "KOBLING_DATABASE_PREFIX": prefix,
            "KOBLING_KMS_DIR": str(kms),
        }

    def does(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["keys", *words, "--tenant", "fjordby"], env=self.settings)


@pytest.fixture
def operator(engines: Addresses, unique: str, tmp_path: Path) -> Iterator[Operator]:
    yield Operator(engines.mongo, f"{unique}-", tmp_path)
    with MongoClient[Json](engines.mongo) as client:
        client.drop_database(f"{unique}-keyring")


async def test_a_rotation_is_told_and_listed_and_everything_opens(
    operator: Operator, mongo_client: AsyncMongoClient[Json], unique: str, tmp_path: Path
) -> None:
    keyring = MongoKeyring(mongo_client[f"{unique}-keyring"], FileKms(tmp_path))
    sealed = await keyring.seal_many("fjordby", [("p-1", "a"), ("p-2", "b")])
    listed = await asyncio.to_thread(operator.does, "list")
    rotated = await asyncio.to_thread(operator.does, "rotate")
    again = await asyncio.to_thread(operator.does, "rewrap")
    assert (listed.output, listed.exit_code) == ("1\t2\n", 0)
    assert rotated.output == (
        "Version 2 wraps the new data keys of fjordby.\n2 data keys are wrapped anew under version 2.\n"
    )
    assert again.output == "0 data keys are wrapped anew.\n"
    assert (await asyncio.to_thread(operator.does, "list")).output == "2\t2\n"
    fresh = MongoKeyring(mongo_client[f"{unique}-keyring"], FileKms(tmp_path))
    assert await fresh.open_many("fjordby", sealed) == ["a", "b"]


def test_a_damaged_key_file_is_named_and_nothing_is_replaced(operator: Operator, tmp_path: Path) -> None:
    file = tmp_path / "fjordby.1.key"
    file.write_text("nothing")
    file.chmod(0o600)
    told = operator.does("rotate")
    assert (told.exit_code, str(file) in told.output, "Traceback" in told.output) == (1, True, False)
    assert not (tmp_path / "fjordby.2.key").exists()


def test_session_keys_are_made_once_and_renewed_beside_the_one_before(tmp_path: Path) -> None:
    file = tmp_path / "session-keys"

    def made(*more: str) -> list[str]:
        assert CliRunner().invoke(app, ["keys", "session", str(file), *more]).exit_code == 0
        return file.read_text().split()

    first, again = made(), made()
    second, third = made("--renew"), made("--renew")
    assert first == again
    assert (len(second), second[1:], len(third), third[1:]) == (2, first, 2, second[:1])
    assert file.stat().st_mode & 0o077 == 0
