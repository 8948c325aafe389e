"""The ledger of erasures: in two places that mend each other, and applied to whatever a restore brought back (S2.3)."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.erasures import Erasure, ErasureLedger, apply
from chassis.keyring import MemoryKeyring
from contracts.intake import KeyDestroyed
from contracts.sealed import Redacted
from services.intake.purging import FORGETTING

Json = dict[str, Any]

pytestmark = pytest.mark.requirement("S2.3")


def erasure(person_id: str) -> Erasure:
    event = KeyDestroyed(
        person_id=person_id, requests=(f"r-{person_id}",), programmes=(), destroyed_at=datetime(2026, 11, 2, tzinfo=UTC)
    )
    return Erasure("fjordby", person_id, event)


async def test_a_person_stands_in_it_once(database: AsyncDatabase[Json], tmp_path: Path) -> None:
    ledger = ErasureLedger(database, tmp_path)
    await ledger.record(erasure("p1"))
    await ledger.record(erasure("p1"))

    assert await ledger.all() == [erasure("p1")]
    assert (tmp_path / "erasures.jsonl").read_text().count('"tenant"') == 1
    assert await database["erasures"].count_documents({}) == 1


async def test_either_place_mends_the_other(database: AsyncDatabase[Json], tmp_path: Path) -> None:
    await ErasureLedger(database, tmp_path).record(erasure("p1"))
    await database["erasures"].delete_many({})
    await ErasureLedger(database, tmp_path / "other").record(erasure("p2"))

    assert {one.person_id for one in await ErasureLedger(database, tmp_path).all()} == {"p1", "p2"}
    assert await database["erasures"].count_documents({}) == 2
    assert (tmp_path / "erasures.jsonl").read_text().count('"person_id": "p2"') == 1


async def test_a_line_that_a_crash_cut_short_spoils_no_other(database: AsyncDatabase[Json], tmp_path: Path) -> None:
    (tmp_path / "erasures.jsonl").write_text('{"tenant": "fjordby", "pers')
    ledger = ErasureLedger(database, tmp_path)
    await ledger.record(erasure("p1"))

    assert await ledger.all() == [erasure("p1")]


async def test_what_a_restore_brought_back_goes_before_anything_is_answered(
    database: AsyncDatabase[Json], tmp_path: Path
) -> None:
    ledger, keyring = ErasureLedger(database, tmp_path), MemoryKeyring()
    sealed = await keyring.seal("fjordby", "p1", "Ida Oppdiktet")
    await ledger.record(erasure("p1"))
    await database["read_models"].insert_one({"_id": "persons", "version": 3, "live": 2, "newest": 2})
    stored = {"_tenant": "fjordby", "_streams": {"s": 3}, "_rev": 5}
    await database["persons.2"].insert_many(
        [{"_id": "fjordby/p1", "name": "token", **stored}, {"_id": "fjordby/p2", "name": "token", **stored}]
    )

    await apply(ledger, keyring, database, FORGETTING)

    assert isinstance(await keyring.open("fjordby", sealed), Redacted)
    gone = {"_id": "fjordby/p1", "_tenant": "fjordby", "_streams": {"s": 3}, "_rev": 6, "_gone": True, "_erased": True}
    assert await database["persons.2"].find_one({"_id": "fjordby/p1"}) == gone
    assert await database["persons.2"].find_one({"_id": "fjordby/p2"}) == {
        "_id": "fjordby/p2",
        "name": "token",
        **stored,
    }
