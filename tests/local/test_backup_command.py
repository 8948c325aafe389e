"""An operator backs up and restores at a terminal: what is done is told, and what is refused says why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from typer.testing import CliRunner, Result

from chassis.audit.checkpoints import Checkpoint, Checkpoints
from chassis.audit.entry import BEGINNING, chained
from chassis.audit.signing import FileSigner
from deploy.cli import app
from tests.support.auditing import looked
from tests.support.stack import Addresses

Json = dict[str, Any]


class Operator:
    """`before` is what is there, `after` where it is brought back."""

    def __init__(self, mongo: str, client: MongoClient[Json], unique: str, *, kms: Path) -> None:
        self.mongo, self.client, self.before, self.after = mongo, client, f"{unique}-", f"{unique}-again-"
        self.kms = kms

    def does(self, *words: str, prefix: str) -> Result:
        settings = {
            "KOBLING_MONGO": self.mongo,
            "KOBLING_DATABASE_PREFIX": prefix,
            "KOBLING_KMS_DIR": str(self.kms),
        }
        return CliRunner().invoke(app, list(words), env=settings)


@pytest.fixture
def operator(engines: Addresses, unique: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    kms = tmp_path_factory.mktemp("place") / "kms"
    kms.mkdir()
    with MongoClient[Json](engines.mongo) as client:
        client[f"{unique}-intake"]["commits"].insert_one({"_id": "t:1", "s": "t/x/1", "v": 1, "n": 1})
        client[f"{unique}-keyring"]["data_keys"].insert_one({"_id": "t/p-1", "key": b"x", "version": 1})
        yield Operator(engines.mongo, client, unique, kms=kms)
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


def _signed(operator: Operator) -> Checkpoints:
    """Two tenants have chains, signed further than the backup goes; one of them the backup does not know."""
    checkpoints = Checkpoints(operator.kms.with_name("audit"), FileSigner(operator.kms))
    entry = chained("intake", looked(), n=1, nonce="1", previous=BEGINNING)
    operator.client[f"{operator.before}intake"]["audit"].insert_one(entry.document())
    for n, hash_ in ((1, entry.hash), (9, "f" * 64)):
        checkpoints.add(Checkpoint("intake", "oslo", n, hash_, "2026-11-24T03:00:00+00:00"))
    checkpoints.add(Checkpoint("intake", "fjordby", 4, "e" * 64, "2026-11-24T03:00:00+00:00"))
    return checkpoints


def test_a_restore_is_signed_with_who_and_what_is_gone_and_the_trail_is_whole_from_there(
    operator: Operator, tmp_path: Path
) -> None:
    _signed(operator)
    operator.client[f"{operator.before}intake"]["commits"].delete_many({})
    operator.does("backup", str(tmp_path), prefix=operator.before)

    told = operator.does("restore", str(tmp_path), "--by", "ola", prefix=operator.after).output.splitlines()
    verified = operator.does("audit", "verify", prefix=operator.after)

    assert told[2:] == [
        "signed: the audit trail of fjordby in intake was restored; entries 1 to 4 at least are gone",
        "signed: the audit trail of oslo in intake was restored; entries 2 to 9 at least are gone",
    ]
    assert (verified.exit_code, verified.output.count(" by ola from a backup of ")) == (0, 2), verified.output


def test_a_trial_restore_signs_nothing(operator: Operator, tmp_path: Path) -> None:
    checkpoints = _signed(operator)
    before = list(checkpoints.of("intake", "oslo"))
    operator.does("backup", str(tmp_path), prefix=operator.before)

    tried = operator.does("restore", str(tmp_path), "--trial", prefix=operator.after)

    assert (tried.exit_code, len(tried.output.splitlines())) == (0, 2)
    assert list(checkpoints.of("intake", "oslo")) == before


def test_where_the_key_comes_back_later_the_restore_is_signed_then(operator: Operator, tmp_path: Path) -> None:
    _signed(operator)
    operator.client[f"{operator.before}intake"]["commits"].delete_many({})
    operator.does("backup", str(tmp_path), prefix=operator.before)
    away = operator.kms.rename(operator.kms.with_name("away"))

    told = operator.does("restore", str(tmp_path), prefix=operator.after).output.splitlines()
    away.rename(operator.kms)
    assert operator.does("audit", "verify", prefix=operator.after).exit_code == 1
    signed = operator.does("audit", "restored", str(tmp_path), prefix=operator.after)

    assert (told[2].startswith("There is no "), len(signed.output.splitlines())) == (True, 2)
    assert operator.does("audit", "verify", prefix=operator.after).exit_code == 0
