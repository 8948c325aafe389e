"""The table at the top of README.md, row by row."""

import re
from dataclasses import dataclass
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"^\| (\d) \| (.+?) \| \[(.+?)\]\((.+?)\) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """`where` is the path the row links to, from the repository's root."""

    number: int
    what: str
    where: Path


def way_of_one_event() -> dict[int, Step]:
    """The steps by their number."""
    rows = _ROW.findall((HOUSE / "README.md").read_text())
    return {int(number): Step(int(number), what, HOUSE / target) for number, what, _, target in rows}
