"""What is committed in contracts/published/ is what the code says, and it is valid."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from contracts.base import decode, encode, event_classes
from contracts.publish.catalogue import PUBLISHED, Published, published
from contracts.publish.files import breaks, drift, generated, write
from contracts.referral import REFERRAL

SCHEMAS = sorted(PUBLISHED.glob("*/*.schema.json"))


def test_the_committed_files_are_what_the_code_says() -> None:
    assert [str(fault) for fault in drift(generated())] == [], "run: python -m contracts.publish"


def test_no_change_breaks_a_stored_event_or_a_reader() -> None:
    assert [str(fault) for fault in breaks()] == []


def test_the_generator_gives_the_same_text_every_time() -> None:
    assert generated() == generated()


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_a_schema_is_a_schema_and_its_example_is_valid(path: Path) -> None:
    schema = json.loads(path.read_text())
    example = json.loads(path.with_name(path.name.replace(".schema.", ".example.")).read_text())

    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)

    assert [error.message for error in validator.iter_errors(example)] == []


@pytest.mark.parametrize("item", list(published()), ids=lambda item: item.name)
def test_the_code_reads_an_example_and_writes_the_same(item: Published) -> None:
    text = (PUBLISHED / f"{item.stem}.example.json").read_text()

    if item.direction == "stored":
        written = encode(decode(item.name, item.version, text))
    else:
        read = item.model.model_validate_json(text, strict=item.name == REFERRAL)
        written = read.model_dump_json(by_alias=True, exclude_none=True)

    assert json.loads(written) == json.loads(text)


def test_every_event_is_published_as_json_without_a_null() -> None:
    texts = {path.name: path.read_text() for path in PUBLISHED.glob("events/*")}

    assert [name for name, text in texts.items() if "null" in text] == []


def test_a_file_somebody_edited_is_named(tmp_path: Path) -> None:
    files = generated()
    write(files, tmp_path)
    edited = tmp_path / "events" / "intake.request-posted.v1.schema.json"
    edited.write_text("{}")
    (tmp_path / "events" / "left-over.json").write_text("{}")

    assert [str(fault) for fault in drift(files, tmp_path)] == [
        "contracts/published/events/intake.request-posted.v1.schema.json: is not what the code says",
        "contracts/published/events/left-over.json: nothing in the code makes this",
    ]


def test_a_break_within_a_version_is_refused_and_named(tmp_path: Path) -> None:
    write(generated(), tmp_path)
    path = tmp_path / "events" / "intake.place-opened.v1.schema.json"
    schema = json.loads(path.read_text())
    schema["properties"]["closes_on"] = {"type": "string"}
    path.write_text(json.dumps(schema))

    assert [str(fault) for fault in breaks(tmp_path)] == [
        "contracts/published/events/intake.place-opened.v1.schema.json: "
        "closes_on: the field is gone. Give it version 2 and an upcast"
    ]


def test_an_event_that_left_the_code_and_one_from_the_future_are_named(tmp_path: Path) -> None:
    write(generated(), tmp_path)
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
