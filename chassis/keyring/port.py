"""The port of the keyring. Its promise is the suite in tests/ports/test_keyring.py; every adapter runs it."""

from collections.abc import Sequence
from typing import Any, Protocol, TypeVar

from pydantic import JsonValue

from chassis.refusal import Refusal
from contracts.sealed import Redacted, Sealed

T = TypeVar("T")


class KeyUnavailable(Exception):
    """A tenant's key cannot be read: nothing of that tenant can be sealed or opened until somebody mends it."""


class SealBroken(Exception):
    """The token was not sealed for this tenant and this person, or was changed since. Our bug, or an attack."""


class PersonErased(Refusal):
    """Their key was shredded: what would be sealed now could never be erased again (S2.3)."""

    rule, sentence = "person_erased", "This person has been erased. Nothing more can be kept about them."


class Keyring(Protocol):
    async def seal(self, tenant: str, subject: str, value: JsonValue) -> Sealed[Any]:
        """Seal under the person's key, made on first use. Raises PersonErased after `shred`."""

    async def open(self, tenant: str, sealed: Sealed[T]) -> T | Redacted:
        """What was sealed; Redacted at most a minute after `shred`, wherever it was called. Raises SealBroken."""

    async def seal_many(self, tenant: str, values: Sequence[tuple[str, JsonValue]]) -> list[Sealed[Any]]:
        """`seal` for pairs of subject and value, in one round trip, answered in order; all or nothing."""

    async def open_many(self, tenant: str, sealed: Sequence[Sealed[Any]]) -> list[Any]:
        """`open` in one round trip, answered in order."""

    async def shred(self, tenant: str, subject: str) -> None:
        """Destroy the person's key for ever, also one never made. Again is the same as once."""

    def fingerprint(self, tenant: str, purpose: str, value: str) -> str:
        """A keyed hash, 64 hex digits: the same value gives the same one, in this tenant and for this purpose only."""

    def derive_key(self, tenant: str, purpose: str) -> bytes:
        """32 bytes that every process of the platform derives alike and nobody outside can."""
