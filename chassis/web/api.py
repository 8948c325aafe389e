"""The service's own operations, called in process: a page can do and see just what its caller can over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from contracts.base import JsonObject

Query = Mapping[str, str | int | bool | None]

NO_PROBLEM: JsonObject = dict.fromkeys(("title", "detail", "faults", "options", "missing"))
"""A problem document that says nothing: templates may ask for each of these."""

_NOT_YET = "not_yet_visible"


class Refused(Exception):
    """The operation said no: `problem` is its document (chassis.http.problems.Problem)."""

    def __init__(self, status: int, problem: JsonObject) -> None:
        super().__init__(str(problem.get("rule", status)))
        self.status, self.problem = status, problem

    @property
    def rule(self) -> str:
        return str(self.problem.get("rule", ""))


@dataclass(frozen=True, slots=True)
class Done:
    """A command's answer. `position` is what to wait for to see it, `version` its ETag."""

    body: Any
    position: str | None


@dataclass(frozen=True, slots=True)
class Api:
    """Calls as one caller, in one language, under one correlation id. Each raises Refused.

    `at_least` is the position of what the caller has just changed: every query waits for it.
    """

    http: httpx.AsyncClient
    headers: Mapping[str, str]
    at_least: str | None = None

    async def get(self, path: str, **query: str | int | bool | None) -> Any:
        """The JSON of an answer; a query parameter that is None is left out."""
        if self.at_least is None:
            return (await self._ask("GET", path, query=query)).json()
        try:
            return (await self._ask("GET", path, query=query, more={"X-Min-Position": self.at_least})).json()
        except Refused as refused:
            if refused.rule != _NOT_YET:
                raise
            return (await self._ask("GET", path, query=query)).json()

    async def get_or_none(self, path: str, **query: str | int | bool | None) -> Any:
        """None where there is nothing, or nothing for this caller."""
        try:
            return await self.get(path, **query)
        except Refused as refused:
            if refused.status not in (403, 404):
                raise
            return None

    async def items(self, path: str, **query: str | int | bool | None) -> list[Any]:
        """The first page of a list, at most 200."""
        found: list[Any] = (await self.get(path, limit=200, **query))["items"]
        return found

    async def file(self, path: str, query: Query) -> tuple[bytes, str]:
        """The bytes of an answer, and what they are."""
        response = await self._ask("GET", path, query=query)
        return response.content, response.headers["Content-Type"]

    async def send(
        self, method: str, path: str, body: JsonObject | None, *, key: str, version: str | None = None
    ) -> Done:
        """A command, done once for its `key` however often it is sent; `version` is the one it was decided on."""
        more = {"Idempotency-Key": key, **({"If-Match": f'"{version}"'} if version else {})}
        response = await self._ask(method, path, body=body, more=more)
        return Done(response.json() if response.content else None, response.headers.get("X-Position"))

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: JsonObject | None = None,
        more: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        asked = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        headers = {**self.headers, **(more or {})}
        response = await self.http.request(method, path, params=asked, json=body, headers=headers)
        if response.status_code >= 400:
            raise Refused(response.status_code, _problem(response))
        return response


def _text(value: str | int | bool | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _problem(response: httpx.Response) -> JsonObject:
    try:
        found = response.json()
    except ValueError:
        found = None
    return {**NO_PROBLEM, **found} if isinstance(found, dict) else NO_PROBLEM
