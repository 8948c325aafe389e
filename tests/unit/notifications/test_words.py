"""The words of every message in every language: complete, person first, law last, nothing about what anybody lacks."""

from datetime import UTC, date, datetime
from pathlib import Path
from string import Template
from typing import get_args

import pytest

from contracts.intake import MessageLanguage
from contracts.notifications import Counts, Details, Occasion
from services.notifications.rendering import (
    DISGUISE,
    LANGUAGES,
    TEMPLATES,
    VALUES,
    BadTemplate,
    Templates,
    Words,
    values_of,
)
from tests.unit.notifications.tone import FORBIDDEN, LAW

OCCASIONS: tuple[Occasion, ...] = get_args(Occasion)
EVERY = [(occasion, language) for occasion in OCCASIONS for language in LANGUAGES]
DETAILS = Details(
    answer_by=date(2020, 3, 14),
    meets_at=datetime(2020, 3, 29, 12, 30, tzinfo=UTC),
    ends_on=date(2021, 2, 28),
    until=datetime(2020, 3, 29, 14, tzinfo=UTC),
    number=100,
    counts=Counts(unwell=1, talks=2, reviews=3, answers=4, hand_overs=5, offers=6, lapsed=7),
)


@pytest.fixture(scope="module")
def templates() -> Templates:
    return Templates()


def rendered(templates: Templates, occasion: Occasion, language: MessageLanguage, details: Details = DETAILS) -> Words:
    values = values_of(details, language=language, zone="Europe/Oslo")
    return templates.render(occasion, language, {**values, "name": "Kim Eksempel", "programme": "Følgesvenn"})


@pytest.mark.parametrize(("occasion", "language"), EVERY)
def test_every_message_greets_the_person_first_and_names_the_law_last(
    templates: Templates, occasion: Occasion, language: MessageLanguage
) -> None:
    first, *between, last = rendered(templates, occasion, language).text.strip().split("\n\n")
    assert "Kim Eksempel" in first
    assert LAW.search(last)
    assert [paragraph for paragraph in (first, *between) if LAW.search(paragraph)] == []


@pytest.mark.parametrize(("occasion", "language"), EVERY)
def test_no_message_makes_anybody_less(templates: Templates, occasion: Occasion, language: MessageLanguage) -> None:
    words = rendered(templates, occasion, language)
    read = f"{words.subject} {words.text}".lower()
    assert [word for word in FORBIDDEN if word in read] == []


@pytest.mark.parametrize(("occasion", "language"), EVERY)
def test_a_subject_names_neither_the_person_nor_the_programme(
    templates: Templates, occasion: Occasion, language: MessageLanguage
) -> None:
    subject = rendered(templates, occasion, language).subject
    assert "Kim" not in subject
    assert "Følgesvenn" not in subject
    assert 0 < len(subject) < 50


@pytest.mark.parametrize("occasion", OCCASIONS)
def test_a_message_says_the_same_in_every_language(occasion: Occasion) -> None:
    asked = {
        language: Template((TEMPLATES / occasion / f"{language}.txt").read_text("utf-8")).get_identifiers()
        for language in LANGUAGES
    }
    assert {language: sorted(values) for language, values in asked.items()} == {
        language: sorted(asked["nb"]) for language in LANGUAGES
    }


@pytest.mark.parametrize(("occasion", "language"), EVERY)
def test_every_value_is_filled_in(templates: Templates, occasion: Occasion, language: MessageLanguage) -> None:
    words = rendered(templates, occasion, language)
    assert "$" not in words.text
    assert words.html.count("<p>") == len(words.text.strip().split("\n\n"))


def test_every_value_is_used_by_some_message() -> None:
    texts = [path.read_text("utf-8") for path in TEMPLATES.glob("*/*.txt")]
    assert {name for text in texts for name in Template(text).get_identifiers()} == VALUES


def test_there_are_no_words_that_nobody_sends() -> None:
    found = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.is_file())
    every = [*EVERY, *((DISGUISE, language) for language in LANGUAGES)]
    assert found == sorted(f"{template}/{language}.txt" for template, language in every)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_disguised_message_says_no_more_than_that_it_is_there(
    templates: Templates, language: MessageLanguage
) -> None:
    words = templates.disguised(language)
    assert "$" not in f"{words.subject}{words.text}{words.html}"
    assert (LAW.search(words.text), len(words.text.strip()) < 70) == (None, True)
    telling = ("venn", "friend", "ven ", "frivillig", "volunt", "program", "møte", "meet", "kobling", "pairing")
    assert [word for word in (*telling, *FORBIDDEN) if word in f"{words.subject} {words.text}".lower()] == []


@pytest.mark.parametrize(
    ("until", "day"),
    [
        (datetime(2020, 3, 14, 23, tzinfo=UTC), "14. mars 2020"),
        (datetime(2020, 3, 14, 23, 1, tzinfo=UTC), "15. mars 2020"),
    ],
)
def test_a_deadline_at_midnight_is_the_day_that_ends(until: datetime, day: str) -> None:
    assert values_of(Details(until=until), language="nb", zone="Europe/Oslo")["answer_by"] == day


def test_a_digest_names_only_what_waits(templates: Templates) -> None:
    words = rendered(templates, "digest", "en", Details(counts=Counts(reviews=2)))
    assert "Pairings to look at together: 2" in words.text
    assert ("not well" in words.text, "None" in words.text) == (False, False)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("nb", "søndag 29. mars 2020 kl. 14.30"),
        ("nn", "søndag 29. mars 2020 kl. 14.30"),
        ("da", "søndag 29. marts 2020 kl. 14.30"),
        ("en", "Sunday 29 March 2020 at 14:30"),
    ],
)
def test_an_hour_is_told_in_the_programmes_zone_on_the_day_the_clocks_change(
    language: MessageLanguage, said: str
) -> None:
    assert values_of(DETAILS, language=language, zone="Europe/Oslo")["meets_at"] == said


def test_a_pairing_without_a_last_day_says_nothing_of_one(templates: Templates) -> None:
    words = rendered(templates, "match-made", "en", Details())
    assert "at the latest" not in words.text
    assert "both said yes" in words.text


def test_what_a_person_is_called_cannot_become_markup(templates: Templates) -> None:
    words = templates.render("proposal-dropped", "en", {"name": "<b>Kim</b> $programme", "programme": "P & Q"})
    assert "&lt;b&gt;Kim&lt;/b&gt; $programme" in words.html
    assert "P &amp; Q" in words.html


@pytest.mark.parametrize(
    "text", ["Hei $name!", "Subject: Hei $name\n\nHei!", "Subject: Hei\n\nHei $phone!", "Subject: Hei\n\nTil 100 $!"]
)
def test_a_malformed_template_is_found_at_start(tmp_path: Path, text: str) -> None:
    for occasion, language in EVERY:
        path = tmp_path / occasion / f"{language}.txt"
        path.parent.mkdir(exist_ok=True)
        path.write_text("Subject: Hei\n\nHei $name!")
    (tmp_path / "match-made" / "nn.txt").write_text(text)
    with pytest.raises(BadTemplate, match=r"match-made/nn\.txt"):
        Templates(tmp_path)


def test_a_missing_template_is_found_at_start(tmp_path: Path) -> None:
    with pytest.raises(BadTemplate, match="is missing"):
        Templates(tmp_path)
