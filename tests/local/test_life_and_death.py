"""The engines live exactly as long as whoever started them, and say in one sentence why they cannot."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from pymongo import MongoClient

from deploy.local.engines import Engines, start_engines
from deploy.local.ports import free_port, is_free
from deploy.local.problem import StackProblem
from deploy.local.rootlock import read_state
from tests.support.wait import eventually

HOUSE = Path(__file__).parents[2]


def start_in_a_process_of_its_own(root: Path) -> subprocess.Popen[str]:
    """`python -m deploy.local engines`, returned once it has printed the addresses."""
    command = [sys.executable, "-m", "deploy.local", "engines", "--root", str(root)]
    ours = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would rightly stay when it is hung up on
    try:
        parent = subprocess.Popen(command, cwd=HOUSE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    finally:
        signal.signal(signal.SIGHUP, ours)
    assert parent.stdout is not None
    assert parent.stdout.readline().startswith("export KOBLING_KAFKA=")
    return parent


def nobody_listens(root: Path) -> bool:
    state = read_state(root)
    assert state is not None
    return is_free(state.kafka_port) and is_free(state.controller_port) and is_free(state.mongo_port)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_nothing_outlives_the_process_that_started_the_engines(tmp_path: Path, number: signal.Signals) -> None:
    parent = start_in_a_process_of_its_own(tmp_path)
    assert not nobody_listens(tmp_path)
    parent.send_signal(number)
    await eventually(lambda: parent.poll() is not None)
    await eventually(lambda: nobody_listens(tmp_path), timeout=3)
    assert parent.stdout is not None
    parent.stdout.close()


async def test_a_second_start_says_already_running_and_where(tmp_path: Path) -> None:
    engines = start_engines(tmp_path)
    with pytest.raises(StackProblem, match="already running") as refused:
        start_engines(tmp_path)
    engines.stop()
    assert engines.kafka in str(refused.value)
    assert engines.mongo in str(refused.value)


def test_a_restart_keeps_data_and_addresses_until_others_or_an_empty_start_are_wished(tmp_path: Path) -> None:
    first = start_engines(tmp_path)
    write(first, {"_id": "kept"})
    first.stop()
    assert (tmp_path / "lock").exists()  # left over, and no obstacle
    second = start_engines(tmp_path)
    assert (second.kafka, second.mongo) == (first.kafka, first.mongo)
    assert read(second) == [{"_id": "kept"}]
    second.stop()
    moved = start_engines(tmp_path, mongo_port=free_port(), kafka_port=free_port())
    assert moved.mongo != first.mongo
    assert read(moved) == [{"_id": "kept"}]
    moved.stop()
    fresh = start_engines(tmp_path, fresh=True)
    assert read(fresh) == []
    fresh.stop()


async def test_engines_killed_for_a_fault_test_come_back_with_what_was_acknowledged(own_engines: Engines) -> None:
    write(own_engines, {"_id": "acknowledged"})
    own_engines.kill_mongo()
    own_engines.kill_kafka()
    assert (own_engines.is_mongo_running, own_engines.is_kafka_running) == (False, False)
    own_engines.start_mongo()
    own_engines.start_kafka()
    assert {"_id": "acknowledged"} in read(own_engines)


def test_a_taken_port_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(StackProblem, match=f"Port {port} for MongoDB is taken"):
            start_engines(tmp_path, mongo_port=port)


def test_a_full_disk_is_told_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("usage", (), {"free": 7_000_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    with pytest.raises(StackProblem, match="Only 7 MB are free"):
        start_engines(tmp_path)


def test_a_directory_that_cannot_be_written_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    with pytest.raises(StackProblem, match="Cannot write in"):
        start_engines(tmp_path / "file" / "root")


def test_a_missing_wheel_is_told_with_what_to_do_instead() -> None:
    from deploy.local.java import wheel_file

    with pytest.raises(StackProblem, match=r"no mongod for .* deploy/compose"):
        wheel_file("no_such_wheel.db", "bin/mongod", what="mongod")


def write(engines: Engines, document: dict[str, str]) -> None:
    with MongoClient[dict[str, str]](engines.mongo, w="majority", journal=True) as client:
        client.local_test.things.insert_one(document)


def read(engines: Engines) -> list[dict[str, str]]:
    with MongoClient[dict[str, str]](engines.mongo) as client:
        return list(client.local_test.things.find())
