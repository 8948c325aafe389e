"""`make requirements`: the list is whole, and marks are found however they are written."""

from pathlib import Path

import pytest

from tests.requirements import Mark, known_sentences, marks, report, sentences

WRITTEN = """
import pytest

pytestmark = pytest.mark.requirement("S0.1")

@pytest.mark.requirement("S2.16", "S2.17")
async def test_a_match_ends(): ...

@pytest.mark.requirement("S9.9")
class TestMany:
    def test_one(self): ...

def helping(): ...
"""


def test_all_206_sentences_are_in_the_list() -> None:
    numbers = {seed: sum(1 for name in sentences() if name.startswith(f"S{seed}.")) for seed in range(5)}

    assert numbers == {0: 32, 1: 26, 2: 33, 3: 82, 4: 33}


def test_every_mark_in_our_tests_names_a_sentence_we_know() -> None:
    known = known_sentences()

    assert [mark for mark in marks() if mark.sentence not in known] == []


def test_marks_on_modules_classes_and_functions_are_found_without_importing(tmp_path: Path) -> None:
    (tmp_path / "test_written.py").write_text(WRITTEN)
    file = f"{tmp_path.name}/test_written.py"

    assert marks(tmp_path) == [
        Mark("S0.1", f"{file}::test_a_match_ends"),
        Mark("S0.1", f"{file}::test_one"),
        Mark("S2.16", f"{file}::test_a_match_ends"),
        Mark("S2.17", f"{file}::test_a_match_ends"),
        Mark("S9.9", f"{file}::test_one"),
    ]


def test_a_mark_that_is_computed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "test_written.py").write_text("@pytest.mark.requirement(SENTENCE)\ndef test_it(): ...\n")

    with pytest.raises(ValueError, match="does not name its sentences as plain text"):
        marks(tmp_path)


def test_the_report_tells_what_is_shown_what_is_open_and_counts() -> None:
    lines = report([Mark("S2.16", "tests/test_it.py::test_a_match_ends")]).splitlines()

    assert "                 tests/test_it.py::test_a_match_ends" in lines
    assert lines[-1] == "1 of 206 sentences are shown by a test, 205 are open"
    assert not any("S2.16 " in line for line in report([Mark("S2.16", "x")], only_open=True).splitlines())
