"""Whatever is done to a chain by hand is found, and the first place of it is named."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.checkpoints import Checkpoints, Notary
from chassis.audit.entry import entry_id, hash_of
from chassis.audit.mongo import AUDIT, MongoTrail
from chassis.audit.signing import FileSigner
from chassis.audit.verify import Verdict, verify, verify_all
from tests.support.auditing import looked

Database = AsyncDatabase[dict[str, Any]]


class Kept:
    """A chain of ten, signed at seven, and by hand whatever a test does to it."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.database = database
        self.directory = directory
        self.checkpoints = Checkpoints(directory / "audit", FileSigner(directory / "kms"))
        self.notary = Notary(self.checkpoints)
        self.trail = MongoTrail(database, "intake", on_chained=self.notary.on_chained)

    async def written(self) -> None:
        await self.trail.prepare()
        for number in range(10):
            if number == 7:
                await self.notary.sign()
            await self.trail.record(looked(correlation_id=f"c-{number}"))

    async def verdict(self) -> Verdict:
        return await verify(self.database, "intake", "oslo", self.checkpoints)

    @property
    def file(self) -> Path:
        return self.directory / "audit" / "intake" / "oslo.jsonl"


@pytest.fixture
async def kept(database: Database, tmp_path: Path) -> Kept:
    kept = Kept(database, tmp_path)
    await kept.written()
    return kept


async def test_an_untouched_chain_is_whole(kept: Kept) -> None:
    assert await kept.verdict() == Verdict("intake", "oslo", count=10, signed_up_to=7)


async def _alter(database: Database) -> None:
    await database[AUDIT].update_one({"_id": entry_id("oslo", 4)}, {"$set": {"actor": "nobody"}})


async def _add_a_field(database: Database) -> None:
    await database[AUDIT].update_one({"_id": entry_id("oslo", 4)}, {"$set": {"note": "by hand"}})


async def _alter_and_hash_again(database: Database) -> None:
    document = await database[AUDIT].find_one({"_id": entry_id("oslo", 4)})
    assert document is not None
    document["actor"] = "nobody"
    document["hash"] = hash_of(document)
    await database[AUDIT].replace_one({"_id": document["_id"]}, document)


async def _swap(database: Database) -> None:
    fourth, fifth = await database[AUDIT].find({"n": {"$in": [4, 5]}}).sort("_id", 1).to_list()
    await database[AUDIT].replace_one({"_id": fourth["_id"]}, {**fifth, "_id": fourth["_id"]})
    await database[AUDIT].replace_one({"_id": fifth["_id"]}, {**fourth, "_id": fifth["_id"]})


async def _remove(database: Database) -> None:
    await database[AUDIT].delete_one({"_id": entry_id("oslo", 4)})


async def _remove_the_beginning(database: Database) -> None:
    await database[AUDIT].delete_one({"_id": entry_id("oslo", 1)})


async def _truncate(database: Database) -> None:
    await database[AUDIT].delete_many({"n": {"$gt": 5}})


async def _drop(database: Database) -> None:
    await database[AUDIT].drop()


async def _rewrite_all(database: Database) -> None:
    """The clever thief: every hash is right again, and one entry never was."""
    documents = await database[AUDIT].find({"n": {"$gte": 4}}).sort("_id", 1).to_list()
    previous = documents[0]["previous"]
    for document in documents:
        document["actor"], document["previous"] = "somebody-else", previous
        previous = document["hash"] = hash_of(document)
        await database[AUDIT].replace_one({"_id": document["_id"]}, document)


@pytest.mark.parametrize(
    ("by_hand", "fault", "n"),
    [
        (_alter, "altered", 4),
        (_add_a_field, "altered", 4),
        (_alter_and_hash_again, "altered", 5),
        (_swap, "altered", 4),
        (_remove, "missing", 4),
        (_remove_the_beginning, "missing", 1),
        (_truncate, "truncated", 6),
        (_drop, "truncated", 1),
        (_rewrite_all, "rewritten", 7),
    ],
)
async def test_the_first_place_that_was_touched_is_named(
    kept: Kept, by_hand: Callable[[Database], Awaitable[None]], fault: str, n: int
) -> None:
    await by_hand(kept.database)

    found = await kept.verdict()

    assert (found.fault, found.n) == (fault, n)


async def test_a_checkpoint_that_our_key_did_not_sign_is_named(kept: Kept) -> None:
    kept.file.write_text(kept.file.read_text().replace('"n": 7', '"n": 3'))

    found = await kept.verdict()

    assert (found.fault, found.n) == ("checkpoint_forged", 1)


async def test_checkpoints_of_another_tenant_say_nothing_of_this_one(kept: Kept) -> None:
    (kept.file.parent / "bergen.jsonl").write_text(kept.file.read_text())

    found = await verify(kept.database, "intake", "bergen", kept.checkpoints)

    assert (found.fault, found.n) == ("checkpoint_forged", 1)


async def test_a_tenant_whose_chain_is_gone_altogether_is_missed(kept: Kept) -> None:
    await kept.database[AUDIT].drop()

    found = [one async for one in verify_all(kept.database, "intake", kept.checkpoints)]

    assert [(one.tenant, one.fault, one.n) for one in found] == [("oslo", "truncated", 1)]


async def test_what_a_killed_process_left_unsigned_is_signed_by_the_next_one(kept: Kept) -> None:
    next_one = Notary(kept.checkpoints)
    next_one.on_chained(await MongoTrail(kept.database, "intake").heads())
    await next_one.sign()

    assert await kept.verdict() == Verdict("intake", "oslo", count=10, signed_up_to=10)
