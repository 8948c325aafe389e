"""The files of `contracts/published/` as the code says they should be, and what stands in the way of writing them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from contracts.base import JsonObject, UndecodableEvent, decode, event_classes
from contracts.publish.asyncapi import asyncapi
from contracts.publish.catalogue import PUBLISHED, Published, published
from contracts.publish.compatibility import breaking_changes
from contracts.publish.examples import example
from contracts.publish.golden import golden_file, golden_lines
from contracts.publish.offline import describe
from contracts.topics import SERVICES

_VERSIONED = re.compile(r"(?P<name>.+)\.v(?P<version>\d+)\.schema\.json")


@dataclass(frozen=True, slots=True)
class Fault:
    """A file of the published folder, and a sentence on what is wrong with it."""

    file: str
    sentence: str

    def __str__(self) -> str:
        return f"contracts/published/{self.file}: {self.sentence}"


def generated() -> dict[str, str]:
    """Path below `contracts/published/` → text, for everything but golden streams and earlier versions."""
    files: dict[str, str] = {}
    for item in published():
        files[f"{item.stem}.schema.json"] = pretty(item.schema)
        files[f"{item.stem}.example.json"] = pretty(example_of(item))
    for service in SERVICES:
        described = describe(service)
        files[f"asyncapi/{service}.json"] = pretty(asyncapi(service, described.handles if described else {}))
        if described:
            files[f"openapi/{service}.json"] = pretty(described.openapi)
    return files


def example_of(item: Published) -> JsonObject:
    """The example as the code itself writes it: defaults filled in, absent what has no value."""
    model = item.model.model_validate(example(item.schema, item.name))
    made: JsonObject = json.loads(model.model_dump_json(by_alias=True, exclude_none=True))
    return made


def pretty(document: JsonObject) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def drift(files: dict[str, str], root: Path = PUBLISHED) -> Iterator[Fault]:
    """Files that are not what the code says, are missing, or that nothing makes any more."""
    for file, text in sorted(files.items()):
        path = root / file
        if not path.is_file():
            yield Fault(file, "is missing")
        elif path.read_text() != text:
            yield Fault(file, "is not what the code says")
    for path in sorted(root.rglob("*.json")):
        file = str(path.relative_to(root))
        if file not in files and not _is_earlier(file):
            yield Fault(file, "nothing in the code makes this")
    for item in missing_golden(root):
        yield Fault(golden_file(item), "is missing")


def breaks(root: Path = PUBLISHED) -> Iterator[Fault]:
    """Changes that a stored event or a reader would not survive; nothing may be written while there is one."""
    for item in published():
        path = root / f"{item.stem}.schema.json"
        if path.is_file():
            for reason in breaking_changes(json.loads(path.read_text()), item.schema, item.direction):
                remedy = f"Give it version {item.version + 1}{' and an upcast' * (item.direction == 'stored')}"
                yield Fault(f"{item.stem}.schema.json", f"{reason}. {remedy}")
    for path in sorted((root / "events").glob("*.schema.json")):
        yield from _unreadable(path, root)


def missing_golden(root: Path = PUBLISHED) -> list[Published]:
    """Event versions that have no golden stream yet."""
    return [item for item in published() if item.direction == "stored" and not (root / golden_file(item)).is_file()]


def write(files: dict[str, str], root: Path = PUBLISHED) -> list[str]:
    """Write what differs, add golden streams of new versions, and tell which files were touched."""
    golden = {golden_file(item): golden_lines(item) for item in missing_golden(root)}
    touched = []
    for file, text in sorted({**files, **golden}.items()):
        path = root / file
        if not path.is_file() or path.read_text() != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            touched.append(file)
    return touched


def _is_earlier(file: str) -> bool:
    """Whether this belongs to an earlier version of an event, which stays published because it is stored."""
    found = re.fullmatch(r"events/(.+)\.v(\d+)\.(?:schema|example)\.json", file)
    return found is not None and _current(found[1]) > int(found[2])


def _current(event_type: str) -> int:
    cls = event_classes().get(event_type)
    return cls.schema_version if cls else 0


def _unreadable(path: Path, root: Path) -> Iterator[Fault]:
    found = _VERSIONED.fullmatch(path.name)
    if found is None:
        return
    name, version = found["name"], int(found["version"])
    file = str(path.relative_to(root))
    if _current(name) == 0:
        yield Fault(file, f"{name} is gone from the code, and it may be stored")
    elif version > _current(name):
        yield Fault(file, f"the code only knows version {_current(name)}")
    elif version < _current(name):
        try:
            decode(name, version, path.with_name(path.name.replace(".schema.", ".example.")).read_text())
        except UndecodableEvent as fault:
            yield Fault(file, f"its example is no longer readable: {fault}")
