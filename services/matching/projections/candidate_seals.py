"""What stands sealed in the read model `candidates`, opened for memory only (S2.3, S2.13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from chassis.keyring import Keyring, SealBroken
from contracts.intake import Profile
from contracts.sealed import Redacted, Sealed

log = structlog.get_logger()

Document = Mapping[str, Any]


_NOTHING = Profile()


@dataclass(frozen=True, slots=True)
class Told:
    """`is_experienced`: told of lived experience for finding somebody."""

    profile: Profile = _NOTHING
    is_experienced: bool = False


NOTHING_TOLD = Told()


async def told_in(keyring: Keyring, documents: Sequence[Document]) -> list[Told]:
    """Of each document, in one round trip for each tenant. Whose key is gone, or was never this one, told nothing."""
    tokens: dict[str, list[Sealed[Any]]] = {}
    for document in documents:
        tokens.setdefault(document["_id"].partition("/")[0], []).extend(_sealed(document))
    opened: dict[str, Any] = {}
    for tenant, sealed in tokens.items():
        for token, value in zip(sealed, await _open(keyring, tenant, sealed), strict=True):
            opened[token.token] = value
    return [_told(document, opened) for document in documents]


async def _open(keyring: Keyring, tenant: str, sealed: list[Sealed[Any]]) -> list[Any]:
    """One broken seal spoils nobody else's."""
    try:
        return await keyring.open_many(tenant, sealed) if sealed else []
    except SealBroken:
        if len(sealed) > 1:
            return [value for one in sealed for value in await _open(keyring, tenant, [one])]
        log.exception("candidate_unreadable")
        return [Redacted()]


def _sealed(document: Document) -> list[Sealed[Any]]:
    found = (document.get("profile"), document.get("told"))
    return [Sealed(one["subject"], one["sealed"]) for one in found if one is not None]


def _told(document: Document, opened: Mapping[str, Any]) -> Told:
    profile, purposes = (
        None if (one := document.get(field)) is None else opened[one["sealed"]] for field in ("profile", "told")
    )
    return Told(
        Profile.model_validate(profile, extra="ignore") if isinstance(profile, dict) else _NOTHING,
        isinstance(purposes, list) and "matching" in purposes,
    )
