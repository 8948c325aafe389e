"""`kobling demo --once` as a newcomer runs it: a process of its own, everything real, twice on the same state."""

import asyncio
import re
import sys
from pathlib import Path

import pytest

from deploy.local.ports import free_port

_TABLE_ROWS = [
    re.compile(rf"^ +{figure} +{number} +{number} *$", re.MULTILINE)
    for figure, number in (
        (r"requests\.posted", 19),
        (r"volunteers\.approved", 19),
        (r"matches\.made", 17),
        (r"matches\.check_ins", 30),
        (r"matches\.reviews_held", 31),
        (r"matches\.closing_talks", 1),
    )
]
HOUSE = Path(__file__).resolve().parents[2]


async def _demo(root: Path, *arguments: str) -> tuple[int | None, str]:
    command = (sys.executable, "-m", "deploy.cli", "demo", "--once", "--root", str(root), "--port", str(free_port()))
    process = await asyncio.create_subprocess_exec(
        *command, *arguments, cwd=HOUSE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await process.communicate()
    return process.returncode, output.decode()


@pytest.mark.timeout(300)
@pytest.mark.requirement("S2.1", "S2.4", "S2.7", "S2.22", "S2.27", "S2.28", "S2.30", "S3.19")
async def test_the_story_comes_true_and_a_second_run_goes_on_with_what_is_there(tmp_path: Path) -> None:
    first, told_first = await _demo(tmp_path, "--fresh")
    second, told_second = await _demo(tmp_path)

    assert (first, second) == (0, 0), told_first + told_second
    assert "match number 1, until" in told_first
    assert "match number 2, until" in told_second
    assert "no. 18: declined by the rule gate_not_confirmed" in told_first
    assert "no. 19: rejected, the field at fault is diagnosis" in told_first


@pytest.mark.timeout(300)
@pytest.mark.requirement("S2.1", "S2.2", "S2.10", "S2.15", "S2.16", "S2.29", "S2.30", "S2.31", "S3.29")
async def test_a_year_with_forty_people_leaves_the_figures_that_were_told(tmp_path: Path) -> None:
    ended, told = await _demo(tmp_path, "--fresh", "--year")

    assert ended == 0, told
    assert all(row.search(told) for row in _TABLE_ROWS), told
    assert "<- differs" not in told
