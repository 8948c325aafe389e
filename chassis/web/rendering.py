"""From a page's template to HTML: everything is escaped, nothing may be missing, dates and numbers by language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any
from uuid import uuid4

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from chassis.http.sentences import Sentences
from chassis.web.forms import ZONE
from chassis.web.static import Static
from chassis.web.words import Words

TEMPLATES = Path(__file__).parent / "templates"


class Renderer:
    """Templates of the service's folders, then of the chassis: `layout.html`, `forms.html`."""

    def __init__(
        self,
        folders: Sequence[Path],
        words: Words,
        sentences: Sentences,
        *,
        static: Static,
        everywhere: Mapping[str, Any],
    ) -> None:
        self._words = words
        self._sentences = sentences
        loaders = [FileSystemLoader(folder) for folder in (*folders, TEMPLATES)]
        self._environment = Environment(
            loader=ChoiceLoader(loaders),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(everywhere, new_key=lambda: uuid4().hex, static=static.path)

    def draw(self, template: str, language: str, shown: Mapping[str, Any]) -> str:
        """The HTML. `t(key, **values)` says a text of words.yaml, `code(word)` what a code of an operation means.

        `choices(codes, "status.")` are (code, text) for a form: texts under that prefix, without one what `code` says.
        """
        say, code = partial(self._say, language), self._code(language)

        def choices(codes: Iterable[str], prefix: str = "") -> list[tuple[str, str]]:
            return [(each, say(f"{prefix}{each}") if prefix else code(each)) for each in codes]

        words = {"language": language, "t": say, "code": code, "choices": choices}
        return self._environment.get_template(template).render({**shown, **words, **_formats(language)})

    def say(self, key: str, language: str, **values: Any) -> str:
        return self._words.say(key, language, values)

    def knows(self, key: str) -> bool:
        return key in self._words.texts

    def _say(self, language: str, key: str, /, **values: Any) -> str:
        return self._words.say(key, language, values)

    def _code(self, language: str) -> Callable[[str], str]:
        """Words of the site first, under `code.<word>`; then those of the operations' answers."""

        def said(word: Any) -> str:
            key = f"code.{word}"
            return self.say(key, language) if self.knows(key) else self._sentences.code(str(word), language)

        return said


def _formats(language: str) -> dict[str, Callable[..., str]]:
    """Each takes what an operation answers: an instant or a date as text, a number, or None, which reads as a dash."""
    locale = {"nb": "nb_NO", "nn": "nn_NO", "da": "da_DK", "en": "en_GB"}[language]

    def on_day(value: Any, form: str = "long") -> str:
        return "–" if value is None else format_date(_instant(value), form, locale=locale)

    def at_time(value: Any) -> str:
        return "–" if value is None else format_datetime(_instant(value), _CLOCK, locale=locale)

    def at(value: Any, form: str = "medium") -> str:
        return "–" if value is None else format_datetime(_instant(value), f"{_DAY[form]} {_CLOCK}", locale=locale)

    def number(value: Any) -> str:
        return "–" if value is None else format_decimal(value, locale=locale)

    def percent(value: Any) -> str:
        return "–" if value is None else format_percent(Decimal(str(value)), locale=locale)

    return {"on_day": on_day, "at_time": at_time, "at": at, "number": number, "percent": percent}


_DAY = {"medium": "d MMM y", "short": "d MMM"}
_CLOCK = "HH:mm"


def _instant(value: Any) -> datetime | date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    return value.astimezone(ZONE) if isinstance(value, datetime) else value
