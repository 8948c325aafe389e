"""A programme's own words on a page, and the choices that come from its policy."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from babel import Locale

from chassis.web import View

Programme = Mapping[str, Any]
"""A programme as its operation shows it: `programme`, `status`, `is_paused`, `policy`, …"""

# Languages people here speak, beside those the pages are in (ISO 639); every other one is written by its code.
_SPOKEN = (
    *("nb", "nn", "da", "sv", "fi", "se", "en", "de", "fr", "es", "pt", "pl", "lt", "lv", "et", "ru", "uk", "ro"),
    *("bg", "sq", "bs", "hr", "sr", "tr", "ku", "ar", "fa", "ps", "ur", "hi", "pa", "ta", "so", "ti", "am"),
    *("om", "sw", "rn", "rw", "ln", "th", "tl", "vi", "zh"),
)


async def programmes_of(view: View) -> dict[str, Programme]:
    """All of the tenant by code; none for who may not read programmes."""
    found = await view.api.get_or_none("/v1/programmes", limit=200)
    return {one["programme"]: one for one in found["items"]} if found else {}


def titles(programmes: Mapping[str, Programme], language: str) -> dict[str, str]:
    """What each is called in that language, in another one of its own, or by its code."""
    return {code: title(programme, language) for code, programme in programmes.items()}


def title(programme: Programme, language: str) -> str:
    said: Mapping[str, str] = programme["policy"].get("title") or {}
    return said.get(language) or next(iter(said.values()), str(programme["programme"]))


def open_programmes(programmes: Mapping[str, Programme]) -> dict[str, Programme]:
    return {code: one for code, one in programmes.items() if one["status"] != "closed"}


def to_be_asked(
    programmes: Mapping[str, Programme], theirs: Iterable[Mapping[str, Any]], given: Iterable[Mapping[str, Any]]
) -> list[dict[str, str]]:
    """What somebody can say yes to, and has not: to let partners of the programmes they are in see something (S4.11).

    `theirs` are their requests and offers to help, `given` what they said yes to.
    """
    said = {(one["purpose"], one["controller"]) for one in given}
    codes = sorted({one["programme"] for one in theirs} & open_programmes(programmes).keys())
    asked = [
        (partner["sees"], partner["organisation"])
        for code in codes
        for partner in programmes[code]["policy"]["partners"]
        if partner["sees"]
    ]
    return [{"purpose": what, "controller": who} for what, who in dict.fromkeys(asked) if (what, who) not in said]


def language_choices(language: str) -> list[tuple[str, str]]:
    """(code, name) by name, as people who read `language` say it."""
    names = Locale.parse(language).languages
    named = [(code, str(names.get(code, code))) for code in _SPOKEN]
    return sorted(((code, name[:1].upper() + name[1:]) for code, name in named), key=lambda one: one[1])


def language_name(code: str, language: str) -> str:
    return str(Locale.parse(language).languages.get(code, code))


def spoken(skills: Sequence[Mapping[str, str]], language: str) -> list[tuple[str, str]]:
    """(name, level) of each."""
    return [(language_name(skill["code"], language), skill["level"]) for skill in skills]
