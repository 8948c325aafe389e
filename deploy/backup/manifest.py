"""What a backup says of itself: written last, so that a folder without it is no backup, and checked before use."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

FILE = "manifest.json"
Part = Literal["services", "keyring"]

_CHUNK = 1024 * 1024


class BackupBroken(Exception):
    """The backup is not what was written: the sentence names the file. Nothing may be restored from it."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Heads(_Value):
    """Every stream with its version, as the server counts them: what a restored database must say too."""

    streams: int
    events: int
    sha256: str


class CollectionFile(_Value):
    """`file` holds BSON documents one after the other, as mongodump writes them; options and indexes as MongoDB
    tells them, in extended JSON."""

    name: str
    file: str
    documents: int
    size: int
    sha256: str
    options: str
    indexes: str


class DatabaseFolder(_Value):
    """`name` is without the prefix that it had."""

    name: str
    collections: tuple[CollectionFile, ...]
    heads: Heads | None = None


class Manifest(_Value):
    """`taken_at` is the moment in the database's history that everything in the backup shows."""

    format: Literal["kobling-backup/1"] = "kobling-backup/1"
    part: Part
    taken_at: AwareDatetime
    expires_at: AwareDatetime | None
    databases: tuple[DatabaseFolder, ...]

    @property
    def documents(self) -> int:
        return sum(file.documents for database in self.databases for file in database.collections)


def write(folder: Path, manifest: Manifest) -> None:
    """Whole or not at all; after it the folder is a backup."""
    text = manifest.model_dump_json(indent=1) + "\n"
    aside = folder / f".{FILE}"
    with open_own(aside) as stream:
        stream.write(f"{_digest(text)}\n{text}".encode())
        stream.flush()
        os.fsync(stream.fileno())
    aside.rename(folder / FILE)


def read(folder: Path) -> Manifest:
    """The manifest, after every file was compared with it. Raises BackupBroken."""
    manifest = _manifest(folder / FILE)
    for database in manifest.databases:
        for collection in database.collections:
            _compare(folder, collection)
    return manifest


def open_own(file: Path) -> Any:
    """A new file that its owner only may read."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def documents_of(folder: Path, collection: CollectionFile) -> Iterator[bytes]:
    """The documents of a file that was compared already, each as BSON."""
    with (folder / collection.file).open("rb") as stream:
        while length := stream.read(4):
            yield length + stream.read(int.from_bytes(length, "little") - 4)


def _manifest(file: Path) -> Manifest:
    try:
        digest, _, text = file.read_text().partition("\n")
    except FileNotFoundError:
        raise BackupBroken(f"{file} is missing: this is no backup, or one that was cut off") from None
    except (OSError, UnicodeDecodeError):
        raise BackupBroken(f"{file} cannot be read") from None
    if digest != _digest(text):
        raise BackupBroken(f"{file} was changed since it was written")
    try:
        return Manifest.model_validate_json(text)
    except ValidationError:
        raise BackupBroken(f"{file} is not of a format known here") from None


def _compare(folder: Path, collection: CollectionFile) -> None:
    file = folder / collection.file
    if not file.resolve().is_relative_to(folder.resolve()):
        raise BackupBroken(f"{file} lies outside of the backup")
    digest = hashlib.sha256()
    try:
        with file.open("rb") as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
    except OSError:
        raise BackupBroken(f"{file} is missing or cannot be read") from None
    if digest.hexdigest() != collection.sha256:
        raise BackupBroken(f"{file} was changed since it was written: its checksum differs")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
