"""Signed heads of the chains, kept outside the database: who can rewrite a chain cannot also rewrite these."""

import asyncio
import base64
import binascii
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import structlog
from prometheus_client import Counter

from chassis.audit.entry import Entry
from chassis.audit.signing import Signer
from chassis.keyring import KeyUnavailable
from chassis.observability import REGISTRY

log = structlog.get_logger()

_FAILURES = Counter(
    "kobling_audit_checkpoint_failures", "Checkpoints that could not be kept.", ["service"], registry=REGISTRY
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The chain of this tenant in this service had `n` entries at `at`, the last with this hash."""

    service: str
    tenant: str
    n: int
    hash: str
    at: str  # by the system's clock, also where services are told another time: it is when somebody signed

    def message(self) -> bytes:
        return json.dumps(["kobling-audit/1", self.service, self.tenant, self.n, self.hash, self.at]).encode()


@dataclass(frozen=True, slots=True)
class Restored:
    """Somebody brought an older backup back: from then on the chain goes on behind entry `n`, which has this hash.

    Entries up to `lost_up_to` at least had been signed and are gone. `before` is the SHA-256 of the file up to this
    line: nobody can say the same once more, further down.
    """

    service: str
    tenant: str
    n: int
    hash: str
    at: str
    by: str
    taken_at: str  # the moment that the backup shows
    lost_up_to: int
    before: str

    def message(self) -> bytes:
        return json.dumps(["kobling-audit-restored/1", *asdict(self).values()]).encode()


Line = Checkpoint | Restored


class Checkpoints:
    """One file per service and tenant, `<directory>/<service>/<tenant>.jsonl`, a line for each checkpoint or restore;
    lines are only ever added, by as many processes as there are."""

    def __init__(self, directory: Path, signer: Signer) -> None:
        self._directory = directory
        self._signer = signer

    def add(self, checkpoint: Checkpoint) -> None:
        """On disk when this returns. Raises OSError and KeyUnavailable."""
        self._write(checkpoint.service, checkpoint.tenant, lambda: checkpoint)

    def add_restored(self, backup: "RestoredChain") -> Restored | None:
        """The same for a restore; None when nothing was ever signed of this chain, so that nothing can be missed.

        Raises KeyUnavailable too when what was signed was signed by another key.
        """
        file = self._file(backup.service, backup.tenant)
        lines = list(self.of(backup.service, backup.tenant))
        signed = [line.n for line in lines if line]
        if not lines:
            return None
        if not signed:
            raise KeyUnavailable(f"{file}: no line of it was signed by this key")

        def line() -> Restored:
            before, at = hashlib.sha256(file.read_bytes()).hexdigest(), datetime.now(UTC).isoformat()
            return Restored(**asdict(backup), at=at, lost_up_to=max(backup.n, *signed), before=before)

        return cast(Restored, self._write(backup.service, backup.tenant, line))

    def tenants(self, service: str) -> list[str]:
        return sorted(file.stem for file in (self._directory / service).glob("*.jsonl"))

    def of(self, service: str, tenant: str) -> Iterator[Line | None]:
        """In the order of the file; None for a line that nobody signed with our key, or not for this chain or place."""
        file = self._file(service, tenant)
        before = hashlib.sha256()
        for raw in file.read_bytes().splitlines(keepends=True) if file.exists() else ():
            found = self._read(raw)
            is_ours = found is not None and (found.service, found.tenant) == (service, tenant)
            if isinstance(found, Restored) and found.before != before.hexdigest():
                is_ours = False
            before.update(raw)
            yield found if is_ours else None

    def _write(self, service: str, tenant: str, line: Callable[[], Line]) -> Line:
        """One writer at a time, since a restore names all that stands before it."""
        file = self._file(service, tenant)
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            said = line()
            signature = base64.b64encode(self._signer.sign(said.message())).decode()
            os.write(descriptor, (json.dumps({**asdict(said), "signature": signature}, sort_keys=True) + "\n").encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        return said

    def _read(self, line: bytes) -> Line | None:
        try:
            said: dict[str, Any] = json.loads(line)
            signature = base64.b64decode(said.pop("signature"), validate=True)
            found: Line = Restored(**said) if "before" in said else Checkpoint(**said)
        except (ValueError, TypeError, KeyError, AttributeError, binascii.Error):
            return None
        return found if self._signer.is_signed(found.message(), signature) else None

    def _file(self, service: str, tenant: str) -> Path:
        return self._directory / service / f"{tenant}.jsonl"


@dataclass(frozen=True, slots=True)
class RestoredChain:
    """What is to be said of a chain that a backup brought back: its head, who did it, and what the backup shows."""

    service: str
    tenant: str
    n: int
    hash: str
    by: str
    taken_at: str


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
                _FAILURES.labels(head.service).inc()
                self._heads.setdefault(tenant, head)
