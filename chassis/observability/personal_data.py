"""The guard at the end of the log: it knows which keys and values may be about a person and keeps them out."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any
from uuid import UUID

from structlog.typing import EventDict, WrappedLogger

# A key is kept out when it, or a word of it, is one of these: `contact_email` as well as `email`.
_WORDS = {
    "address",
    "birth",
    "birthdate",
    "body",
    "cpr",
    "email",
    "fnr",
    "mail",
    "mobile",
    "password",
    "phone",
    "secret",
    "ssn",
    "text",
    "token",
    "wishes",
}
_KEYS = {"authorization", "cookie", "family_name", "first_name", "full_name", "given_name", "last_name", "name", "what"}
_EMAIL = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[A-Za-z]{2,}")
_OURS = {"exception"}  # made by logs.py, hushed there; its frames name functions, not people
_MAX_LETTERS = 2000
_MAX_DEPTH = 6


def without_personal_data(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    """A structlog processor. `kept_out` names the keys that were dropped, so that nobody wonders."""
    kept_out = sorted(key for key in event if _is_personal(key))
    cleaned = {key: value if key in _OURS else _clean(value, 0) for key, value in event.items() if key not in kept_out}
    if kept_out:
        cleaned["kept_out"] = kept_out
    return cleaned


def _is_personal(key: str) -> bool:
    lowered = key.lower()
    return lowered in _KEYS or not _WORDS.isdisjoint(re.split(r"[^a-z]+", lowered))


def _clean(value: Any, depth: int) -> Any:
    """Plain values pass, e-mail addresses in them do not; an object (a Sealed, an event, a command) gives its type."""
    match value:
        case Enum():
            return _clean(value.value, depth)
        case None | bool() | int() | float() | UUID() | date():
            return value
        case str():
            return _EMAIL.sub("[e-mail]", value[:_MAX_LETTERS])
        case Mapping() if depth < _MAX_DEPTH:
            return {str(key): _clean(item, depth + 1) for key, item in value.items() if not _is_personal(str(key))}
        case Sequence() | set() | frozenset() if depth < _MAX_DEPTH and not isinstance(value, bytes | bytearray):
            return [_clean(item, depth + 1) for item in value]
        case _:
            return f"<{type(value).__name__}>"
