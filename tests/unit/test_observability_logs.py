"""A log line says what happened and never who it happened to."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import structlog
from pydantic import BaseModel

from contracts.sealed import Sealed
from tests.support.logs import Lines, caught_log


@pytest.fixture
def lines() -> Iterator[Lines]:
    with caught_log() as written:
        yield written


log = structlog.get_logger("chassis.relay")


def test_a_line_is_json_with_service_level_and_time(lines: Lines) -> None:
    log.info("commits_relayed", count=3)
    assert datetime.fromisoformat(json.loads(lines.getvalue())["at"]).tzinfo == UTC
    assert lines.last() == {
        "event": "commits_relayed",
        "count": 3,
        "logger": "chassis.relay",
        "level": "info",
        "service": "intake",
    }


def test_lines_below_the_level_are_not_written(lines: Lines) -> None:
    log.debug("too_much")
    assert lines.getvalue() == ""


def test_lines_of_libraries_look_like_ours(lines: Lines) -> None:
    logging.getLogger("some.library").warning("cannot reach %s", "invented@example.no")
    assert lines.last() == {
        "event": "cannot reach [e-mail]",
        "logger": "some.library",
        "level": "warning",
        "service": "intake",
    }


class Wish(BaseModel):
    text: str


PERSONAL = {
    "email": "invented@example.no",
    "contact_phone": "+4700000000",
    "Name": "Invented Name",
    "free_text": "a wish",
    "authorization": "Bearer x",
    "access_token": "x",
}


@pytest.mark.parametrize(("key", "value"), PERSONAL.items(), ids=PERSONAL.keys())
def test_a_key_that_may_be_about_a_person_is_kept_out_by_name(lines: Lines, key: str, value: str) -> None:
    log.info("something", **{key: value})
    assert (lines.last()["kept_out"], value in lines.getvalue()) == ([key], False)


def test_objects_leave_only_their_type(lines: Lines) -> None:
    log.info(
        "something",
        wish=Wish(text="secret wish"),
        hidden=Sealed("p", "cipher"),
        raw=b"bytes",
        many=[Wish(text="x")],
    )
    line = lines.last()
    assert (line["wish"], line["hidden"], line["raw"], line["many"]) == ("<Wish>", "<Sealed>", "<bytes>", ["<Wish>"])


def test_personal_keys_are_kept_out_of_inner_objects_too(lines: Lines) -> None:
    log.info("something", message={"email": "invented@example.no", "inner": {"phone": "1"}, "count": 1})
    assert lines.last()["message"] == {"inner": {}, "count": 1}


def fail_with(secret: str) -> None:
    raise ValueError(f"cannot read {secret}")


def test_an_exception_tells_type_and_place_but_neither_locals_nor_message(lines: Lines) -> None:
    try:
        fail_with("Invented Name")
    except ValueError:
        log.exception("request_failed")
    [stack] = lines.last()["exception"]
    assert (stack["exc_type"], stack["exc_value"]) == ("ValueError", "")
    assert (stack["frames"][-1]["name"], stack["frames"][-1].get("locals")) == ("fail_with", None)
    assert "Invented Name" not in lines.getvalue()


def refuse(error: Exception) -> None:
    raise error


def test_an_exception_about_an_address_may_speak(lines: Lines) -> None:
    try:
        refuse(ConnectionRefusedError("127.0.0.1:27017 refused"))
    except OSError:
        log.exception("request_failed")
    assert lines.last()["exception"][0]["exc_value"] == "127.0.0.1:27017 refused"


def test_every_exception_of_a_group_is_hushed(lines: Lines) -> None:
    try:
        refuse(ExceptionGroup("Invented Name", [ValueError("Invented Name")]))
    except ExceptionGroup:
        log.exception("request_failed")
    assert "Invented Name" not in lines.getvalue()
