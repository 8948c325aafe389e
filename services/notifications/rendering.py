"""The words of a message: a file per template and language, read once, filled with values and checked at start."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from html import escape
from pathlib import Path
from string import Template
from typing import get_args
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from contracts.intake import MessageLanguage
from contracts.notifications import Counts, Details, Occasion

TEMPLATES = Path(__file__).parent / "templates"
LANGUAGES: tuple[MessageLanguage, ...] = get_args(MessageLanguage)
COUNTS = tuple(Counts.model_fields)
VALUES = frozenset({"name", "programme", "answer_by", "meets_at", "ends_on", "until", "number", *COUNTS})
DISGUISE = "disguised"

_SUBJECT = "Subject: "
_DAY = {"nb": "d. MMMM y", "nn": "d. MMMM y", "da": "d. MMMM y", "en": "d MMMM y"}
_HOUR = {"nb": "'kl.' HH.mm", "nn": "'kl.' HH.mm", "da": "'kl.' HH.mm", "en": "'at' HH:mm"}


class BadTemplate(Exception):
    """A template is missing or malformed: the service does not start."""


@dataclass(frozen=True, slots=True)
class Words:
    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class _Text:
    subject: str
    paragraphs: tuple[Template, ...]


class Templates:
    """Every template in every language. A subject holds no value: a locked screen shows no name and no programme."""

    def __init__(self, directory: Path = TEMPLATES) -> None:
        """Raises BadTemplate when a file is missing, has no subject, or asks for a value that nobody gives."""
        self._texts = {
            (template, language): _read(directory / template / f"{language}.txt")
            for template in (*get_args(Occasion), DISGUISE)
            for language in LANGUAGES
        }

    def render(self, template: Occasion, language: MessageLanguage, values: Mapping[str, str | None]) -> Words:
        """The words in that language. A paragraph that needs a value which is not known is left out."""
        text = self._texts[template, language]
        known = {name: value for name, value in values.items() if value is not None}
        paragraphs = [
            paragraph.substitute(known)
            for paragraph in text.paragraphs
            if known.keys() >= set(paragraph.get_identifiers())
        ]
        return Words(text.subject, "\n\n".join(paragraphs) + "\n", _html(language, text.subject, paragraphs))

    def disguised(self, language: MessageLanguage) -> Words:
        """Words that tell whoever reads them no more than that there is a message (S2.9)."""
        text = self._texts[DISGUISE, language]
        paragraphs = [paragraph.template for paragraph in text.paragraphs]
        return Words(text.subject, "\n\n".join(paragraphs) + "\n", _html(language, text.subject, paragraphs, law=False))


def values_of(details: Details, *, language: MessageLanguage, zone: str) -> dict[str, str | None]:
    """Days and hours as they are said in the language, in the programme's time zone (domain.md, rule 7)."""
    counts = (details.counts or Counts()).model_dump()
    return {
        "answer_by": _day(details.answer_by or _last_day(details.until, zone), language),
        "meets_at": _instant(details.meets_at, language, zone),
        "ends_on": _day(details.ends_on, language),
        "until": _instant(details.until, language, zone),
        "number": None if details.number is None else str(details.number),
        **{kind: str(count) if count else None for kind, count in counts.items()},
    }


def _last_day(until: datetime | None, zone: str) -> date | None:
    """The last day on which there is still time: midnight ends the day before it."""
    return None if until is None else (until - timedelta(seconds=1)).astimezone(ZoneInfo(zone)).date()


def _day(day: date | None, language: MessageLanguage) -> str | None:
    return None if day is None else format_date(day, _DAY[language], locale=language)


def _instant(instant: datetime | None, language: MessageLanguage, zone: str) -> str | None:
    if instant is None:
        return None
    local = instant.astimezone(ZoneInfo(zone))
    return format_datetime(local, f"EEEE {_DAY[language]} {_HOUR[language]}", tzinfo=ZoneInfo(zone), locale=language)


def _read(path: Path) -> _Text:
    try:
        heading, *paragraphs = path.read_text(encoding="utf-8").strip().split("\n\n")
    except FileNotFoundError:
        raise BadTemplate(f"{path} is missing") from None
    if not heading.startswith(_SUBJECT) or "$" in heading or "\n" in heading:
        raise BadTemplate(f"{path} does not begin with one line `{_SUBJECT}…` without values")
    templates = tuple(Template(paragraph) for paragraph in paragraphs)
    for template in templates:
        if not template.is_valid() or not VALUES.issuperset(template.get_identifiers()):
            raise BadTemplate(f"{path} asks for something else than {', '.join(sorted(VALUES))}")
    return _Text(heading.removeprefix(_SUBJECT), templates)


def _html(language: MessageLanguage, subject: str, paragraphs: list[str], *, law: bool = True) -> str:
    lines = [f"<p>{escape(paragraph)}</p>\n" for paragraph in paragraphs]
    if law:
        lines[-1] = f"<p><small>{escape(paragraphs[-1])}</small></p>\n"
    body = "".join(lines)
    head = f'<meta charset="utf-8">\n<title>{escape(subject)}</title>'
    return f'<!doctype html>\n<html lang="{language}">\n<head>\n{head}\n</head>\n<body>\n{body}</body>\n</html>\n'
