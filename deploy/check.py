"""`make check`: every check that needs no engine, one per core at a time. A tool's output is shown unless it passed.

What needs a network that is not there has neither passed nor failed, and says so.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deploy.audit import NOT_ASKED

BIN = Path(sys.executable).parent
UNIT_TESTS = Path("tests/unit")
_VERDICTS = {0: "passed", NOT_ASKED: "NOT ASKED"}
PYTEST = ("pytest", "-q", "-m", "not long", "-p", "no:cacheprovider")  # two at once would write over each other's cache


@dataclass(frozen=True, slots=True)
class Check:
    """One tool and its arguments."""

    name: str
    command: tuple[str, ...]


def checks() -> list[Check]:
    """Longest first, so that the short ones fill what is left of a core; the tests in two halves of equal length."""
    rules = sorted(str(path.parent) for path in UNIT_TESTS.glob("*/__init__.py"))
    house = sorted(str(path) for path in UNIT_TESTS.glob("test_*.py"))
    return [
        Check(
            "tests of chassis, contracts and architecture", (*PYTEST, "tests/architecture", "tests/contracts", *house)
        ),
        Check("tests of the services' rules", (*PYTEST, *rules)),
        Check("types", ("mypy",)),
        Check("known weaknesses", ("python", "-m", "deploy.audit")),
        Check("imports", ("lint-imports", "--no-logo")),
        Check("lint", ("ruff", "check")),
        Check("format", ("ruff", "format", "--check")),
    ]


def main() -> int:
    began = time.monotonic()
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        passed = list(pool.map(partial(_passes, began=began), checks()))
    print(f"{sum(passed)} of {len(passed)} checks passed in {time.monotonic() - began:.1f} s")
    return 0 if all(passed) else 1


def _passes(check: Check, *, began: float) -> bool:
    program, *arguments = check.command
    done = subprocess.run(
        [BIN / program, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    verdict = _VERDICTS.get(done.returncode, "FAILED")
    said = "" if done.returncode == 0 else f"{done.stdout}\n"
    # One write, so that two that end together do not mix.
    print(f"{check.name} {verdict} after {time.monotonic() - began:.1f} s\n{said}", end="", flush=True)
    return done.returncode in _VERDICTS


if __name__ == "__main__":
    sys.exit(main())
