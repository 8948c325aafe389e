"""`python -m deploy.local engines`: only the two engines, in the foreground, with the two addresses."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from rich.console import Console

from deploy.local.ending import run_until_told
from deploy.local.keeping import running_engines
from deploy.local.problem import StackProblem
from deploy.local.progress import OnTerminal


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description=__doc__)
    parser.add_argument("what", choices=["engines"])
    parser.add_argument("--root", type=Path, default=Path(".local"))
    parser.add_argument("--kafka-port", type=int)
    parser.add_argument("--mongo-port", type=int)
    return asyncio.run(run_until_told(_stay_up(parser.parse_args())))


async def _stay_up(options: argparse.Namespace) -> int:
    ports = {"kafka_port": options.kafka_port, "mongo_port": options.mongo_port}
    tell = OnTerminal(Console(stderr=True))
    try:
        async with running_engines(options.root, **ports, on_progress=tell) as engines:
            print(f"export KOBLING_KAFKA={engines.kafka} KOBLING_MONGO='{engines.mongo}'", flush=True)
            await asyncio.Event().wait()
    except StackProblem as problem:
        print(problem, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
