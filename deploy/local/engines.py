"""The real Kafka and MongoDB of one directory, started together and gone with the process that started them."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from chassis.kafka import Kafka
from deploy.local import aot
from deploy.local.children import Child
from deploy.local.jars import JAR_CACHE
from deploy.local.java import Java, find_java
from deploy.local.kafka import KafkaBroker
from deploy.local.logs import begin_log
from deploy.local.mongo import MongoServer, find_mongod
from deploy.local.ports import choose
from deploy.local.problem import StackProblem
from deploy.local.progress import OnProgress, Progress, silent
from deploy.local.rootlock import RootLock, State, read_state, write_state

_NEEDED_MEGABYTES = 400


class Engines:
    """A running pair. Nothing of it outlives this process, however that ends."""

    def __init__(self, state: State, broker: KafkaBroker, server: MongoServer, *, lock: RootLock) -> None:
        self.kafka, self.mongo = state.kafka, state.mongo
        self._secured = broker.secured
        self._broker, self._server, self._lock = broker, server, lock
        self._rehearsal = Child()

    def kafka_as(self, user: str) -> Kafka:
        """How a user reaches a secured Kafka whose password is in the folder of its data; an open one as anybody."""
        return self.kafka if self._secured is None else self._secured.reached_as(user, self.kafka)

    @property
    def access_directory(self) -> Path | None:
        """Where passwords of users and the certificate of the CA are; None: Kafka is open."""
        return None if self._secured is None else self._secured.directory

    def kill_kafka(self) -> None:
        """kill -9, for fault tests; the data stay."""
        self._broker.process.kill()

    def start_kafka(self) -> None:
        """Start again on the same port and data; returns when it answers."""
        self._broker.launch()
        self._broker.wait_until_ready()

    def kill_mongo(self) -> None:
        """kill -9, for fault tests; the data stay."""
        self._server.process.kill()

    def start_mongo(self) -> None:
        """Start again on the same port and data; returns when it takes writes."""
        self._server.launch()
        self._server.wait_until_ready()

    @property
    def is_kafka_running(self) -> bool:
        return self._broker.process.is_running

    @property
    def is_mongo_running(self) -> bool:
        return self._server.process.is_running

    def rehearse_in_background(self) -> None:
        """Make the cache that halves the next starts of Kafka, unless it is there."""
        self._rehearsal = aot.rehearse(self._broker.java)

    def stop(self) -> None:
        """Stop both at once, kill -9 what takes too long, and let the directory go. May be repeated."""
        self._rehearsal.kill()
        self._broker.process.terminate()
        self._server.process.stop()
        self._broker.process.stop()
        self._lock.release()


def start_engines(
    root: Path,
    *,
    kafka_port: int | None = None,
    mongo_port: int | None = None,
    fresh: bool = False,
    is_secured: bool = False,
    jars: Path = JAR_CACHE,
    on_progress: OnProgress = silent,
) -> Engines:
    """Start both engines with their data in `<root>/data` and return when both take writes (about 2 s).

    Without ports the ones of the last time are taken, or free ones; `fresh` empties `<root>/data` first. Kafka asks for
    a user, over TLS, when it `is_secured`; else everybody on this machine may do everything there. Raises StackProblem,
    one sentence, when a port is taken, the disk is full, the stack of `root` is running already, or a program is
    missing on this platform.
    """
    root = root.resolve()
    lock = RootLock(root)
    try:
        _require_space(root)
        if fresh:
            shutil.rmtree(root / "data", ignore_errors=True)
        state, java = _choose_ports(root, kafka_port, mongo_port), find_java(jars=jars, on_progress=on_progress)
        return _start(root, lock, state, java, is_secured=is_secured, on_progress=on_progress)
    except BaseException:
        lock.release()
        raise


def _start(
    root: Path, lock: RootLock, state: State, java: Java, *, is_secured: bool, on_progress: OnProgress
) -> Engines:
    data, logs = root / "data", root / "logs"
    server = MongoServer(
        find_mongod(), data / "mongo", port=state.mongo_port, log=begin_log(logs / "mongo.log"), lock=lock.fileno()
    )
    broker = KafkaBroker(
        java,
        data / "kafka",
        port=state.kafka_port,
        controller_port=state.controller_port,
        log=begin_log(logs / "kafka.log"),
        lock=lock.fileno(),
        is_secured=is_secured,
    )
    engines = Engines(state, broker, server, lock=lock)
    try:
        write_state(root, state)
        on_progress(Progress("Starting MongoDB and Kafka"))
        server.launch()
        broker.launch()
        server.wait_until_ready()
        broker.wait_until_ready()
    except OSError as error:
        engines.stop()
        raise StackProblem(f"Cannot write in {root}: {error.strerror}.") from error
    except BaseException:
        engines.stop()
        raise
    engines.rehearse_in_background()
    return engines


def _choose_ports(root: Path, kafka_port: int | None, mongo_port: int | None) -> State:
    last = read_state(root)
    return State(
        pid=os.getpid(),
        kafka_port=choose(kafka_port, remembered=last.kafka_port if last else None, what="Kafka"),
        controller_port=choose(None, remembered=last.controller_port if last else None, what="Kafka's controller"),
        mongo_port=choose(mongo_port, remembered=last.mongo_port if last else None, what="MongoDB"),
    )


def _require_space(root: Path) -> None:
    free = shutil.disk_usage(root).free // 1_000_000
    if free < _NEEDED_MEGABYTES:
        raise StackProblem(
            f"Only {free} MB are free for {root}; the engines need {_NEEDED_MEGABYTES} MB: make room first."
        )
