"""Codes that a library has words for."""

from collections.abc import Callable

from babel import Locale


def language_names(language: str) -> Callable[[str], str]:
    """What a language (ISO 639) is called in the language of the page; the code where it is not known."""
    names = Locale(language).languages
    return lambda code: str(names.get(code, code))
