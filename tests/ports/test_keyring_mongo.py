"""What the keyring keeps in MongoDB and in files: wrapped keys, tombstones, and nothing that opens anything alone."""

import asyncio
import stat
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase
from pymongo.monitoring import CommandListener, CommandStartedEvent

from chassis.keyring import FileKms, KeyUnavailable, MongoKeyring, SealBroken
from tests.support.stack import Addresses

Json = dict[str, Any]


async def test_a_shredded_key_leaves_a_tombstone_and_no_key(database: AsyncDatabase[Json], tmp_path: Path) -> None:
    keyring = MongoKeyring(database, FileKms(tmp_path))
    await keyring.seal("t", "p-1", "a")
    await keyring.shred("t", "p-1")
    first = await database["data_keys"].find_one({"_id": "t/p-1"})
    await keyring.shred("t", "p-1")
    assert first is not None
    assert first.keys() == {"_id", "made_at", "shredded_at"}
    assert await database["data_keys"].find_one({"_id": "t/p-1"}) == first


async def test_a_key_moved_to_another_person_opens_nothing(database: AsyncDatabase[Json], tmp_path: Path) -> None:
    keyring = MongoKeyring(database, FileKms(tmp_path))
    sealed, _ = await keyring.seal_many("t", [("p-1", "a"), ("p-2", "b")])
    stolen = await database["data_keys"].find_one({"_id": "t/p-2"})
    assert stolen is not None
    await database["data_keys"].update_one({"_id": "t/p-1"}, {"$set": {"key": stolen["key"]}})
    with pytest.raises(SealBroken):
        await MongoKeyring(database, FileKms(tmp_path)).open("t", sealed)


async def test_without_the_tenants_file_the_database_opens_nothing(
    database: AsyncDatabase[Json], tmp_path: Path
) -> None:
    sealed = await MongoKeyring(database, FileKms(tmp_path / "ours")).seal("t", "p-1", "a")
    with pytest.raises(KeyUnavailable):
        await MongoKeyring(database, FileKms(tmp_path / "nobodys")).open("t", sealed)
    await MongoKeyring(database, FileKms(tmp_path / "somebody-elses")).seal("t", "p-2", "b")
    with pytest.raises(SealBroken):
        await MongoKeyring(database, FileKms(tmp_path / "somebody-elses")).open("t", sealed)


class Commands(CommandListener):
    """The names of the commands a client sends."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def started(self, event: CommandStartedEvent) -> None:
        self.sent.append(event.command_name)

    def succeeded(self, event: Any) -> None: ...

    def failed(self, event: Any) -> None: ...


@pytest.fixture
async def watched(
    engines: Addresses, database: AsyncDatabase[Json]
) -> AsyncIterator[tuple[AsyncDatabase[Json], Commands]]:
    commands = Commands()
    async with AsyncMongoClient[Json](engines.mongo, event_listeners=[commands]) as client:
        yield client[database.name], commands


async def test_hundreds_are_opened_in_one_round_trip_and_then_in_none(
    watched: tuple[AsyncDatabase[Json], Commands], tmp_path: Path
) -> None:
    database, commands = watched
    sealed = await MongoKeyring(database, FileKms(tmp_path)).seal_many("t", [(f"p-{n}", n) for n in range(300)])
    reader = MongoKeyring(database, FileKms(tmp_path))
    commands.sent.clear()
    assert await reader.open_many("t", sealed) == list(range(300))
    assert await reader.open_many("t", sealed) == list(range(300))
    assert commands.sent == ["find"]


def test_a_tenants_file_is_for_its_owner_only(tmp_path: Path) -> None:
    FileKms(tmp_path / "keys").derive("ressursvenn", "x")
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys", tmp_path / "keys/ressursvenn.derivation.key")
    ]
    assert (modes, [path.name for path in (tmp_path / "keys").iterdir()]) == (
        [0o700, 0o600],
        ["ressursvenn.derivation.key"],
    )


@pytest.mark.parametrize(
    "text", ["", "kobling-tenant-key/1\n", "kobling-tenant-key/1\nAAAA\n", "other\n" + "A" * 43 + "=\n"]
)
def test_a_damaged_file_is_no_key_and_is_not_made_anew(tmp_path: Path, text: str) -> None:
    file = tmp_path / "t.derivation.key"
    file.write_text(text)
    file.chmod(0o600)
    with pytest.raises(KeyUnavailable, match="this is no tenant key"):
        FileKms(tmp_path).derive("t", "x")
    assert file.read_text() == text


def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    FileKms(tmp_path).derive("t", "x")
    (tmp_path / "t.derivation.key").chmod(0o640)
    with pytest.raises(KeyUnavailable, match="others than its owner"):
        FileKms(tmp_path).derive("t", "x")


@pytest.mark.parametrize("tenant", ["../t", "", "T", "a/b", "t\n", "x" * 65])
def test_a_tenant_that_could_be_a_path_has_no_key(tmp_path: Path, tenant: str) -> None:
    with pytest.raises(KeyUnavailable):
        FileKms(tmp_path / "keys").derive(tenant, "x")


def test_a_place_where_no_file_can_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("a file, not a directory")
    with pytest.raises(KeyUnavailable, match="keys"):
        FileKms(tmp_path / "keys").derive("t", "x")


RACER = """
import sys
from pathlib import Path
from chassis.keyring import FileKms
sys.stdin.readline()
print("".join(FileKms(Path(sys.argv[1])).derive(f"t{number}", "x").hex() for number in range(50)))
"""


async def test_processes_that_race_for_a_tenants_file_agree_on_one(tmp_path: Path) -> None:
    racers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", RACER, str(tmp_path), stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        for _ in range(3)
    ]
    answers = await asyncio.gather(*(racer.communicate(b"go\n") for racer in racers))
    assert (len({out for out, _ in answers}), len(answers[0][0])) == (1, 50 * 64 + 1)
