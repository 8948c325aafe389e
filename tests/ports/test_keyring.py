"""What the port of the keyring promises. Every adapter runs this suite; a fake that has not may not be used."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymongo.asynchronous.database import AsyncDatabase

from chassis.keyring import FileKms, Keyring, MemoryKeyring, MemoryKms, MongoKeyring, PersonErased, SealBroken
from chassis.keyring.memory import MemoryDataKeys
from contracts.sealed import Redacted, Sealed


@dataclass
class Watch:
    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Keyrings:
    """Two keyrings over the same keys, as two processes have them; `later` passes time for both."""

    here: Keyring
    there: Keyring
    watch: Watch

    def later(self, seconds: float) -> None:
        self.watch.seconds += seconds


def in_memory() -> Keyrings:
    watch, data_keys, kms = Watch(), MemoryDataKeys(), MemoryKms()
    return Keyrings(
        MemoryKeyring(data_keys, kms, monotonic=watch), MemoryKeyring(data_keys, kms, monotonic=watch), watch
    )


def on_mongo(database: AsyncDatabase[dict[str, Any]], keys: Path) -> Keyrings:
    watch = Watch()
    here, there = (MongoKeyring(database, FileKms(keys), monotonic=watch) for _ in range(2))
    return Keyrings(here, there, watch)


@pytest.fixture(params=["memory", "mongo"])
def keyrings(request: pytest.FixtureRequest, tmp_path: Path) -> Keyrings:
    if request.param == "memory":
        return in_memory()
    return on_mongo(request.getfixturevalue("database"), tmp_path)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=JSON_VALUES)
async def test_what_is_sealed_opens_as_it_was(value: Any) -> None:
    keyring = MemoryKeyring()
    assert await keyring.open("t", await keyring.seal("t", "p-1", value)) == value


async def test_another_process_opens_what_this_one_sealed(keyrings: Keyrings) -> None:
    sealed = await keyrings.here.seal("t", "p-1", {"email": "invented@example.no"})
    assert await keyrings.there.open("t", sealed) == {"email": "invented@example.no"}


async def test_a_token_never_holds_the_plain_text_and_never_repeats(keyrings: Keyrings) -> None:
    tokens = {(await keyrings.here.seal("t", "p-1", "invented@example.no")).token for _ in range(10)}
    assert (len(tokens), any("invented" in token for token in tokens)) == (10, False)


async def test_many_are_sealed_and_opened_in_order(keyrings: Keyrings) -> None:
    values: list[tuple[str, Any]] = [("p-1", "a"), ("p-2", "b"), ("p-1", "c"), ("p-3", None)]
    sealed = await keyrings.here.seal_many("t", values)
    assert [one.subject for one in sealed] == ["p-1", "p-2", "p-1", "p-3"]
    assert await keyrings.there.open_many("t", sealed) == ["a", "b", "c", None]
    assert (await keyrings.here.seal_many("t", []), await keyrings.here.open_many("t", [])) == ([], [])


Spoil = Callable[[Sealed[Any]], tuple[str, Sealed[Any]]]
SPOILT: dict[str, Spoil] = {
    "in another tenant that knows the person": lambda one: ("u", one),
    "in a tenant that knows nobody": lambda one: ("v", one),
    "for another person": lambda one: ("t", Sealed("p-2", one.token)),
    "for a person nobody knows": lambda one: ("t", Sealed("p-9", one.token)),
    "with a letter changed": lambda one: (
        "t",
        Sealed("p-1", one.token[:20] + chr(ord(one.token[20]) ^ 1) + one.token[21:]),
    ),
    "cut short": lambda one: ("t", Sealed("p-1", one.token[:-4])),
    "longer": lambda one: ("t", Sealed("p-1", one.token + "AAAA")),
    "with padding": lambda one: ("t", Sealed("p-1", one.token + "=")),
    "with another version": lambda one: ("t", Sealed("p-1", "Ag" + one.token[2:])),
    "as plain text": lambda one: ("t", Sealed("p-1", "invented@example.no")),
    "empty": lambda one: ("t", Sealed("p-1", "")),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
async def test_a_token_does_not_open(keyrings: Keyrings, spoil: Spoil) -> None:
    await keyrings.here.seal_many("u", [("p-1", "theirs")])
    sealed, _ = await keyrings.here.seal_many("t", [("p-1", "mine"), ("p-2", "another's")])
    tenant, spoilt = spoil(sealed)
    with pytest.raises(SealBroken) as broken:
        await keyrings.here.open(tenant, spoilt)
    assert "mine" not in str(broken.value)


async def test_the_same_person_in_two_tenants_has_two_keys(keyrings: Keyrings) -> None:
    sealed = await keyrings.here.seal("t", "p-1", "x")
    await keyrings.here.seal("u", "p-1", "x")
    await keyrings.here.shred("u", "p-1")
    assert await keyrings.there.open("t", sealed) == "x"


async def test_after_shredding_everything_of_the_person_is_redacted(keyrings: Keyrings) -> None:
    sealed = await keyrings.here.seal_many("t", [("p-1", "a"), ("p-2", "b"), ("p-1", "c")])
    await keyrings.here.shred("t", "p-1")
    assert await keyrings.here.open_many("t", sealed) == [Redacted(), "b", Redacted()]


async def test_another_process_learns_of_it_within_a_minute(keyrings: Keyrings) -> None:
    sealed = await keyrings.there.seal("t", "p-1", "a")
    await keyrings.here.shred("t", "p-1")
    keyrings.later(59)
    assert await keyrings.there.open("t", sealed) == "a"
    keyrings.later(1)
    assert await keyrings.there.open("t", sealed) == Redacted()


async def test_reading_often_does_not_keep_a_shredded_key_alive(keyrings: Keyrings) -> None:
    sealed = await keyrings.there.seal("t", "p-1", "a")
    await keyrings.here.shred("t", "p-1")
    for _ in range(6):
        keyrings.later(10)
        last = await keyrings.there.open("t", sealed)
    assert last == Redacted()


async def test_a_key_is_never_made_again_for_somebody_erased(keyrings: Keyrings) -> None:
    await keyrings.here.seal("t", "p-1", "a")
    await keyrings.here.shred("t", "p-1")
    await keyrings.here.shred("t", "p-1")
    for keyring in (keyrings.here, keyrings.there):
        with pytest.raises(PersonErased):
            await keyring.seal_many("t", [("p-2", "b"), ("p-1", "a")])


async def test_somebody_unknown_can_be_shredded_beforehand(keyrings: Keyrings) -> None:
    await keyrings.here.shred("t", "p-1")
    with pytest.raises(PersonErased):
        await keyrings.there.seal("t", "p-1", "a")


async def test_processes_that_race_for_the_first_key_agree_on_one(keyrings: Keyrings) -> None:
    writers = [keyrings.here, keyrings.there] * 8
    sealed = await asyncio.gather(*(keyring.seal("t", "p-1", number) for number, keyring in enumerate(writers)))
    assert await keyrings.here.open_many("t", sealed) == await keyrings.there.open_many("t", sealed) == list(range(16))


async def test_a_fingerprint_is_the_same_everywhere_in_a_tenant_and_joins_nothing_else(keyrings: Keyrings) -> None:
    here, there = keyrings.here, keyrings.there
    one = here.fingerprint("t", "referral", "4711")
    others = {
        here.fingerprint("u", "referral", "4711"),
        here.fingerprint("t", "phone", "4711"),
        here.fingerprint("t", "referral", "4712"),
    }
    assert (one == there.fingerprint("t", "referral", "4711"), one in others, len(others)) == (True, False, 3)
    assert (len(one), "4711" in one) == (64, False)


async def test_derived_keys_are_shared_by_processes_and_by_nothing_else(keyrings: Keyrings) -> None:
    one = keyrings.here.derive_key("t", "cursor")
    others = {keyrings.here.derive_key("u", "cursor"), keyrings.here.derive_key("t", "other")}
    assert (one == keyrings.there.derive_key("t", "cursor"), one in others, len(one)) == (True, False, 32)


def test_a_cache_that_would_outlive_the_promise_is_not_made() -> None:
    with pytest.raises(ValueError, match="within a minute"):
        MemoryKeyring(cache_seconds=61)
