"""Documentation is exact: paths are there, commands exist, requirement ids are known."""

import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from contracts.topics import SERVICES
from deploy.cli import app
from tests.architecture.services import readers
from tests.architecture.source import ROOT
from tests.requirements import known_sentences

PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "SECURITY.md",
        *(page for folder in ("docs", "contracts", "services", "deploy") for page in (ROOT / folder).rglob("*.md")),
    ]
)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
FENCE = re.compile(r"```(\w*)\n(.*?)```", re.DOTALL)
FOLDERS = ("contracts/", "chassis/", "services/", "deploy/", "tests/", "docs/", ".ci/")


def commands(text: str) -> Iterator[str]:
    """Every command line in a code span or a shell block."""
    for language, block in FENCE.findall(text):
        if language in ("sh", "bash"):
            yield from (line.strip() for line in block.splitlines() if line.strip() and not line.startswith("#"))
    yield from CODE.findall(FENCE.sub("", text))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = [link.partition("#")[0] for link in LINK.findall(page.read_text())]
    local = [link for link in links if link and "://" not in link and not link.startswith("mailto:")]

    assert [link for link in local if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_a_page_leads_to_a_heading(page: Path) -> None:
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text()), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert [link for link in LINK.findall(page.read_text()) if link.startswith("#") and link[1:] not in anchors] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_that_is_named_is_there(page: Path) -> None:
    spans = CODE.findall(FENCE.sub("", page.read_text()))
    paths = [span for span in spans if span.startswith(FOLDERS) and not re.search(r"[<>*{}… ]", span)]

    assert [path for path in paths if not (ROOT / path.partition("::")[0]).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    found = [words for line in commands(page.read_text()) if (words := line.split("#")[0].split())]

    assert [words for words in found if words[0] == "make" and words[1:] and words[1] not in targets] == []
    assert [words for words in found if words[0] == "kobling" and not is_kobling_command(words[1:])] == []
    assert [words for words in found if words[:2] == ["python", "-m"] and not is_module(words[2])] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_sentence_that_is_named_is_known(page: Path) -> None:
    named = set(re.findall(r"\bS[0-4]\.\d+\b", page.read_text()))

    assert named - known_sentences() == set()


def test_the_picture_in_the_readme_shows_who_reads_whose_events() -> None:
    arrows = re.findall(r"-- (\w+)\.events --> ([\w &]+)", (ROOT / "README.md").read_text())
    drawn = {(reader, source) for source, readers in arrows for reader in readers.split(" & ")}
    read = {(name, topic.partition(".")[0]) for name in SERVICES for reader in readers(name) for topic in reader.topics}

    assert drawn == {(reader, source) for reader, source in read if reader != source}


def is_kobling_command(words: list[str]) -> bool:
    """Whether the words lead down to a command; its options are not looked at."""
    node = get_command(app)
    for word in words:
        inner = getattr(node, "commands", None)
        if inner is None:
            return True
        if word.startswith("-") and getattr(node, "invoke_without_command", False):
            return True
        if word not in inner:
            return False
        node = inner[word]
    return True


def is_module(name: str) -> bool:
    return "<" in name or importlib.util.find_spec(name) is not None
