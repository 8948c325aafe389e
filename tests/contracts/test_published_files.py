"""What is committed in contracts/published/ is what the code says, and it is valid."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts.base import JsonObject, decode, encode, event_classes
from contracts.publish.catalogue import PUBLISHED, Published, published
from contracts.publish.files import breaks, drift, generated, write
from contracts.referral import REFERRAL

SCHEMAS = sorted(PUBLISHED.glob("*/*.schema.json"))


@pytest.fixture(scope="module")
def files() -> dict[str, str]:
    """What the code says now."""
    return generated()


def test_the_committed_files_are_what_the_code_says(files: dict[str, str]) -> None:
    assert [str(fault) for fault in drift(files)] == [], "run: make published"


def test_no_change_breaks_a_stored_event_or_a_reader() -> None:
    assert [str(fault) for fault in breaks()] == []


def test_every_schema_is_one_and_its_example_is_valid() -> None:
    faults = [(path.name, fault) for path in SCHEMAS for fault in faults_of_example(path)]

    assert faults == []
    assert len(SCHEMAS) > 50


def test_the_code_reads_every_example_and_writes_the_same() -> None:
    examples = {item: json.loads((PUBLISHED / f"{item.stem}.example.json").read_text()) for item in published()}

    assert [item.name for item, example in examples.items() if through_the_code(item, example) != example] == []


def test_every_event_is_published_as_json_without_a_null() -> None:
    texts = {path.name: path.read_text() for path in PUBLISHED.glob("events/*")}

    assert [name for name, text in texts.items() if "null" in text] == []


def test_a_file_somebody_edited_is_named(files: dict[str, str], tmp_path: Path) -> None:
    write(files, tmp_path)
    edited = tmp_path / "events" / "intake.request-posted.v1.schema.json"
    edited.write_text("{}")
    (tmp_path / "events" / "left-over.json").write_text("{}")

    assert [str(fault) for fault in drift(files, tmp_path)] == [
        "contracts/published/events/intake.request-posted.v1.schema.json: is not what the code says",
        "contracts/published/events/left-over.json: nothing in the code makes this",
    ]


def test_a_break_within_a_version_is_refused_and_named(files: dict[str, str], tmp_path: Path) -> None:
    write(files, tmp_path)
    path = tmp_path / "events" / "intake.place-opened.v1.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"]["closes_on"] = {"type": "string"}
    path.write_text(json.dumps(schema))

    assert [str(fault) for fault in breaks(tmp_path)] == [
        "contracts/published/events/intake.place-opened.v1.schema.json: "
        "closes_on: the field is gone. Give it version 2 and an upcast"
    ]


def test_an_event_that_left_the_code_and_one_from_the_future_are_named(files: dict[str, str], tmp_path: Path) -> None:
    write(files, tmp_path)
    events = tmp_path / "events"
    (events / "intake.place-moved.v1.schema.json").write_text("{}")
    (events / "intake.place-opened.v9.schema.json").write_text("{}")

    assert [str(fault) for fault in breaks(tmp_path)] == [
        "contracts/published/events/intake.place-moved.v1.schema.json: "
        "intake.place-moved is gone from the code, and it may be stored",
        "contracts/published/events/intake.place-opened.v9.schema.json: the code only knows version 1",
    ]


def test_every_event_class_is_published() -> None:
    names = {item.name for item in published() if item.direction == "stored"}

    assert names == {name for name, cls in event_classes().items() if cls.__module__.startswith("contracts.")}


def test_a_golden_stream_is_written_once_and_never_again(files: dict[str, str], tmp_path: Path) -> None:
    write(files, tmp_path)
    golden = tmp_path / "golden" / "intake.place-opened.v1.jsonl"
    golden.write_text("as it was stored long ago")

    assert write(files, tmp_path) == []
    assert golden.read_text() == "as it was stored long ago"


def faults_of_example(path: Path) -> list[str]:
    schema = json.loads(path.read_text())
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    example = json.loads(path.with_name(path.name.replace(".schema.", ".example.")).read_text())
    return [error.message for error in validator.iter_errors(example)]


def through_the_code(item: Published, example: JsonObject) -> JsonObject:
    """The example after it was read and written once more."""
    text = json.dumps(example)
    if item.direction == "stored":
        written = encode(decode(item.name, item.version, text))
    else:
        read = item.model.model_validate_json(text, strict=item.name == REFERRAL)
        written = read.model_dump_json(by_alias=True, exclude_none=True)
    found: JsonObject = json.loads(written)
    return found
