"""A backup shows one moment, comes back as it was, and is refused when anything in it was changed."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from bson import Binary, Decimal128, Int64
from pymongo import AsyncMongoClient

from chassis.keyring import FileKms, MongoKeyring
from deploy.backup import dump, manifest
from deploy.backup.dump import back_up
from deploy.backup.manifest import BackupBroken, Part
from deploy.backup.restore import BackupExpired, NotEmpty, restore
from deploy.backup.snapshot import snapshot
from tests.support.wait import eventually

Json = dict[str, Any]


@dataclass
class House:
    """A MongoDB with databases `before`; what is restored comes into those of `after`."""

    client: AsyncMongoClient[Json]
    before: str
    after: str
    folder: Path

    async def saved(self, part: Part = "services") -> Path:
        folder = self.folder / part
        await back_up(self.client, part, folder, prefix=self.before)
        return folder

    async def content(self, prefix: str, name: str) -> dict[str, list[Json]]:
        database = self.client[prefix + name]
        return {
            collection: [document async for document in database[collection].find().sort("_id", 1)]
            for collection in sorted(await database.list_collection_names())
        }


@pytest.fixture
async def house(mongo_client: AsyncMongoClient[Json], unique: str, tmp_path: Path) -> AsyncIterator[House]:
    house = House(mongo_client, f"{unique}-", f"{unique}-again-", tmp_path)
    yield house
    for name in await mongo_client.list_database_names():
        if name.startswith(unique):
            await mongo_client.drop_database(name)


ODD: list[Json] = [
    {"_id": "a", "binary": Binary(b"\x00\x01", 128), "long": Int64(2**40), "money": Decimal128("1.10")},
    {"_id": "b", "at": datetime(2026, 11, 24, 12, tzinfo=UTC), "nested": {"ø": [None, True, {}]}},
    {"_id": "c", "z": 1, "a": 2},
]


async def test_what_was_backed_up_comes_back_with_its_indexes_and_options(house: House) -> None:
    intake = house.client[f"{house.before}intake"]
    await intake.create_collection("facts.3/odd name", collation={"locale": "nb", "strength": 2})
    await intake["facts.3/odd name"].insert_many(ODD)
    await intake["facts.3/odd name"].create_index(
        [("_tenant", 1), ("z", -1)], name="z", unique=True, partialFilterExpression={"z": {"$exists": True}}
    )
    await intake.create_collection("empty")
    await restore(house.client, await house.saved(), prefix=house.after)
    assert await house.content(house.after, "intake") == await house.content(house.before, "intake")
    for name in ("facts.3/odd name", "empty"):
        before = await house.client[f"{house.before}intake"][name].index_information()
        assert await house.client[f"{house.after}intake"][name].index_information() == before
    told = await house.client[f"{house.after}intake"]["facts.3/odd name"].options()
    assert told["collation"]["locale"] == "nb"


async def test_a_backup_shows_one_moment_while_everybody_writes_on(house: House) -> None:
    """Every write puts the same number into two databases, the later one first: no cut may show it the other way."""
    matching, intake = (house.client[f"{house.before}{name}"]["numbers"] for name in ("matching", "intake"))
    await intake.insert_many([{"_id": -number, "fill": "x" * 2000} for number in range(1, 4000)])
    stopping = asyncio.Event()

    async def write() -> None:
        number = 0
        while not stopping.is_set():
            number += 1
            await matching.insert_one({"_id": number})
            await intake.insert_one({"_id": number})

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        folder = await house.saved()
        stopping.set()
    await restore(house.client, folder, prefix=house.after)
    theirs = {one["_id"] for one in (await house.content(house.after, "matching")).get("numbers", [])}
    ours = {one["_id"] for one in (await house.content(house.after, "intake"))["numbers"] if one["_id"] > 0}
    assert theirs == set(range(1, len(theirs) + 1))
    assert len(theirs) - len(ours) in (0, 1)
    assert ours <= theirs


async def _window_seconds(house: House) -> int:
    name = "minSnapshotHistoryWindowInSeconds"
    return int((await house.client.admin.command({"getParameter": 1, name: 1}))[name])


async def _is_closed(house: House) -> bool:
    """Somebody else on these engines may be backing up too."""
    return await _window_seconds(house) == 0


async def test_the_window_into_history_is_closed_again(house: House) -> None:
    await house.saved()
    await eventually(lambda: _is_closed(house))


async def test_a_backup_that_ends_does_not_close_the_window_of_another(house: House) -> None:
    numbers = house.client[f"{house.before}intake"]["numbers"]
    await numbers.insert_one({"_id": 1})
    async with snapshot(house.client) as longer:
        assert await numbers.count_documents({}, session=longer) == 1
        async with snapshot(house.client) as shorter:
            assert await numbers.count_documents({}, session=shorter) == 1
        assert await _window_seconds(house) >= 3600
        for number in range(2, 30):
            await numbers.insert_one({"_id": number})
        assert await numbers.count_documents({}, session=longer) == 1
    await eventually(lambda: _is_closed(house))


async def test_two_backups_at_the_same_time_are_both_whole(house: House) -> None:
    intake = house.client[f"{house.before}intake"]
    await intake["x"].insert_many([{"_id": number, "fill": "x" * 500} for number in range(2000)])
    folders = [house.folder / "one", house.folder / "other"]
    await asyncio.gather(*(back_up(house.client, "services", folder, prefix=house.before) for folder in folders))
    for folder in folders:
        prefix = f"{house.after}{folder.name}-"
        await restore(house.client, folder, prefix=prefix)
        assert await house.content(prefix, "intake") == await house.content(house.before, "intake")


async def test_of_two_backups_into_one_folder_one_is_refused_and_the_other_whole(house: House) -> None:
    await house.client[f"{house.before}intake"]["x"].insert_one({"_id": 1})
    told = await asyncio.gather(house.saved(), house.saved(), return_exceptions=True)
    assert [type(one) for one in told if isinstance(one, Exception)] == [FileExistsError]
    assert manifest.read(house.folder / "services").documents == 1


async def test_only_its_owner_may_read_a_backup(house: House) -> None:
    await house.client[f"{house.before}intake"]["x"].insert_one({"_id": 1})
    folder = await house.saved()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*") if path.is_file()}
    folders = {stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")] if path.is_dir()}
    assert (modes, folders) == ({0o600}, {0o700})


def _flip(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def _shorten(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1])


SPOIL: dict[str, Callable[[Path], object]] = {
    "a bit flipped": _flip,
    "cut short": _shorten,
    "longer": lambda file: file.write_bytes(file.read_bytes() + b"\x05\x00\x00\x00\x00"),
    "gone": Path.unlink,
    "empty": lambda file: file.write_bytes(b""),
}


@pytest.mark.parametrize("name", ["intake/x.bson", "intake/commits.bson", "manifest.json"])
@pytest.mark.parametrize("spoil", SPOIL.values(), ids=SPOIL.keys())
async def test_a_file_that_was_changed_is_named_and_nothing_is_restored(
    house: House, name: str, spoil: Callable[[Path], object]
) -> None:
    intake = house.client[f"{house.before}intake"]
    await intake["x"].insert_many([{"_id": number} for number in range(9)])
    await intake["commits"].insert_one({"_id": "t:1", "s": "t/x/1", "v": 1, "n": 1})
    folder = await house.saved()
    spoil(folder / name)
    with pytest.raises(BackupBroken) as broken:
        await restore(house.client, folder, prefix=house.after)
    assert str(folder / name) in str(broken.value)
    assert await house.content(house.after, "intake") == {}


async def test_a_manifest_that_leads_out_of_the_folder_is_refused(house: House) -> None:
    await house.client[f"{house.before}intake"]["x"].insert_one({"_id": 1})
    folder = await house.saved()
    written = manifest.read(folder)
    [entry] = [database for database in written.databases if database.name == "intake"]
    led_out = entry.collections[0].model_copy(update={"file": "../outside.bson"})
    entry = entry.model_copy(update={"collections": (led_out,)})
    (folder / manifest.FILE).unlink()
    manifest.write(folder, written.model_copy(update={"databases": (entry,)}))
    with pytest.raises(BackupBroken, match="outside"):
        manifest.read(folder)


async def test_nothing_is_restored_over_what_is_there(house: House) -> None:
    await house.client[f"{house.before}intake"]["x"].insert_one({"_id": 1})
    folder = await house.saved()
    await house.client[f"{house.after}matching"]["y"].insert_one({"_id": 1})
    with pytest.raises(NotEmpty, match="matching holds y"):
        await restore(house.client, folder, prefix=house.after)
    assert await house.content(house.after, "intake") == {}
    assert await house.content(house.after, "matching") == {"y": [{"_id": 1}]}


async def test_a_restore_that_fails_half_way_leaves_nothing_behind(house: House) -> None:
    await house.client[f"{house.before}intake"]["x"].insert_one({"_id": 1})
    folder = await house.saved()

    async def fail(database: Any) -> None:
        assert database.name == f"{house.after}intake"
        raise RuntimeError("the hook")

    with pytest.raises(RuntimeError, match="the hook"):
        await restore(house.client, folder, prefix=house.after, on_restored=[fail])
    assert await house.content(house.after, "intake") == {}
    await restore(house.client, folder, prefix=house.after)
    assert await house.content(house.after, "intake") == {"x": [{"_id": 1}]}


async def test_a_backup_that_is_cut_off_is_none(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    await house.client[f"{house.before}intake"]["x"].insert_one({"_id": 1})

    async def fail(*_: Any) -> Any:
        raise asyncio.CancelledError

    await house.client[f"{house.before}intake"]["commits"].insert_one({"_id": "t:1", "s": "t/x/1", "v": 1, "n": 1})
    monkeypatch.setattr(dump, "heads", fail)
    with pytest.raises(asyncio.CancelledError):
        await house.saved()
    assert list(house.folder.iterdir()) == []


async def test_the_keyring_is_a_backup_apart_that_expires(house: House) -> None:
    kms = FileKms(house.folder / "kms")
    sealed = await MongoKeyring(house.client[f"{house.before}keyring"], kms).seal("t", "p-1", "a")
    folder = await house.saved("keyring")
    assert json.loads((folder / "manifest.json").read_text().partition("\n")[2])["part"] == "keyring"
    with time_machine.travel(datetime.now(UTC) + timedelta(days=31)), pytest.raises(BackupExpired):
        await restore(house.client, folder, prefix=house.after)
    await restore(house.client, folder, prefix=house.after)
    assert await MongoKeyring(house.client[f"{house.after}keyring"], kms).open("t", sealed) == "a"
