"""The operator's command line, on the real engines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner, Result

from deploy.cli import app
from tests.support.stack import Addresses

LETTER = {
    "_id": "{database}.waiting-list.1:intake.events:3:17",
    "consumer": "{database}.waiting-list.1",
    "stream": "oslo/request/42",
    "position": 2,
    "topic": "intake.events",
    "partition": 3,
    "offset": 17,
    "rule": "unknown_field",
    "field": "colour",
    "sentence": "There is no colour.",
    "attempts": 5,
    "at": datetime(2026, 11, 24, 12, tzinfo=UTC),
    "key": b"oslo/request/42",
    "headers": [],
    "body": b'{"colour": "bl\xc3\xa5"}',
}


class Operator:
    """Somebody at a terminal beside the databases of one test."""

    def __init__(self, mongo: str, prefix: str) -> None:
        self.mongo, self.prefix = mongo, prefix
        self.database = f"{prefix}intake"

    def does(self, *words: str) -> Result:
        settings = {"KOBLING_MONGO": self.mongo, "KOBLING_DATABASE_PREFIX": self.prefix}
        return CliRunner().invoke(app, list(words), env=settings)


@pytest.fixture
def operator(engines: Addresses, unique: str) -> Iterator[Operator]:
    operator = Operator(engines.mongo, f"{unique}-")
    with MongoClient[dict[str, Any]](engines.mongo) as client:
        letter = {k: v.format(database=operator.database) if isinstance(v, str) else v for k, v in LETTER.items()}
        client[operator.database].dead_letters.insert_one(letter)
        yield operator
        client.drop_database(operator.database)


def test_the_list_names_the_blocked_stream_and_ends_with_1(operator: Operator) -> None:
    listed = operator.does("dead-letters", "list", "--service", "intake")
    assert ("oslo/request/42" in listed.output, "unknown_field" in listed.output) == (True, True)
    assert listed.exit_code == 1
    assert operator.does("dead-letters", "list", "--service", "matching").exit_code == 0


def test_a_letter_is_shown_with_its_fault_and_its_body(operator: Operator) -> None:
    shown = operator.does("dead-letters", "show", f"{operator.database}.waiting-list.1", "oslo/request/42").output
    assert "There is no colour. (rule unknown_field, field colour)" in shown
    assert "intake.events[3]@17, tried 5 times" in shown
    assert '{"colour": "blå"}' in shown


def test_a_stream_can_be_tried_again_and_a_letter_let_go(operator: Operator) -> None:
    consumer = f"{operator.database}.waiting-list.1"
    assert operator.does("dead-letters", "replay", consumer, "oslo/request/42").exit_code == 0
    assert operator.does("dead-letters", "drop", f"{consumer}:intake.events:3:17").exit_code == 0


def test_what_is_not_there_is_told_in_one_sentence(operator: Operator) -> None:
    consumer = f"{operator.database}.waiting-list.1"
    replayed = operator.does("dead-letters", "replay", consumer, "oslo/request/43")
    dropped = operator.does("dead-letters", "drop", f"{consumer}:intake.events:3:18")
    rebuilt = operator.does("rebuild", "intake.nothing")
    assert [answer.exit_code for answer in (replayed, dropped, rebuilt)] == [1, 1, 1]
    assert replayed.output == f"No letter of oslo/request/43 waits at {consumer}.\n"
    assert dropped.output == f"There is no letter {consumer}:intake.events:3:18.\n"
    assert rebuilt.output == "There is no read model intake.nothing; `kobling rebuild` lists them.\n"


def test_an_engine_that_is_away_is_told_without_a_traceback() -> None:
    command = [sys.executable, "-m", "deploy.cli", "dead-letters", "list", "--mongo", "mongodb://127.0.0.1:1"]
    away = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (away.returncode, away.stdout) == (1, "")
    assert away.stderr == "MongoDB does not answer: is it running, and is the address right?\n"
