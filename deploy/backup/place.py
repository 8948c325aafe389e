"""Where the two parts lie that are backed up apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from deploy.backup.manifest import Part

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Both parts may lie in one MongoDB."""

    services: AsyncMongoClient[Json]
    keyring: AsyncMongoClient[Json]
    prefix: str = ""

    def client(self, part: Part) -> AsyncMongoClient[Json]:
        return self.keyring if part == "keyring" else self.services

    def database(self, name: str, prefix: str) -> AsyncDatabase[Json]:
        return self.client("keyring" if name == "keyring" else "services")[prefix + name]
