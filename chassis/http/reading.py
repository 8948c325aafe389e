"""Queries: pages of a list, and waiting for what the caller has just changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Header, Query, Request
from pydantic import BaseModel, Field, JsonValue

from chassis.http.refusals import Malformed
from chassis.http.routes import principal_in
from chassis.http.state import state_of
from chassis.position import Position

Item = TypeVar("Item")

_MAX_CURSOR_LENGTH = 2000
_POSITION_PATTERN = r"^[a-z0-9-]{1,64}/[A-Za-z0-9_-]{1,128}/[A-Za-z0-9_-]{1,128}@[1-9][0-9]{0,14}$"


class Page(BaseModel, Generic[Item]):
    """A part of a list. `next` is the cursor of the part after it, null at the end."""

    items: list[Item]
    next: str | None = Field(description="Send it as `cursor` with the same query; opaque")


@dataclass(frozen=True, slots=True)
class Paging:
    """`after` is what the last page ended with, None on the first; `limit` how many items are wished."""

    after: JsonValue
    limit: int
    _request: Request

    def page(self, items: Sequence[Item], *, next_after: JsonValue = None) -> Page[Item]:
        """The page with these items; `next_after`, the sort key of the last one, unless the list ends here."""
        cursor = None
        if next_after is not None:
            tenant = principal_in(self._request).tenant
            cursor = state_of(self._request).cursors.encode(tenant, _query_of(self._request), next_after)
        return Page(items=list(items), next=cursor)


async def _paging(
    request: Request,
    limit: Annotated[int, Query(ge=1, le=200, description="How many items at most")] = 50,
    cursor: Annotated[
        str | None,
        Query(
            pattern=r"^[A-Za-z0-9_-]+$", max_length=_MAX_CURSOR_LENGTH, description="`next` of the page before this one"
        ),
    ] = None,
) -> Paging:
    after = None
    if cursor is not None:
        after = state_of(request).cursors.decode(principal_in(request).tenant, _query_of(request), cursor)
    return Paging(after, limit, request)


def paged() -> Any:
    """`paging: Annotated[Paging, paged()]` on a route with a caller."""
    return Depends(_paging)


def _query_of(request: Request) -> str:
    """What a cursor is bound to: the list's address and its conditions, not how many are shown at a time."""
    conditions = sorted(pair for pair in request.query_params.multi_items() if pair[0] not in ("cursor", "limit"))
    return f"{request.url.path}?{urlencode(conditions)}"


async def _min_position(
    request: Request,
    at_least: Annotated[
        str | None,
        Header(
            alias="X-Min-Position",
            pattern=_POSITION_PATTERN,
            description="X-Position of an earlier answer: wait until the list has it, 503 when that takes too long",
        ),
    ] = None,
) -> Position | None:
    if at_least is None:
        return None
    try:
        position = Position.parse(at_least)
    except ValueError:
        raise Malformed("header.X-Min-Position") from None
    if position.stream.tenant != principal_in(request).tenant:
        raise Malformed("header.X-Min-Position")
    return position


MinPositionHeader = Annotated[Position | None, Depends(_min_position)]
"""`at_least: MinPositionHeader` on a route with a caller: read your own writes."""
