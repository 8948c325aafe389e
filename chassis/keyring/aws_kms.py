"""Tenant keys in AWS KMS, which they never leave. Needs `kobling[aws]`.

| what | alias |
|---|---|
| a version of the tenant's key | `alias/kobling/<tenant>/<version>`, symmetric |
| the secret that never rotates | `alias/kobling/<tenant>/derivation`, HMAC_256 |

Services need kms:Encrypt, kms:Decrypt, kms:DescribeKey, kms:ListAliases and kms:GenerateMac. Only who rotates or takes
a tenant in needs kms:CreateKey and kms:CreateAlias; `kobling keys rotate` makes what a new tenant needs.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from chassis.keyring.kms import WrappedKey, checked, derived
from chassis.keyring.port import KeyUnavailable, SealBroken

_ALIASES = "alias/kobling/"
_DERIVATION = "derivation"
_MESSAGE = b"kobling/derivation-secret/1"
_LOOK_AGAIN_SECONDS = 60.0

_SYMMETRIC = {"KeySpec": "SYMMETRIC_DEFAULT", "KeyUsage": "ENCRYPT_DECRYPT"}
_HMAC = {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}
_BROKEN = frozenset({"InvalidCiphertextException", "IncorrectKeyException"})
_MISSING, _THERE = "NotFoundException", "AlreadyExistsException"


class AwsKms:
    """Raises KeyUnavailable with AWS's code when AWS refuses, is away, or has no such key.

    Another process learns of a rotation within a minute. Calls run in threads; only the first `derive` for a tenant
    waits for AWS on the loop, once in a process.
    """

    def __init__(self, client: Any, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._monotonic = monotonic
        self._newest: dict[str, tuple[int, float]] = {}
        self._secrets: dict[str, bytes] = {}

    @classmethod
    def connect(cls) -> "AwsKms":
        """Region and credentials as AWS's own tools find them. Raises KeyUnavailable without the extra."""
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise KeyUnavailable("AWS KMS needs the extra `kobling[aws]`") from None
        quick = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "max_attempts": 3})
        return cls(boto3.client("kms", config=quick))

    async def newest(self, tenant: str) -> int:
        version, until = self._newest.get(checked(tenant), (0, 0.0))
        if self._monotonic() >= until:
            version = await asyncio.to_thread(self._listed, tenant)
            self._newest[tenant] = (version, self._monotonic() + _LOOK_AGAIN_SECONDS)
        return version

    async def rotate(self, tenant: str) -> int:
        self._newest.pop(tenant, None)
        version = await self.newest(tenant) + 1
        if version == 2:  # no gap before the new one, also for a tenant that is taken in with this
            await asyncio.to_thread(self._make, _alias(tenant, 1), _SYMMETRIC)
        await asyncio.to_thread(self._make, _alias(tenant, _DERIVATION), _HMAC)
        await asyncio.to_thread(self._make, _alias(tenant, version), _SYMMETRIC)
        self._newest.pop(tenant, None)
        return version

    async def wrap(self, tenant: str, subject: str, key: bytes) -> WrappedKey:
        version = await self.newest(tenant)

        def encrypted() -> bytes:
            call = {"Plaintext": key, "EncryptionContext": _bound(tenant, subject)}
            first = _SYMMETRIC if version == 1 else None
            return bytes(self._with_key(_alias(tenant, version), "encrypt", first, **call)["CiphertextBlob"])

        return WrappedKey(version, await asyncio.to_thread(encrypted))

    async def unwrap(self, tenant: str, subject: str, wrapped: WrappedKey) -> bytes:
        def decrypted() -> bytes:
            call = {"CiphertextBlob": wrapped.key, "EncryptionContext": _bound(tenant, subject)}
            return bytes(self._with_key(_alias(tenant, wrapped.version), "decrypt", None, **call)["Plaintext"])

        return await asyncio.to_thread(decrypted)

    def derive(self, tenant: str, purpose: str) -> bytes:
        if tenant not in self._secrets:
            call = {"Message": _MESSAGE, "MacAlgorithm": "HMAC_SHA_256"}
            self._secrets[tenant] = bytes(
                self._with_key(_alias(tenant, _DERIVATION), "generate_mac", _HMAC, **call)["Mac"]
            )
        return derived(self._secrets[tenant], purpose)

    def _listed(self, tenant: str) -> int:
        """The newest version there is, 1 when there is none: older ones may have been destroyed."""
        prefix, newest = f"{_ALIASES}{tenant}/", 1
        marker: dict[str, str] = {}
        while True:
            page = self._call("list_aliases", Limit=100, **marker)
            parts = (one["AliasName"].removeprefix(prefix) for one in page["Aliases"])
            newest = max(newest, *(int(part) for part in parts if part.isdecimal()), 1)
            if not page.get("Truncated"):
                return newest
            marker = {"Marker": page["NextMarker"]}

    def _with_key(self, alias: str, operation: str, make: dict[str, str] | None, **call: Any) -> Any:
        """The operation, after making the key when it is missing and may be made."""
        try:
            return self._call(operation, KeyId=alias, **call)
        except _Missing:
            if make is None:
                raise
        self._make(alias, make)
        return self._call(operation, KeyId=alias, **call)

    def _make(self, alias: str, what: dict[str, str]) -> None:
        """Nothing happens when there is one; of two that race one key stays, and the other is let go."""
        try:
            self._call("describe_key", KeyId=alias)
        except _Missing:
            key_id = self._call("create_key", Description=alias, **what)["KeyMetadata"]["KeyId"]
            try:
                self._call("create_alias", AliasName=alias, TargetKeyId=key_id)
            except _There:
                self._call("schedule_key_deletion", KeyId=key_id, PendingWindowInDays=7)

    def _call(self, operation: str, **call: Any) -> Any:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            return getattr(self._client, operation)(**call)
        except ClientError as fault:
            code = fault.response["Error"]["Code"]
            if code in _BROKEN:
                raise SealBroken("the data key was changed, or wrapped for somebody else") from None
            kind = {_MISSING: _Missing, _THERE: _There}.get(code, KeyUnavailable)
            raise kind(f"AWS KMS answers {code} to {operation}") from fault
        except BotoCoreError as fault:
            raise KeyUnavailable(f"AWS KMS does not answer {operation}: {type(fault).__name__}") from fault


class _Missing(KeyUnavailable):
    """AWS has no such key."""


class _There(KeyUnavailable):
    """AWS has one already."""


def _alias(tenant: str, part: int | str) -> str:
    return f"{_ALIASES}{checked(tenant)}/{part}"


def _bound(tenant: str, subject: str) -> dict[str, str]:
    return {"kobling": "data-key", "tenant": tenant, "subject": subject}
