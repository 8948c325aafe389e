"""`make check`: every check that needs no engine, two at a time. A tool's output is shown when it fails."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
PURE_TESTS = ("tests/unit", "tests/architecture", "tests/contracts")


@dataclass(frozen=True, slots=True)
class Check:
    """One tool and its arguments."""

    name: str
    command: tuple[str, ...]


def checks() -> list[Check]:
    """Longest first, so that the short ones fill the other core."""
    tests = [folder for folder in PURE_TESTS if Path(folder).is_dir()]
    return [
        Check("types", ("mypy",)),
        Check("tests", ("pytest", "-q", *tests)),
        Check("imports", ("lint-imports", "--no-logo")),
        Check("lint", ("ruff", "check")),
        Check("format", ("ruff", "format", "--check")),
    ]


def main() -> int:
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        passed = list(pool.map(_runner(began), checks()))
    print(f"{sum(passed)} of {len(passed)} checks passed in {time.monotonic() - began:.1f} s")
    return 0 if all(passed) else 1


def _runner(began: float) -> Callable[[Check], bool]:
    def run(check: Check) -> bool:
        program, *arguments = check.command
        done = subprocess.run(
            [BIN / program, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
        )
        verdict = "passed" if done.returncode == 0 else "FAILED"
        print(f"{check.name} {verdict} after {time.monotonic() - began:.1f} s", flush=True)
        if done.returncode != 0:
            print(done.stdout, flush=True)
        return done.returncode == 0

    return run


if __name__ == "__main__":
    sys.exit(main())
