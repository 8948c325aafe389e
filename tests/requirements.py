"""Which sentences of docs/requirements.md are shown by which tests: `python -m tests.requirements [--open]`.

Tests are read, not run and not imported: a mark is `@pytest.mark.requirement("S2.16", …)` on a test or its class, or
`pytestmark` of its module. Exits 1 when a mark names a sentence that is not in the list.
"""

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
SENTENCES = ROOT / "docs" / "requirements.md"
TESTS = ROOT / "tests"

_ROW = re.compile(r"^\| (S[0-4]\.\d+) \| (.+?) \| [IMNRP ]+ \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A test that says it shows a sentence."""

    sentence: str
    test: str


def sentences() -> dict[str, str]:
    """Id → what the platform does, in the order of the list."""
    return dict(_ROW.findall(SENTENCES.read_text()))


def known_sentences() -> set[str]:
    return set(sentences())


def marks(folder: Path = TESTS) -> list[Mark]:
    """Every mark of every test file below the folder. Raises ValueError for a mark that is not literal text."""
    return sorted({mark for path in folder.rglob("test_*.py") for mark in _marks_of(path, folder)})


def report(found: Sequence[Mark], *, only_open: bool = False) -> str:
    """One line per sentence with its tests below it, and a count at the end."""
    shown = {sentence: [mark.test for mark in found if mark.sentence == sentence] for sentence in sentences()}
    lines = []
    for sentence, text in sentences().items():
        if only_open and shown[sentence]:
            continue
        lines.append(f"{'shown' if shown[sentence] else 'open '}  {sentence:<6} {text}")
        lines += [f"                 {test}" for test in shown[sentence]]
    count = sum(1 for tests in shown.values() if tests)
    lines.append(f"{count} of {len(shown)} sentences are shown by a test, {len(shown) - count} are open")
    return "\n".join(lines)


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.requirements", description="Sentences and their tests.")
    parser.add_argument("--open", action="store_true", help="only those that no test shows yet")
    only_open = parser.parse_args(arguments).open
    found = marks()
    sys.stdout.write(report(found, only_open=only_open) + "\n")
    unknown = [mark for mark in found if mark.sentence not in known_sentences()]
    for mark in unknown:
        sys.stderr.write(f"{mark.test}: {mark.sentence} is not in docs/requirements.md\n")
    return 1 if unknown else 0


def _marks_of(path: Path, folder: Path) -> Iterator[Mark]:
    tree = ast.parse(path.read_text())
    place = f"{folder.name}/{path.relative_to(folder)}"
    everywhere = [
        sentence
        for node in tree.body
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "pytestmark" for target in node.targets)
        for sentence in _named_in(node.value, place)
    ]
    yield from _marks_in(tree, everywhere, place)


def _marks_in(node: ast.Module | ast.ClassDef, above: list[str], place: str) -> Iterator[Mark]:
    for child in node.body:
        if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        own = [sentence for decorator in child.decorator_list for sentence in _named_in(decorator, place)]
        if isinstance(child, ast.ClassDef):
            yield from _marks_in(child, [*above, *own], place)
        elif child.name.startswith("test_"):
            yield from (Mark(sentence, f"{place}::{child.name}") for sentence in [*above, *own])


def _named_in(node: ast.AST, place: str) -> Iterator[str]:
    for call in ast.walk(node):
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("mark.requirement"):
            for argument in call.args:
                match argument:
                    case ast.Constant(value=str() as sentence):
                        yield sentence
                    case _:
                        raise ValueError(f"{place}: {ast.unparse(call)} does not name its sentences as plain text")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
