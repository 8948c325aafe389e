"""Whom a piece of work looks at, noted where it happens: no route can open what is sealed and forget to say so."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from pydantic import JsonValue

from chassis.keyring import Keyring
from contracts.sealed import Redacted, Sealed

T = TypeVar("T")

_seen: ContextVar[set[str] | None] = ContextVar("kobling_audit_seen", default=None)


@contextmanager
def witnessing() -> Iterator[set[str]]:
    """The pseudonyms of everybody for whom something is sealed or opened, or who is witnessed, while this lasts."""
    seen: set[str] = set()
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def witness(*person_ids: str | None) -> None:
    """These people are shown or used here; for code that shows a record with nothing sealed in it."""
    seen = _seen.get()
    if seen is not None:
        seen.update(one for one in person_ids if one)


class WitnessedKeyring:
    """A keyring that notes for whom it seals and whose seals it opens: the only one a service is handed."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    async def seal(self, tenant: str, subject: str, value: JsonValue) -> Sealed[Any]:
        witness(subject)
        return await self._keyring.seal(tenant, subject, value)

    async def open(self, tenant: str, sealed: Sealed[T]) -> T | Redacted:
        witness(sealed.subject)
        return await self._keyring.open(tenant, sealed)

    async def seal_many(self, tenant: str, values: Sequence[tuple[str, JsonValue]]) -> list[Sealed[Any]]:
        witness(*(subject for subject, _ in values))
        return await self._keyring.seal_many(tenant, values)

    async def open_many(self, tenant: str, sealed: Sequence[Sealed[Any]]) -> list[Any]:
        witness(*(one.subject for one in sealed))
        return await self._keyring.open_many(tenant, sealed)

    async def shred(self, tenant: str, subject: str) -> None:
        await self._keyring.shred(tenant, subject)

    def fingerprint(self, tenant: str, purpose: str, value: str) -> str:
        return self._keyring.fingerprint(tenant, purpose, value)

    def derive_key(self, tenant: str, purpose: str) -> bytes:
        return self._keyring.derive_key(tenant, purpose)
