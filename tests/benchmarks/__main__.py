"""`make bench`: every bar of the platform, each against its baseline in the same run.

Every function called `bench_*` in a module called `bench_*` of this folder is a bench: it takes a Ground and gives one
Result or several.
"""

import argparse
import asyncio
import importlib
import json
import pkgutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests import benchmarks
from tests.benchmarks.harness import Bench, Ground, Result, as_json
from tests.support.stack import running

_OUTPUT = Path("build/bench.json")


def main() -> int:
    """0 when every bar holds, 1 when one does not or a bench failed."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller sizes, all in under three minutes")
    parser.add_argument("names", nargs="*", help="only benches whose name has one of these in it")
    arguments = parser.parse_args()
    console = Console()
    benches = list(_benches(arguments.names))
    with tempfile.TemporaryDirectory() as root, running("local", Path(root)) as engines:
        ground = Ground(engines.kafka, engines.mongo, is_quick=arguments.quick)
        results, failed = asyncio.run(_run(benches, ground, console))
    console.print(_table(results))
    _OUTPUT.parent.mkdir(exist_ok=True)
    _OUTPUT.write_text(json.dumps(as_json(results), indent=2, ensure_ascii=False) + "\n")
    if failed:
        console.print(f"[red]failed: {', '.join(failed)}[/]")
    return 0 if not failed and all(result.holds for result in results) else 1


def _benches(names: list[str]) -> Iterator[tuple[str, Bench]]:
    for module in sorted(info.name for info in pkgutil.iter_modules(benchmarks.__path__)):
        if not module.startswith("bench_"):
            continue
        functions = vars(importlib.import_module(f"{benchmarks.__name__}.{module}"))
        for name, function in functions.items():
            if name.startswith("bench_") and (not names or any(part in f"{module}.{name}" for part in names)):
                yield name, function


async def _run(benches: list[tuple[str, Bench]], ground: Ground, console: Console) -> tuple[list[Result], list[str]]:
    """The results, and the names of the benches that raised: one that fails does not hide the others."""
    results: list[Result] = []
    failed: list[str] = []
    for number, (name, bench) in enumerate(benches, 1):
        started_at = time.monotonic()
        try:
            with console.status(f"{number} of {len(benches)}: {name}"):
                found = await bench(ground)
        except Exception:  # noqa: BLE001
            console.print_exception()
            failed.append(name)
            continue
        results += [found] if isinstance(found, Result) else found
        console.print(f"[dim]{name} took {time.monotonic() - started_at:.0f} s[/]")
    return results, failed


def _table(results: list[Result]) -> Table:
    table = Table("measure", "ratio", "bar", "holds", "in numbers")
    for result in results:
        bar = f"{'≤' if result.at_most else '≥'} {result.bar:g}"
        table.add_row(result.name, f"{result.ratio:.2f}", bar, "yes" if result.holds else "[red]no[/]", result.detail)
    return table


if __name__ == "__main__":
    sys.exit(main())
