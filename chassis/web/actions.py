"""From a form that was sent to the operation it is for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from pydantic import TypeAdapter

from chassis.http.commands import IDEMPOTENCY_KEY_PATTERN
from chassis.http.routes import routes_of
from chassis.web.forms import body_of
from chassis.web.pages import Action
from contracts.base import JsonObject

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_PLACE = re.compile(r"\{([a-z_]+)\}")
_VERSION = re.compile(r"[1-9][0-9]{0,14}")

KEY, VERSION = "_key", "_version"
"""Fields of every form: done once for its key; decided on this version, where the page says so."""


@dataclass(frozen=True, slots=True)
class Order:
    method: str
    path: str
    body: JsonObject | None
    key: str
    version: str | None


class Operations:
    """The service's operations by method and address, with what they read."""

    def __init__(self, app: FastAPI) -> None:
        self._schemas: dict[tuple[str, str], JsonObject | None] = {}
        for route in routes_of(app):
            field = getattr(route.original_route, "body_field", None)
            schema = None if field is None else _schema_of(field.field_info.annotation)
            self._schemas |= {(method, str(route.path)): schema for method in route.methods or ()}

    def find(self, action: Action) -> JsonObject | None:
        """The schema of the operation's body, None when it takes none. Raises ValueError when it is not there."""
        if (action.method, action.to) not in self._schemas:
            raise ValueError(f"the form {action.name!r} is for {action.method} {action.to}, which is not there")
        return self._schemas[action.method, action.to]

    def order(self, action: Action, ids: Mapping[str, str], fields: Mapping[str, list[str]]) -> Order:
        """Raises ValueError for a form that no page of ours would send."""
        left = dict(fields)
        key = left.pop(KEY, [uuid4().hex])[-1]
        version = left.pop(VERSION, [None])[-1]
        places = {name: ids.get(name) or left.pop(name, [""])[-1] for name in _PLACE.findall(action.to)}
        if not all(is_id(place) for place in places.values()) or not re.fullmatch(IDEMPOTENCY_KEY_PATTERN, key):
            raise ValueError(action.name)
        if version is not None and not _VERSION.fullmatch(version):
            raise ValueError(VERSION)
        schema = self.find(action)
        body = None if schema is None else body_of(left, schema)
        return Order(action.method, action.to.format_map(places), body, key, version)


def is_id(value: str) -> bool:
    """Whether it can stand in an address without changing where it leads."""
    return _ID.fullmatch(value) is not None


def _schema_of(annotation: Any) -> JsonObject:
    schema: JsonObject = TypeAdapter(annotation).json_schema(mode="validation")
    return schema
