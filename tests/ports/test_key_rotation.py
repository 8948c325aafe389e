"""A tenant's key is rotated while everything runs: what opened before opens after, wherever it was cut off."""

import asyncio
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymongo.asynchronous.database import AsyncDatabase

from chassis.keyring import FileKms, KeyUnavailable, Kms, MemoryKms, MongoDataKeys, MongoKeyring, rewrap
from chassis.keyring.kms import WrappedKey
from chassis.keyring.memory import MemoryDataKeys
from chassis.keyring.sealing import SealingKeyring
from contracts.sealed import Redacted

Json = dict[str, Any]


@dataclass
class Vault:
    """Data keys and tenant keys; `keyring()` is a process that has just started."""

    data_keys: Any
    kms: Kms

    def keyring(self) -> SealingKeyring:
        return SealingKeyring(self.data_keys, self.kms)


@pytest.fixture(params=["memory", "mongo"])
def vault(request: pytest.FixtureRequest, tmp_path: Path) -> Vault:
    if request.param == "memory":
        return Vault(MemoryDataKeys(), MemoryKms())
    return Vault(MongoDataKeys(request.getfixturevalue("database")), FileKms(tmp_path))


async def test_after_a_rotation_everything_opens_and_the_old_version_wraps_nothing(vault: Vault) -> None:
    sealed = await vault.keyring().seal_many("t", [(f"p-{number}", number) for number in range(450)])
    others = await vault.keyring().seal("t-2", "p-1", "theirs")
    assert await vault.kms.rotate("t") == 2
    assert await vault.keyring().open_many("t", sealed) == list(range(450))
    await vault.keyring().seal("t", "p-new", "new")
    assert await vault.data_keys.versions("t") == {1: 450, 2: 1}
    assert (await rewrap(vault.data_keys, vault.kms, "t"), await rewrap(vault.data_keys, vault.kms, "t")) == (450, 0)
    assert await vault.data_keys.versions("t") == {2: 451}
    assert await vault.keyring().open_many("t", sealed) == list(range(450))
    assert (await vault.data_keys.versions("t-2"), await vault.keyring().open("t-2", others)) == ({1: 1}, "theirs")


async def test_what_is_compared_for_ever_stays_the_same_over_a_rotation(vault: Vault) -> None:
    def compared() -> tuple[str, bytes]:
        return vault.keyring().fingerprint("t", "referral", "4711"), vault.keyring().derive_key("t", "pair")

    before = compared()
    await vault.kms.rotate("t")
    await rewrap(vault.data_keys, vault.kms, "t")
    assert compared() == before


async def test_a_key_that_is_shredded_while_it_is_wrapped_anew_stays_shredded(vault: Vault) -> None:
    sealed = await vault.keyring().seal("t", "p-1", "a")
    await vault.kms.rotate("t")
    (old,) = (await vault.data_keys.wrapped_before("t", 2, after="", limit=9)).values()
    await vault.keyring().shred("t", "p-1")
    new = await vault.kms.wrap("t", "p-1", await vault.kms.unwrap("t", "p-1", old))
    assert await vault.data_keys.replace("t", "p-1", old=old, new=new) is False
    assert await rewrap(vault.data_keys, vault.kms, "t") == 0
    assert (await vault.keyring().open("t", sealed), await vault.data_keys.versions("t")) == (Redacted(), {})


async def test_a_process_that_runs_already_wraps_under_the_new_version(
    database: AsyncDatabase[Json], tmp_path: Path
) -> None:
    service = MongoKeyring(database, FileKms(tmp_path))
    await service.seal("t", "p-1", "a")
    await FileKms(tmp_path).rotate("t")
    await service.seal("t", "p-2", "b")
    assert await MongoDataKeys(database).versions("t") == {1: 1, 2: 1}


async def test_two_that_wrap_anew_at_once_do_it_once(database: AsyncDatabase[Json], tmp_path: Path) -> None:
    keys, kms = MongoDataKeys(database), FileKms(tmp_path)
    sealed = await MongoKeyring(database, kms).seal_many("t", [(f"p-{number}", number) for number in range(60)])
    await kms.rotate("t")
    counts = await asyncio.gather(*(rewrap(keys, FileKms(tmp_path), "t") for _ in range(3)))
    assert (sum(counts), await keys.versions("t")) == (60, {2: 60})
    assert await MongoKeyring(database, FileKms(tmp_path)).open_many("t", sealed) == list(range(60))


class Dead(Exception):
    """The process ended here."""


@dataclass
class Mortal:
    """Stands before data keys and KMS, and dies at the n-th thing it is asked, before or after it was done."""

    data_keys: Any
    kms: Kms
    steps: int
    done_first: bool
    asked: int = field(default=0)

    def __getattr__(self, name: str) -> Any:
        part = self.data_keys if name in ("wrapped_before", "replace") else self.kms

        async def step(*args: Any, **named: Any) -> Any:
            self.asked += 1
            if self.asked == self.steps and not self.done_first:
                raise Dead
            answer = await getattr(part, name)(*args, **named)
            if self.asked == self.steps:
                raise Dead
            return answer

        return step


@pytest.mark.parametrize("done_first", [False, True])
async def test_cut_off_at_every_point_everything_opens_and_the_next_run_ends_it(done_first: bool) -> None:
    died = 0
    for steps in range(1, 60):
        vault = Vault(MemoryDataKeys(), MemoryKms())
        sealed = await vault.keyring().seal_many("t", [(f"p-{number}", number) for number in range(5)])
        mortal: Any = Mortal(vault.data_keys, vault.kms, steps, done_first)
        try:
            await mortal.rotate("t")
            await rewrap(mortal, mortal, "t")
        except Dead:
            died += 1
        assert await vault.keyring().open_many("t", sealed) == list(range(5))
        await rewrap(vault.data_keys, vault.kms, "t")
        assert await vault.data_keys.versions("t") == {await vault.kms.newest("t"): 5}
        assert await vault.keyring().open_many("t", sealed) == list(range(5))
        if mortal.asked < steps:
            break
    assert died == mortal.asked == 24  # rotate, newest, twice the batch, and four for each of five keys


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("seal"), st.integers(0, 5)),
        st.tuples(st.just("shred"), st.integers(0, 5)),
        st.tuples(st.just("rotate"), st.just(0)),
        st.tuples(st.just("rewrap"), st.integers(1, 30)),
    ),
    max_size=20,
)


@settings(max_examples=150)
@given(steps=STEPS)
async def test_in_any_order_what_was_sealed_opens_and_what_was_shredded_does_not(
    steps: list[tuple[str, int]],
) -> None:
    vault = Vault(MemoryDataKeys(), MemoryKms())
    fingerprint = vault.keyring().fingerprint("t", "x", "1")
    kept: list[tuple[int, Any]] = []
    shredded: set[int] = set()
    for number, (step, n) in enumerate(steps):
        if step == "seal" and n not in shredded:
            kept.append((n, (number, await vault.keyring().seal("t", f"p-{n}", number))))
        elif step == "shred":
            await vault.keyring().shred("t", f"p-{n}")
            shredded.add(n)
        elif step == "rotate":
            await vault.kms.rotate("t")
        elif step == "rewrap":
            mortal: Any = Mortal(vault.data_keys, vault.kms, n, number % 2 == 0)
            with suppress(Dead):
                await rewrap(mortal, mortal, "t")
        for person, (value, sealed) in kept:
            expected = Redacted() if person in shredded else value
            assert await vault.keyring().open("t", sealed) == expected
    assert vault.keyring().fingerprint("t", "x", "1") == fingerprint


async def test_a_version_whose_file_is_gone_is_said_and_is_not_made_anew(tmp_path: Path) -> None:
    kms = FileKms(tmp_path)
    wrapped = await kms.wrap("t", "p-1", bytes(32))
    await kms.rotate("t")
    (tmp_path / "t.1.key").unlink()
    with pytest.raises(KeyUnavailable, match=r"t\.1\.key"):
        await FileKms(tmp_path).unwrap("t", "p-1", wrapped)
    assert await FileKms(tmp_path).newest("t") == 2
    with pytest.raises(KeyUnavailable):
        await FileKms(tmp_path).unwrap("t", "p-1", wrapped)


async def test_versions_go_on_counting_when_old_ones_are_destroyed(tmp_path: Path) -> None:
    for expected in (2, 3, 4):
        assert await FileKms(tmp_path).rotate("t") == expected
    for version in (1, 2, 3):
        (tmp_path / f"t.{version}.key").unlink()
    assert (await FileKms(tmp_path).newest("t"), await FileKms(tmp_path).newest("t-2")) == (4, 1)


@pytest.mark.parametrize("version", [0, 2])
async def test_a_version_that_never_was_unwraps_nothing(version: int, tmp_path: Path) -> None:
    for kms in (MemoryKms(), FileKms(tmp_path)):
        wrapped = await kms.wrap("t", "p-1", bytes(32))
        with pytest.raises(KeyUnavailable):
            await kms.unwrap("t", "p-1", WrappedKey(version, wrapped.key))


DYING = """
import asyncio, os, sys
from pathlib import Path
from chassis.keyring import FileKms
point = sys.argv[2]
real = getattr(os, point)
def die(*args, **named):
    real(*args, **named)
    os._exit(9)
setattr(os, point, die)
asyncio.run(FileKms(Path(sys.argv[1])).rotate("t"))
"""


@pytest.mark.parametrize("point", ["open", "fsync", "link"])
async def test_killed_while_a_key_is_made_there_is_the_old_or_the_new_one(tmp_path: Path, point: str) -> None:
    wrapped = await FileKms(tmp_path).wrap("t", "p-1", b"k" * 32)
    died = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", DYING, str(tmp_path), point], check=False, capture_output=True
    )
    kms = FileKms(tmp_path)
    assert (died.returncode, await kms.newest("t")) == (9, 2 if point == "link" else 1)
    assert await kms.unwrap("t", "p-1", wrapped) == b"k" * 32
    again = await kms.wrap("t", "p-1", b"l" * 32)
    assert await FileKms(tmp_path).unwrap("t", "p-1", again) == b"l" * 32
