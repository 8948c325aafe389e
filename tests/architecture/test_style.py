"""What style.md asks of every file, as far as a machine can see it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import PRODUCT, ROOT, Function, Source, sources

# Lines of code, without blank lines, comments and docstrings; no list of exceptions. A file of tests is read one
# test at a time, so it may be a little longer.
LONGEST_FILE, LONGEST_TEST_FILE, USUAL_FILE = 300, 400, 200
LONGEST_FUNCTION, USUAL_FUNCTION = 50, 30

# Nothing in `domain/` may look at a clock or throw dice: a command brings what it needs (rule 1).
IMPURE = re.compile(
    r"\.(now|utcnow|today)$|^(uuid[1-7]?|uuid\.\w+|random\.\w+|secrets\.\w+|os\.\w+|time\.\w+|open|print)$"
)

# Words that are not code but would tie a service to one of the places the platform was thought out for.
NAMES = re.compile(
    r"sandefjord|rudersdal|ressourcebank|ressursvenn|ressurssenter|kolding|gladsaxe|christiansfeld|vamdrup|"
    r"(?<!europe/)\boslo\b|krisesenter|kirkens bymisjon|n\.k\.s\.",
    re.IGNORECASE,
)
TEXTS = {".py", ".yaml", ".yml", ".html", ".txt", ".j2", ".md", ".po", ".toml", ".json", ".css"}


def own_code_lines(source: Source, function: Function) -> int:
    """Lines of code of a function without those of the functions inside it."""
    lines = {line for line in source.code_lines() if function.lineno <= line <= (function.end_lineno or 0)}
    for node in ast.walk(function):
        if isinstance(node, Function) and node is not function:
            lines -= set(range(node.lineno, (node.end_lineno or 0) + 1))
    return len(lines)


def test_no_file_is_long_and_most_are_short() -> None:
    sizes = {source.name: len(source.code_lines()) for source in sources()}

    limits = {name: LONGEST_TEST_FILE if name.startswith("tests/") else LONGEST_FILE for name in sizes}

    assert {name: size for name, size in sizes.items() if size > limits[name]} == {}
    assert sum(size <= USUAL_FILE for size in sizes.values()) / len(sizes) > 0.95


def test_no_function_is_long_and_most_are_short() -> None:
    sizes = {
        f"{source.name}:{function.name}": own_code_lines(source, function)
        for source in sources(*PRODUCT)
        for function in source.functions()
        if (function.end_lineno or 0) - function.lineno >= USUAL_FUNCTION
    }
    count = sum(1 for source in sources(*PRODUCT) for _ in source.functions())

    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}
    assert sum(size > USUAL_FUNCTION for size in sizes.values()) / count < 0.02


def test_tests_wait_for_conditions_only_in_the_one_place_that_does() -> None:
    sleeping = [
        f"{source.name}:{line}"
        for source in sources("tests")
        for name, line in source.calls()
        if name.rpartition(".")[2] == "sleep" and "sleep(0)" not in source.text.splitlines()[line - 1]  # only a turn
    ]

    assert [place for place in sleeping if not place.startswith("tests/support/wait.py:")] == []


def test_nothing_is_called_utils_helpers_or_common() -> None:
    empty_words = {"utils", "util", "helpers", "common", "misc", "shared", "manager"}

    assert [source.name for source in sources() if empty_words & set(Path(source.name).with_suffix("").parts)] == []


def test_nothing_is_left_to_do() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK|NotImplementedError)\b")

    assert [source.name for source in sources(*PRODUCT) if marks.search(source.text)] == []


def test_a_domain_looks_at_no_clock_and_throws_no_dice() -> None:
    domains = [source for source in sources("services") if "/domain/" in source.name]

    assert [(source.name, call) for source in domains for call, _ in source.calls() if IMPURE.search(call)] == []


def test_log_events_are_constant_strings() -> None:
    """A line in the log is found by its event; what differs stands in key-values."""
    assert [f"{source.name}:{line}" for source in sources(*PRODUCT) for line in _changing_log_events(source)] == []


def _changing_log_events(source: Source) -> Iterator[int]:
    levels = {"debug", "info", "warning", "error", "exception", "critical"}
    for node in source.nodes:
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "logger"), attr=level), args=[first, *_]):
                if level in levels and not isinstance(first, ast.Constant):
                    yield node.lineno
            case _:
                pass


def test_no_code_names_a_programme_a_municipality_or_a_centre() -> None:
    places = [
        ROOT / "services",
        ROOT / "chassis",
        *sorted((ROOT / "contracts").glob("*.py")),
        ROOT / "contracts" / "publish",
    ]
    files = [file for place in places for file in ([place] if place.is_file() else sorted(place.rglob("*")))]
    named = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in files
        if file.suffix in TEXTS
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if NAMES.search(line)
    ]

    assert named == []


@pytest.mark.parametrize("line", ["if programme == 'oslo':", "# as in Gladsaxe", "centre = 'Kolding'"])
def test_a_planted_name_would_be_found(line: str) -> None:
    assert NAMES.search(line)
    assert not NAMES.search('zone: str = "Europe/Oslo"')


def test_every_module_of_the_product_says_what_it_is() -> None:
    silent = [source.name for source in sources(*PRODUCT) if source.text.strip() and not ast.get_docstring(source.tree)]

    assert silent == []
