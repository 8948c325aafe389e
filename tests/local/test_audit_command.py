"""An operator asks at a terminal whether the trail is whole, on a real MongoDB and real files."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from typer.testing import CliRunner, Result

from chassis.audit.checkpoints import Checkpoints, Notary
from chassis.audit.entry import entry_id
from chassis.audit.mongo import AUDIT, MongoTrail
from chassis.audit.signing import FileSigner
from deploy.cli import app
from tests.support.auditing import looked
from tests.support.stack import Addresses

Json = dict[str, Any]


class Operator:
    def __init__(self, mongo: str, prefix: str, directory: Path) -> None:
        self._settings = {
            "KOBLING_MONGO": mongo,
            "KOBLING_DATABASE_PREFIX": prefix,
            "KOBLING_KMS_DIR": str(directory / "kms"),
        }

    async def verifies(self, *words: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, app, ["audit", "verify", *words], env=self._settings)


@pytest.fixture
async def operator(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], unique: str, tmp_path: Path
) -> AsyncIterator[Operator]:
    notary = Notary(Checkpoints(tmp_path / "audit", FileSigner(tmp_path / "kms")))
    trail = MongoTrail(mongo_client[f"{unique}-intake"], "intake", on_chained=notary.on_chained)
    await trail.prepare()
    for tenant in ("oslo", "fjordby"):
        await trail.record(looked(tenant=tenant))
        await trail.record(looked(tenant=tenant))
    await notary.sign()
    yield Operator(engines.mongo, f"{unique}-", tmp_path)
    await mongo_client.drop_database(f"{unique}-intake")


async def test_whole_chains_are_said_to_be_whole(operator: Operator) -> None:
    told = await operator.verifies()

    assert told.exit_code == 0
    assert [line.split() for line in told.output.splitlines() if "oslo" in line] == [
        ["intake", "oslo", "2", "2", "0", "whole"]
    ]


async def test_the_first_place_that_was_cut_is_named_and_the_exit_code_is_1(
    operator: Operator, mongo_client: AsyncMongoClient[Json], unique: str
) -> None:
    await mongo_client[f"{unique}-intake"][AUDIT].delete_one({"_id": entry_id("oslo", 2)})

    told = await operator.verifies()
    other = await operator.verifies("--tenant", "fjordby")

    assert (told.exit_code, "TRUNCATED: entry 2" in told.output) == (1, True)
    assert (other.exit_code, "oslo" in other.output) == (0, False)


async def test_without_a_place_of_keys_it_says_so_and_makes_none(engines: Addresses, tmp_path: Path) -> None:
    told = await Operator(engines.mongo, "nobody-", tmp_path).verifies()

    assert (told.exit_code, (tmp_path / "kms").exists()) == (1, False)
