"""An older backup brought back is owned up to once, with the key; without the key nobody can pretend it."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.audit.checkpoints import Checkpoint, Checkpoints, Notary, Restored
from chassis.audit.mongo import AUDIT, MongoTrail
from chassis.audit.restoring import own_up
from chassis.audit.signing import FileSigner
from chassis.audit.verify import Verdict, verify
from chassis.keyring import KeyUnavailable
from tests.support.auditing import looked

Database = AsyncDatabase[dict[str, Any]]

TAKEN_AT = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)


class Chain:
    """A chain that is written, signed and cut, as a restored backup cuts it."""

    def __init__(self, database: Database, directory: Path) -> None:
        self.database, self.directory = database, directory
        self.checkpoints = Checkpoints(directory / "audit", FileSigner(directory / "kms"))

    async def written(self, count: int) -> None:
        notary = Notary(self.checkpoints)
        trail = MongoTrail(self.database, "intake", on_chained=notary.on_chained)
        for number in range(count):
            await trail.record(looked(correlation_id=f"c-{number}"))
        await notary.sign()

    async def cut_after(self, n: int) -> None:
        await self.database[AUDIT].delete_many({"n": {"$gt": n}})

    async def owned_up(self, checkpoints: Checkpoints | None = None) -> None:
        await own_up(self.database, "intake", checkpoints or self.checkpoints, by="ola", taken_at=TAKEN_AT)

    async def verdict(self) -> Verdict:
        return await verify(self.database, "intake", "oslo", self.checkpoints)

    @property
    def file(self) -> Path:
        return self.directory / "audit" / "intake" / "oslo.jsonl"


@pytest.fixture
async def chain(database: Database, tmp_path: Path) -> Chain:
    """Ten entries, signed at five and at ten, of which a backup brought five back."""
    chain = Chain(database, tmp_path)
    await chain.written(5)
    await chain.written(5)
    await chain.cut_after(5)
    return chain


async def test_an_older_backup_is_a_cut_until_somebody_owns_up_to_it(chain: Chain) -> None:
    assert ((await chain.verdict()).fault, (await chain.verdict()).n) == ("truncated", 6)

    await chain.owned_up()

    found = await chain.verdict()
    assert (found.fault, found.count, found.signed_up_to) == (None, 5, 5)
    assert [(one.by, one.taken_at, one.n, one.lost_up_to) for one in found.restored] == [
        ("ola", "2026-11-24T03:00:00+00:00", 5, 10)
    ]


async def test_the_chain_goes_on_from_there_and_is_well(chain: Chain) -> None:
    await chain.owned_up()
    await chain.written(7)

    found = await chain.verdict()

    assert (found.fault, found.count, found.signed_up_to) == (None, 12, 12)


async def test_what_is_cut_after_the_restore_is_found_as_ever(chain: Chain) -> None:
    await chain.owned_up()
    await chain.written(7)
    await chain.cut_after(8)

    found = await chain.verdict()

    assert (found.fault, found.n) == ("truncated", 9)


async def test_what_the_backup_brought_back_must_be_what_was_signed(chain: Chain) -> None:
    await chain.owned_up()
    await chain.cut_after(4)

    found = await chain.verdict()

    assert (found.fault, found.n) == ("truncated", 5)


async def test_a_chain_that_the_backup_did_not_know_begins_anew(chain: Chain) -> None:
    await chain.cut_after(0)
    await chain.owned_up()
    await chain.written(2)

    found = await chain.verdict()

    assert (found.fault, found.count, found.restored[0].lost_up_to) == (None, 2, 10)


async def test_without_the_key_nobody_can_own_up(chain: Chain) -> None:
    thief = FileSigner(chain.directory / "other")
    with pytest.raises(KeyUnavailable):
        await chain.owned_up(Checkpoints(chain.directory / "audit", thief))
    elsewhere = Checkpoints(chain.directory / "forged", thief)
    elsewhere.add(Checkpoint("intake", "oslo", 10, "0" * 64, "2026-11-24T03:00:00+00:00"))
    await chain.owned_up(elsewhere)
    forged = json.loads((chain.directory / "forged" / "intake" / "oslo.jsonl").read_text().splitlines()[1])
    forged["before"] = hashlib.sha256(chain.file.read_bytes()).hexdigest()
    line = Restored(**{name: value for name, value in forged.items() if name != "signature"})
    forged["signature"] = base64.b64encode(thief.sign(line.message())).decode()
    chain.file.write_text(f"{chain.file.read_text()}{json.dumps(forged)}\n")

    found = await chain.verdict()

    assert (found.fault, found.n) == ("checkpoint_forged", 3)


@pytest.mark.parametrize("change", [{"n": 3}, {"hash": "0" * 64}, {"lost_up_to": 6}, {"by": "kari"}, {"tenant": "x"}])
async def test_what_was_owned_up_to_cannot_be_changed(chain: Chain, change: dict[str, Any]) -> None:
    await chain.owned_up()
    *before, last = chain.file.read_text().splitlines()
    chain.file.write_text("\n".join([*before, json.dumps(json.loads(last) | change)]) + "\n")

    found = await chain.verdict()

    assert (found.fault, found.n) == ("checkpoint_forged", 3)


async def test_an_old_restore_cannot_be_said_once_more_to_hide_a_new_cut(chain: Chain) -> None:
    await chain.owned_up()
    await chain.written(7)
    chain.file.write_text(chain.file.read_text() + chain.file.read_text().splitlines(keepends=True)[2])
    await chain.cut_after(5)

    found = await chain.verdict()

    assert (found.fault, found.n) == ("checkpoint_forged", 5)
