"""Signed heads of the chains, kept outside the database: who can rewrite a chain cannot also rewrite these."""

import asyncio
import base64
import binascii
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog

from chassis.audit.entry import Entry
from chassis.audit.signing import Signer

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain of this tenant in this service had `n` entries at `at`, the last with this hash."""

    service: str
    tenant: str
    n: int
    hash: str
    at: str

    def message(self) -> bytes:
        return json.dumps(["kobling-audit/1", self.service, self.tenant, self.n, self.hash, self.at]).encode()


class Checkpoints:
    """One file per service and tenant, `<directory>/<service>/<tenant>.jsonl`, a line for each checkpoint; lines are
    only ever added, by as many processes as there are."""

    def __init__(self, directory: Path, signer: Signer) -> None:
        self._directory = directory
        self._signer = signer

    def add(self, checkpoint: Checkpoint) -> None:
        """On disk when this returns. Raises OSError and KeyUnavailable."""
        signature = base64.b64encode(self._signer.sign(checkpoint.message())).decode()
        line = json.dumps({**_said(checkpoint), "signature": signature}, sort_keys=True) + "\n"
        file = self._file(checkpoint.service, checkpoint.tenant)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def tenants(self, service: str) -> list[str]:
        return sorted(file.stem for file in (self._directory / service).glob("*.jsonl"))

    def of(self, service: str, tenant: str) -> Iterator[Checkpoint | None]:
        """In the order of the file; None for a line that nobody signed with our key, or not for this chain."""
        file = self._file(service, tenant)
        if file.exists():
            for line in file.read_text("utf-8", "replace").splitlines():
                found = self._read(line)
                is_ours = found is not None and (found.service, found.tenant) == (service, tenant)
                yield found if is_ours else None

    def _read(self, line: str) -> Checkpoint | None:
        try:
            said: dict[str, Any] = json.loads(line)
            signature = base64.b64decode(said.pop("signature"), validate=True)
            found = Checkpoint(**said)
        except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
            return None
        return found if self._signer.is_signed(found.message(), signature) else None

    def _file(self, service: str, tenant: str) -> Path:
        return self._directory / service / f"{tenant}.jsonl"


def _said(checkpoint: Checkpoint) -> dict[str, Any]:
    return {name: getattr(checkpoint, name) for name in ("service", "tenant", "n", "hash", "at")}


class Notary:
    """Signs the head of each chain that grew, every so many entries and every so many seconds.

    Hand `on_chained` to the trail and run `run` beside it. What was chained since the last checkpoint is protected by
    the chain alone: the seconds are how long a thief of the database could rewrite unseen.
    """

    def __init__(self, checkpoints: Checkpoints, *, every_entries: int = 200, every_seconds: float = 60.0) -> None:
        self._checkpoints = checkpoints
        self._every_entries = every_entries
        self._every_seconds = every_seconds
        self._heads: dict[str, Entry] = {}
        self._since_count = 0
        self._is_due = asyncio.Event()

    def on_chained(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            known = self._heads.get(entry.draft.tenant)
            if known is None or known.n < entry.n:
                self._heads[entry.draft.tenant] = entry
        self._since_count += len(entries)
        if self._since_count >= self._every_entries:
            self._is_due.set()

    async def run(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._every_seconds):
                    await self._is_due.wait()
            except TimeoutError:
                pass
            await self.sign()

    async def sign(self) -> None:
        """Everything that grew since the last time. A checkpoint that cannot be kept stays due."""
        self._is_due.clear()
        heads, self._heads, self._since_count = self._heads, {}, 0
        at = datetime.now(UTC).isoformat()
        for tenant, head in heads.items():
            try:
                await asyncio.to_thread(self._checkpoints.add, Checkpoint(head.service, tenant, head.n, head.hash, at))
            except Exception as fault:  # a full disk stops nobody who asks; it is said, and tried again
                log.exception("audit_checkpoint_failed", fault=type(fault).__name__)
                self._heads.setdefault(tenant, head)
