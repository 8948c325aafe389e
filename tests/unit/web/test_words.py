"""Every text of the site is there in every language, and says the same in each."""

import re
from pathlib import Path

import pytest

from chassis.http.sentences import LANGUAGES
from chassis.web.building import words_of
from chassis.web.words import Words
from contracts.navigation import NAVIGATION
from contracts.topics import SERVICES
from tests.architecture.services import service

_VALUE = re.compile(r"\{([a-z_]*)\}")
_SAID = re.compile(r"""\bt\(\s*"([a-z][A-Za-z0-9_.-]*)"|\bt\(\s*'([a-z][A-Za-z0-9_.-]*)'""")


@pytest.mark.parametrize("name", SERVICES)
def test_every_text_fills_in_the_same_values_in_every_language(name: str) -> None:
    for key, translations in words_of(service(name).pages).texts.items():
        shapes = [list(text.values()) if not isinstance(text, str) else [text] for text in translations.values()]
        values = {frozenset(_VALUE.findall(shape[-1])) for shape in shapes}
        assert len(values) == 1, key


@pytest.mark.parametrize("name", SERVICES)
def test_every_text_that_a_template_says_is_there(name: str) -> None:
    """Keys put together from parts are found when their page is drawn."""
    words = words_of(service(name).pages)
    chassis = Path("chassis/web/templates").glob("*.html")
    files = {file for part in service(name).pages for file in part.folder.glob("*.html")} | set(chassis)
    said = {key for file in files for match in _SAID.findall(file.read_text()) for key in match if key}
    whole = {key for key in said if not key.endswith((".", "_"))}
    assert whole - words.texts.keys() == set()


def test_what_a_programme_calls_one_thing_reads_the_same_in_every_service() -> None:
    said: dict[str, set[str]] = {}
    for name in SERVICES:
        for key, translations in words_of(service(name).pages).texts.items():
            if key.startswith("code."):
                said.setdefault(key, set()).add(str(sorted(translations.items())))
    assert {key for key, texts in said.items() if len(texts) > 1} == set()
    assert len(said) > 50


def test_every_way_has_a_name() -> None:
    assert {way.word for way in NAVIGATION} <= words_of(()).texts.keys()


def test_one_and_more_are_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "words.yaml"
    forms = ", ".join(f'{language}: {{one: "{{count}} day", other: "{{count}} days"}}' for language in LANGUAGES)
    file.write_text(f"days: {{{forms}}}")
    words = Words.read(file)
    assert [words.say("days", "da", {"count": count}) for count in (0, 1, 2)] == ["0 days", "1 day", "2 days"]


@pytest.mark.parametrize("text", ["a: {en: x, nb: x, nn: x}", "a: {en: x, nb: x, nn: x, da: ''}"])
def test_a_text_without_a_translation_stops_the_service(tmp_path: Path, text: str) -> None:
    (tmp_path / "words.yaml").write_text(text)
    with pytest.raises(ValueError, match="a is not said in da"):
        Words.read(tmp_path / "words.yaml")


def test_a_text_said_twice_stops_the_service(tmp_path: Path) -> None:
    files = [tmp_path / "words-a.yaml", tmp_path / "words-b.yaml"]
    for file in files:
        file.write_text("a: {en: x, nb: x, nn: x, da: x}")
    with pytest.raises(ValueError, match="twice"):
        Words.read(*files)
