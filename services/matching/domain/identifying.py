"""What in a text would tell who asks: numbers to call, addresses to write or go to, names (S1.14).

Pure, and on the side of caution: whoever writes can say it in other words. It answers with kinds, never with what it
found, so that nothing of it is repeated in an answer or a log.
"""

import re
import unicodedata
from collections.abc import Iterable

# A handful of digits with anything short between them, also small words ("22 33 og 44 55"). Whoever writes
# "2 hylder, 120 cm, 3 timer" has units between the numbers, and amounts have fewer digits.
_BETWEEN = r"(?:[\s.,:/()\\_+\u2010-\u2015-]|\b(?:og|and|så|then)\b){0,5}"
_NUMBER = re.compile(rf"(?<!\d)\+?\d(?:{_BETWEEN}\d){{7,14}}(?!\d)", re.IGNORECASE)
_CALLING = re.compile(
    r"\b(?:tlf|tel|telefon|mobil|mob|phone|ring|ringe|sms|nummer|nr)\b[^\d\n]{0,20}\+?\d(?:[\s.-]?\d){4,}",
    re.IGNORECASE,
)
_EMAIL = re.compile(
    r"[\w.+-]+\s*(?:@|[(\[]\s*(?:at|a|alfakrøll|snabel-?a)\s*[)\]]|\bsnabel-?a\b|\balfakrøll\b)\s*[\w-]+", re.IGNORECASE
)
_WEB = re.compile(
    r"\b(?:https?://|www\.)\S+|\b[\w-]+\.(?:dk|no|com|org|net|eu|se|info|me|nu)\b|\bfacebook\b|\binstagram\b|(?<!\w)@\w{2,}",
    re.IGNORECASE,
)
_ROADS = (
    r"vej|vejen|gade|gaden|allé|alle|alléen|stræde|strædet|plads|pladsen|torv|torvet|vænge|vænget|parken|bakken|toften|"
    r"haven|have|lunden|engen|marken|gate|gata|gaten|vei|veien|veg|vegen|allé|plass|plassen|stien|sti|svingen|åsen|"
    r"street|road|avenue|lane"
)
# A word for a road is also a word for what is done there: "i haven 3 timer" is no address.
_AMOUNT = r"(?!\s*(?:timer?|min\w*|cm|m|m2|mm|meter|kr|kg|gange|ganger|dager?|uger?|uker?|stk|person\w*|stykker)\b)"
_STREET = re.compile(rf"\b\w*(?:{_ROADS})\.?\s+(?:nr\.?\s*)?\d{{1,3}}(?!\d){_AMOUNT}\s?(?:[a-zæøå]\b)?", re.IGNORECASE)
_TOWN = re.compile(r"\b(?:DK-?|N-?|NO-?)?\d{4}\s+[A-ZÆØÅ][a-zæøåé]{2,}", re.UNICODE)
_NATIONAL = re.compile(r"(?<!\d)(?:0[1-9]|[12]\d|3[01]|[4-7]\d)(?:0[1-9]|1[0-2]|[4-9]\d)\d{2}[\s.-]?\d{4,5}(?!\d)")
_WORD = re.compile(r"\w+", re.UNICODE)
_SHORTEST_NAME = 2


def identifying(text: str, names: Iterable[str] = ()) -> tuple[str, ...]:
    """The kinds of what identifies, in a fixed order; () when the text may be shown. `names` are the asker's own."""
    plain = _plain(text)
    national = _NATIONAL.search(plain) is not None
    found = {
        "national-number": national,
        "phone": not national and _has_number(plain),
        "email": _EMAIL.search(plain) is not None,
        "web": _WEB.search(_EMAIL.sub(" ", plain)) is not None,
        "address": _STREET.search(plain) is not None or _TOWN.search(plain) is not None,
        "name": bool(_parts(names) & set(_words(plain))),
    }
    return tuple(kind for kind, is_there in found.items() if is_there)


def _has_number(text: str) -> bool:
    return _NUMBER.search(_DATE.sub(" ", text)) is not None or _CALLING.search(text) is not None


# Days and hours are no telephone numbers, however many stand in a row.
_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}-\d{2}-\d{2}|\d{1,2}[:.]\d{2}\s*[-\u2013]\s*\d{1,2}[:.]\d{2})(?!\d)"
)


def _plain(text: str) -> str:
    """Digits of every script and width as ASCII, and no invisible characters between them."""
    folded = unicodedata.normalize("NFKC", text)
    visible = (sign for sign in folded if unicodedata.category(sign) != "Cf")
    return "".join(str(unicodedata.digit(sign)) if sign.isdigit() else sign for sign in visible)


def _words(text: str) -> Iterable[str]:
    return (word.casefold() for word in _WORD.findall(text))


def _parts(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in _words(_plain(name)) if len(word) >= _SHORTEST_NAME}
