"""The numbers of OWASP ASVS 5.0.0 and their levels, and what docs/asvs.md says of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

STATES = ("met", "where it runs", "not here", "not met")
THIRD_LEVEL = ("V6", "V7", "V8", "V9", "V10", "V11", "V14")
"""Authentication with its sessions, tokens and logins, authorisation, cryptography, data protection."""

_LEVELS = {
    "V1": "22 1111122223 112222222223 222 123",
    "V2": "122 112 12223 23",
    "V3": "3 113 12223 11222233 11122333 3 22333",
    "V4": "12233 23333 22 1222",
    "V5": "2 112333 113 222",
    "V6": "122 111111112222 11223333 112233 22222333 2223 33 2222",
    "V7": "222 1111 22 11222 223 22",
    "V8": "1233 1123 133 23",
    "V9": "111 1222",
    "V10": "22 223 22223 1111122222233333 22222 22 222",
    "V11": "2233 22233 11233 1222 23 23 33",
    "V12": "12233 11 22223",
    "V13": "2333 222223 2233 1222233",
    "V14": "22 12223333 122",
    "V15": "12233 12233 1222222 3333",
    "V16": "2 22222 2222 222 2223",
    "V17": "23 22223333 22",
}
"""Of each chapter its sections, of each section the levels of its requirements: V1.1 has two of level 2."""

LEVELS = {
    f"{chapter}.{section}": levels
    for chapter, sections in _LEVELS.items()
    for section, levels in enumerate(sections.split(), 1)
}
_ROW = re.compile(r"^\| (V\d+\.\d+)\.(\d+)(?:-(V\d+\.\d+)\.(\d+))? \| ([a-z ]+) \| (.*) ?\|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """What is said of one requirement, or of several that follow each other in a section."""

    requirements: tuple[str, ...]
    state: str
    said: str

    @property
    def named(self) -> list[str]:
        """The files and tests that are to show it."""
        return [name for name in re.findall(r"`([^`]+)`", self.said) if name.startswith(_FOLDERS)]


_FOLDERS = ("tests/", "chassis/", "services/", "contracts/", "deploy/", "docs/", "pyproject.toml")


def rows(page: Path) -> list[Row]:
    return [Row(tuple(_of(*found[:4])), found[4], found[5].strip()) for found in _ROW.findall(page.read_text())]


def _of(section: str, first: str, last_section: str, last: str) -> Iterator[str]:
    if last_section not in ("", section):
        raise ValueError(f"{section}.{first}-{last_section}.{last} leaves its section")
    for number in range(int(first), int(last or first) + 1):
        yield f"{section}.{number}"


def asked() -> list[str]:
    """Levels 1 and 2 of everything, level 3 where we go further."""
    return [
        f"{section}.{number}"
        for section, levels in LEVELS.items()
        for number, level in enumerate(levels, 1)
        if level != "3" or section.partition(".")[0] in THIRD_LEVEL
    ]
