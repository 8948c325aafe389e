"""What a page knows while it is drawn: who asks, in which language, and how to ask the service's own operations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.auth import Principal
from chassis.web.api import Api, Refused

Typed = Mapping[str, list[str]]


def may(principal: Principal, *scopes: str) -> bool:
    """Whether the caller has one of the scopes, everywhere or in some programme; the operation decides of this one."""
    programmes = principal.programmes_for(*scopes)
    return programmes is None or bool(programmes)


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that was refused: the page is drawn again with what was typed, and why not."""

    action: str
    typed: Typed
    refused: Refused


@dataclass(frozen=True, slots=True)
class View:
    """`path` is the page's address on this site with the service's name before it, `query` what stands after it.

    `now` is the platform's clock. `done` names the form that has just been sent with success.
    """

    service: str
    path: str
    query: Mapping[str, str]
    principal: Principal
    language: str
    api: Api
    now: datetime
    done: str | None = None
    tried: Tried | None = None

    def may(self, *scopes: str) -> bool:
        """Whether the caller has one of them, if only in some programme: what they may not do is not offered."""
        return may(self.principal, *scopes)

    def typed(self, action: str, name: str, otherwise: Any = "") -> str:
        """What stood in a field when its form was refused, else `otherwise`."""
        values = self._values(action, name)
        return values[-1] if values else _text(otherwise)

    def chosen(self, action: str, name: str, value: str, otherwise: Any = ()) -> bool:
        """Whether one of several choices was made, or stands there already."""
        if self.tried is not None and self.tried.action == action:
            return value in (self._values(action, name) or [])
        return value in otherwise if isinstance(otherwise, list | tuple) else value == _text(otherwise)

    def is_refused(self, action: str, hidden: Mapping[str, Any]) -> bool:
        """Whether it was this form, among several of one name, told apart by its hidden fields."""
        if self.tried is None or self.tried.action != action:
            return False
        return all(self.tried.typed.get(name) == [_text(value)] for name, value in hidden.items())

    def fault(self, action: str, name: str) -> str | None:
        """What is wrong with a field of the form that was refused."""
        if self.tried is None or self.tried.action != action:
            return None
        return next((fault["detail"] for fault in self.faults if _field_of(fault["field"]) == name), None)

    @property
    def faults(self) -> list[dict[str, Any]]:
        problem = self.tried.refused.problem if self.tried is not None else {}
        found: list[dict[str, Any]] = problem.get("faults") or []
        return found

    def _values(self, action: str, name: str) -> list[str] | None:
        return self.tried.typed.get(name) if self.tried is not None and self.tried.action == action else None


def _field_of(path: str) -> str:
    return path.removeprefix("body.")


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case _:
            return str(value)
