"""One entry of the audit trail, and what chains it to the one before. Stored and checked for ever, change with care."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any, Literal

from uuid_utils import uuid7

BEGINNING = "0" * 64
"""What stands before the first entry of a chain."""

Did = Literal["read", "changed"]


@dataclass(frozen=True, slots=True)
class CommitSeal:
    """What a commit of the event store was when it left the outbox: its events `first` … `first + count - 1`."""

    stream: str
    first: int
    count: int
    hash: str

    def document(self) -> dict[str, Any]:
        return {"s": self.stream, "v": self.first, "n": self.count, "h": self.hash}

    @classmethod
    def of(cls, document: dict[str, Any]) -> "CommitSeal":
        return cls(document["s"], document["v"], document["n"], document["h"])


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be remembered. `subjects` are pseudonyms, never names: after an erasure they lead to nobody (S2.3).

    `role` is a word for what the actor is to the subject, `action` the id of the operation, `outcome` "done" or the
    rule that refused. `at` is by the service's clock, as in commits. A commit that the same request made has the same
    correlation id; `commits` are those that an entry of the relay seals.
    """

    tenant: str
    at: str  # ISO 8601 in UTC
    actor: str
    role: str
    action: str
    did: Did
    subjects: tuple[str, ...]
    outcome: str
    correlation_id: str
    commits: tuple[CommitSeal, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A draft in its place: `n` counts from 1 in each tenant of a service; `nonce` tells a repeated write."""

    service: str
    n: int
    draft: Draft
    nonce: str
    previous: str
    hash: str

    def document(self) -> dict[str, Any]:
        """As MongoDB keeps it; the id sorts as the entries do, and the tenant stands first in it."""
        said = self.draft
        sealed = {"commits": [one.document() for one in said.commits]} if said.commits else {}
        return {
            "_id": entry_id(said.tenant, self.n),
            "tenant": said.tenant,
            "service": self.service,
            "n": self.n,
            "at": said.at,
            "actor": said.actor,
            "role": said.role,
            "action": said.action,
            "did": said.did,
            "subjects": list(said.subjects),
            "outcome": said.outcome,
            "correlation_id": said.correlation_id,
            "nonce": self.nonce,
            "previous": self.previous,
            "hash": self.hash,
            **sealed,
        }


def entry_id(tenant: str, n: int) -> str:
    return f"{tenant}/{n:012d}"


def new_nonce() -> str:
    return str(uuid7())


def chained(service: str, draft: Draft, *, n: int, nonce: str, previous: str) -> Entry:
    """The draft as entry `n`, after the entry whose hash is `previous`."""
    bare = Entry(service, n, draft, nonce, previous, "")
    return Entry(service, n, draft, nonce, previous, hash_of(bare.document()))


def hash_of(document: dict[str, Any]) -> str:
    """Of everything an entry says, its place and the hash before it; whatever is added to a document shows as well."""
    said = {name: value for name, value in document.items() if name not in ("_id", "hash")}
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False, default=repr).encode()).hexdigest()


def entry_of(document: dict[str, Any]) -> Entry:
    draft = Draft(
        tenant=document["tenant"],
        at=document["at"],
        actor=document["actor"],
        role=document["role"],
        action=document["action"],
        did=document["did"],
        subjects=tuple(document["subjects"]),
        outcome=document["outcome"],
        correlation_id=document["correlation_id"],
        commits=tuple(CommitSeal.of(one) for one in document.get("commits", ())),
    )
    return Entry(document["service"], document["n"], draft, document["nonce"], document["previous"], document["hash"])
