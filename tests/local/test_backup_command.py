"""An operator backs up and restores at a terminal: what is done is told, and what is refused says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner, Result

from deploy.cli import app
from tests.support.stack import Addresses

Json = dict[str, Any]


class Operator:
    """`before` is what is there, `after` where it is brought back."""

    def __init__(self, mongo: str, client: MongoClient[Json], unique: str) -> None:
        self.mongo, self.client, self.before, self.after = mongo, client, f"{unique}-", f"{unique}-again-"

    def does(self, *words: str, prefix: str) -> Result:
        settings = {"KOBLING_MONGO": self.mongo, "KOBLING_DATABASE_PREFIX": prefix}
        return CliRunner().invoke(app, list(words), env=settings)


@pytest.fixture
def operator(engines: Addresses, unique: str) -> Iterator[Operator]:
    with MongoClient[Json](engines.mongo) as client:
        client[f"{unique}-intake"]["commits"].insert_one({"_id": "t:1", "s": "t/x/1", "v": 1, "n": 1})
        client[f"{unique}-keyring"]["data_keys"].insert_one({"_id": "t/p-1", "key": b"x", "version": 1})
        yield Operator(engines.mongo, client, unique)
        for name in client.list_database_names():
            if name.startswith(f"{unique}-"):
                client.drop_database(name)


def test_both_parts_are_told_and_come_back(operator: Operator, tmp_path: Path) -> None:
    folder = tmp_path / "today"
    told = operator.does("backup", str(folder), prefix=operator.before).output.splitlines()
    assert [line.split(" as of ")[0] for line in told] == [
        f"{folder}/services: 1 documents",
        f"{folder}/keyring: 1 documents",
    ]
    assert ["to be destroyed by" in line for line in told] == [False, True]
    back = operator.does("restore", str(folder), prefix=operator.after)
    assert (back.exit_code, len(back.output.splitlines())) == (0, 2)
    for name, collection in (("intake", "commits"), ("keyring", "data_keys")):
        before, after = (operator.client[f"{prefix}{name}"] for prefix in (operator.before, operator.after))
        assert list(after[collection].find()) == list(before[collection].find())


def test_one_part_by_itself_leaves_the_other_alone(operator: Operator, tmp_path: Path) -> None:
    operator.does("backup", str(tmp_path / "x"), "--only", "services", prefix=operator.before)
    assert [path.name for path in (tmp_path / "x").iterdir()] == ["services"]
    assert operator.does("restore", str(tmp_path / "x"), "--only", "services", prefix=operator.after).exit_code == 0
    assert operator.client[f"{operator.after}keyring"].list_collection_names() == []


def test_no_backup_is_written_over_another(operator: Operator, tmp_path: Path) -> None:
    operator.does("backup", str(tmp_path), "--only", "keyring", prefix=operator.before)
    again = operator.does("backup", str(tmp_path), prefix=operator.before)
    assert (again.exit_code, again.output) == (
        1,
        f"{tmp_path}/keyring is there already; no backup is written over another.\n",
    )
    assert [path.name for path in tmp_path.iterdir()] == ["keyring"]


def test_a_changed_file_of_either_part_is_named_before_anything_is_written(operator: Operator, tmp_path: Path) -> None:
    operator.does("backup", str(tmp_path), prefix=operator.before)
    file = tmp_path / "services" / "intake" / "commits.bson"
    file.write_bytes(file.read_bytes().replace(b"t/x/1", b"t/x/2"))
    refused = operator.does("restore", str(tmp_path), prefix=operator.after)
    assert (refused.exit_code, refused.output) == (
        1,
        f"{file} was changed since it was written: its checksum differs. Nothing more was restored.\n",
    )
    assert operator.client[f"{operator.after}keyring"].list_collection_names() == []


def test_nothing_is_restored_over_what_is_there_and_it_is_said(operator: Operator, tmp_path: Path) -> None:
    operator.does("backup", str(tmp_path), prefix=operator.before)
    refused = operator.does("restore", str(tmp_path), prefix=operator.before)
    assert refused.exit_code == 1
    assert f"the database {operator.before}keyring holds data_keys already" in refused.output


def test_a_drill_names_the_event_that_cannot_be_read_and_cleans_up(operator: Operator, tmp_path: Path) -> None:
    drilled = operator.does("drill", "--kms-dir", str(tmp_path), prefix=operator.before)
    lines = drilled.stdout.splitlines()
    assert (drilled.exit_code, lines[-1]) == (1, "[ ] t/x/1, event 1: KeyError when it is folded")
    assert [line[:4] for line in lines[:-1]] == ["[x] "] * 4
    assert [name for name in operator.client.list_database_names() if f"{operator.before}drill-" in name] == []
