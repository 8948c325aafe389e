"""`python -m deploy.local engines`: only the two engines, in the foreground, with the two addresses."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from pathlib import Path

from rich.console import Console

from deploy.local.engines import start_engines
from deploy.local.problem import StackProblem
from deploy.local.progress import OnTerminal


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("what", choices=["engines"])
    parser.add_argument("--root", type=Path, default=Path(".local"))
    parser.add_argument("--kafka-port", type=int)
    parser.add_argument("--mongo-port", type=int)
    options = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: ended.set())
    try:
        ports = {"kafka_port": options.kafka_port, "mongo_port": options.mongo_port}
        engines = start_engines(options.root.resolve(), **ports, on_progress=OnTerminal(Console(stderr=True)))
    except StackProblem as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"export KOBLING_KAFKA={engines.kafka} KOBLING_MONGO='{engines.mongo}'", flush=True)
    while not ended.wait(1) and engines.is_kafka_running and engines.is_mongo_running:
        pass
    broke = not ended.is_set()
    engines.stop()
    return int(broke)


if __name__ == "__main__":
    sys.exit(main())
