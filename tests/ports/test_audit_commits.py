"""Whatever is done by hand to what the event store holds is found by the trail, and the first place of it is named."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

import pytest

from chassis.audit.checkpoints import Checkpoints, Notary
from chassis.audit.mongo import AUDIT, MongoTrail
from chassis.audit.seals import CommitSealer
from chassis.audit.signing import FileSigner
from chassis.audit.verify import Verdict, verify
from chassis.clock import FixedClock
from chassis.event_store.documents import CommitDocument
from chassis.event_store.mongo import COMMITS
from tests.support.auditing import looked
from tests.support.harbour import NOON, NoteScribbled, commit, landed, quay_stream
from tests.support.quayside import Database, Quayside, running
from tests.support.wait import eventually

FIRST, SECOND = quay_stream("oslo", "quay-1"), quay_stream("oslo", "quay-2")


class Sealed:
    """Two streams of a tenant and one of another, all relayed; the head of each chain is signed."""

    def __init__(self, quayside: Quayside, directory: Path) -> None:
        self.quayside, self.database = quayside, quayside.database
        self.checkpoints = Checkpoints(directory / "audit", FileSigner(directory / "kms"))
        self.notary = Notary(self.checkpoints)
        self.trail = MongoTrail(quayside.database, "harbour", on_chained=self.notary.on_chained)
        self.seal = CommitSealer(self.trail, FixedClock(NOON))

    async def written(self) -> None:
        await self.trail.prepare()
        await self.trail.record(looked())
        for stream in (FIRST, SECOND, quay_stream("bergen", "quay-1")):
            await self.quayside.store.append(commit(stream, 0, *landed(1, 2)))
            await self.quayside.store.append(commit(stream, 2, *landed(3)))
            await self.quayside.store.append(commit(stream, 3, NoteScribbled(text="hm")))
        await self.relayed(self.seal)
        await self.notary.sign()

    async def relayed(self, seal: CommitSealer | Callable[[Sequence[CommitDocument]], Awaitable[None]]) -> None:
        async with running(self.quayside.relay(seal=seal)):
            await eventually(self.quayside.is_drained)

    async def verdict(self, tenant: str = "oslo") -> Verdict:
        return await verify(self.database, "harbour", tenant, self.checkpoints)

    async def fault(self) -> tuple[str | None, str | None]:
        found = await self.verdict()
        return found.fault, found.place


@pytest.fixture
async def sealed(quayside: Quayside, tmp_path: Path) -> Sealed:
    sealed = Sealed(quayside, tmp_path)
    await sealed.written()
    return sealed


async def test_every_commit_that_left_the_outbox_is_sealed_and_an_untouched_store_is_whole(sealed: Sealed) -> None:
    oslo, bergen = await sealed.verdict("oslo"), await sealed.verdict("bergen")

    assert [(one.fault, one.commits) for one in (oslo, bergen)] == [(None, 6), (None, 3)]
    assert {
        tuple(one) async for one in sealed.database[AUDIT].find({"commits": {"$exists": True}}, {"_id": 0, "at": 1})
    }


async def test_what_is_not_sent_yet_is_not_sealed_yet_and_no_fault(sealed: Sealed) -> None:
    await sealed.quayside.store.append(commit(FIRST, 4))

    found = await sealed.verdict()

    assert (found.fault, found.commits) == (None, 6)


async def test_a_commit_that_is_relayed_again_is_sealed_again_and_stays_whole(sealed: Sealed) -> None:
    await sealed.database[COMMITS].update_many({}, {"$set": {"o": 1}})
    await sealed.relayed(sealed.seal)

    found = await sealed.verdict()

    assert (found.fault, found.commits) == (None, 6)


async def test_a_relay_that_dies_between_the_seal_and_the_mark_leaves_nothing_out(sealed: Sealed) -> None:
    await sealed.quayside.store.append(commit(FIRST, 4))
    died = False

    async def seal_and_die(documents: Sequence[CommitDocument]) -> None:
        nonlocal died
        await sealed.seal(documents)
        if not died:
            died = True
            raise ConnectionError("as if the process were gone")

    await sealed.relayed(seal_and_die)

    found = await sealed.verdict()
    assert (died, found.fault, found.commits) == (True, None, 7)


async def _alter_one_byte(database: Database) -> None:
    stored = await database[COMMITS].find_one({"s": str(FIRST), "v": 3})
    assert stored is not None
    event = stored["e"][0].replace("3", "4")
    await database[COMMITS].update_one({"_id": stored["_id"]}, {"$set": {"e.0": event}})


async def _alter_who(database: Database) -> None:
    await database[COMMITS].update_one({"s": str(FIRST), "v": 3}, {"$set": {"m.a": "user-2"}})


async def _remove(database: Database) -> None:
    await database[COMMITS].delete_one({"s": str(FIRST), "v": 1})


async def _truncate(database: Database) -> None:
    await database[COMMITS].delete_many({"s": str(SECOND), "v": {"$gte": 3}})


async def _drop(database: Database) -> None:
    await database[COMMITS].drop()


async def _reorder(database: Database) -> None:
    third, fourth = await database[COMMITS].find({"s": str(SECOND), "v": {"$gte": 3}}).sort("v", 1).to_list()
    for one, v in ((third, 1000), (fourth, 3), (third, 4)):
        await database[COMMITS].update_one({"_id": one["_id"]}, {"$set": {"v": v}})


async def _alter_and_ask_the_relay_to_seal_it_again(database: Database) -> None:
    await database[COMMITS].update_one({"s": str(FIRST), "v": 3}, {"$set": {"m.a": "user-2", "o": 1}})


async def _add_at_the_end(database: Database) -> None:
    await _insert(database, v=5)


async def _add_in_the_middle(database: Database) -> None:
    await _insert(database, v=2)


async def _insert(database: Database, *, v: int) -> None:
    stored = await database[COMMITS].find_one({"s": str(FIRST), "v": 3})
    assert stored is not None
    await database[COMMITS].insert_one({**stored, "_id": f"oslo:by-hand-{v}", "v": v})


@pytest.mark.parametrize(
    ("by_hand", "fault", "place"),
    [
        (_alter_one_byte, "commit_altered", f"{FIRST}, event 3"),
        (_alter_who, "commit_altered", f"{FIRST}, event 3"),
        (_remove, "commit_missing", f"{FIRST}, event 1"),
        (_truncate, "commit_missing", f"{SECOND}, event 3"),
        (_reorder, "commit_altered", f"{SECOND}, event 3"),
        (_alter_and_ask_the_relay_to_seal_it_again, "commit_altered", f"{FIRST}, event 3"),
        (_add_at_the_end, "commit_added", f"{FIRST}, event 5"),
        (_add_in_the_middle, "commit_added", f"{FIRST}, event 2"),
    ],
)
async def test_the_first_commit_that_was_touched_is_named(
    sealed: Sealed, by_hand: Callable[[Database], Awaitable[None]], fault: str, place: str
) -> None:
    await by_hand(sealed.database)
    await sealed.relayed(sealed.seal)

    assert await sealed.fault() == (fault, place)


async def test_a_store_that_is_gone_altogether_is_missed(sealed: Sealed) -> None:
    await _drop(sealed.database)

    assert (await sealed.fault())[0] == "commit_missing"


async def test_whoever_cuts_the_seals_off_as_well_is_betrayed_by_the_checkpoints(sealed: Sealed) -> None:
    await _truncate(sealed.database)
    await sealed.database[AUDIT].delete_many({"tenant": "oslo", "n": {"$gt": 1}})

    assert (await sealed.fault())[0] == "truncated"
