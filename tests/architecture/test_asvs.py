"""docs/asvs.md speaks of every requirement once, and what it names is there."""

from collections import Counter
from pathlib import Path

from tests.architecture.asvs import LEVELS, STATES, asked, rows
from tests.architecture.source import ROOT

PAGE = ROOT / "docs" / "asvs.md"


def test_the_list_has_as_many_requirements_as_the_standard() -> None:
    assert Counter("".join(LEVELS.values())) == {"1": 70, "2": 183, "3": 92}


def test_every_requirement_of_our_levels_stands_there_once_and_in_order() -> None:
    assert [number for row in rows(PAGE) for number in row.requirements] == asked()


def test_every_state_is_a_word_of_the_page() -> None:
    assert {row.state for row in rows(PAGE)} <= set(STATES)


def test_what_is_met_names_what_shows_it_and_the_rest_says_why() -> None:
    unsaid = [row.requirements for row in rows(PAGE) if not row.said]
    unshown = [row.requirements for row in rows(PAGE) if row.state == "met" and not (row.named or "](" in row.said)]

    assert (unsaid, unshown) == ([], [])


def test_every_file_and_every_test_that_is_named_is_there() -> None:
    named = {name for row in rows(PAGE) for name in row.named}

    assert [name for name in sorted(named) if not _is_there(name)] == []
    assert len(named) > 40


def test_a_test_that_is_not_there_would_be_found() -> None:
    assert not _is_there("tests/architecture/test_nothing.py")
    assert not _is_there("tests/architecture/test_asvs.py::test_that_nobody_wrote")
    assert _is_there("tests/architecture/test_asvs.py::test_every_state_is_a_word_of_the_page")


def _is_there(name: str) -> bool:
    """A file or folder, or `file::test`."""
    path, _, test = name.partition("::")
    found: Path = ROOT / path
    return found.exists() and (not test or f"def {test}(" in found.read_text())
