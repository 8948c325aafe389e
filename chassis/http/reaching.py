"""How far a caller reaches: what roles open to them, and, where a role is for one programme, whether this is in it.

A service says for the names in its addresses, queries and bodies where the things of those names belong (`Belongings`).
What it says nothing of is open to rights in the whole tenant only: forgetting a name refuses, it never shows.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from typing import Any

from fastapi import Request
from pydantic_core import from_json

from chassis.auth import Principal, Whereabouts
from chassis.http.refusals import ScopeMissing
from chassis.refusal import NotFound

Belongs = Callable[[str, str], Awaitable[Whereabouts | None]]
"""Tenant and id → where that thing belongs; None: there is no such thing."""

_ANYWHERE = Whereabouts(is_anywhere=True)

Belongings = Mapping[str, Belongs]
"""By the name of a parameter in an address or a query, or of a field at the top of a body."""


async def reaching(
    request: Request, principal: Principal, belongings: Belongings, *, scopes: tuple[str, ...], is_list: bool
) -> tuple[Principal, frozenset[str] | None]:
    """The caller as they are for what is asked, and the programmes to which its lists are narrowed (None: to none).

    Raises ScopeMissing, or NotFound where the caller has one of the scopes for other things than this one.
    """
    if not any(grant.is_narrow for grant in principal.grants):
        return _allowed(principal, scopes), None
    named = [pair async for pair in _named(request, belongings)]
    if named:
        asked = [belongings[name](principal.tenant, value) for name, value in named]
        where = await asyncio.gather(*asked)
        known = [one for one in where if one is not None]
        return _allowed(principal.within(*known) if len(known) == len(where) else principal, scopes), None
    programmes = principal.programmes_for(*scopes)
    if is_list and programmes:
        return principal.within(_ANYWHERE), programmes
    if principal.scopes.isdisjoint(scopes):
        raise ScopeMissing(scopes)
    return principal, None


def _allowed(principal: Principal, scopes: tuple[str, ...]) -> Principal:
    if not principal.scopes.isdisjoint(scopes):
        return principal
    if any(not grant.scopes.isdisjoint(scopes) for grant in principal.grants):
        raise NotFound()
    raise ScopeMissing(scopes)


async def _named(request: Request, belongings: Belongings) -> AsyncIterator[tuple[str, str]]:
    path = request.path_params
    for name, value in _texts(path):
        if name in belongings:
            yield name, value
    for names in (request.query_params, await _body(request)):
        for name, value in _texts(names):
            if name in belongings and name not in path:
                yield name, value


def _texts(names: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in names.items() if isinstance(value, str))


async def _body(request: Request) -> Mapping[str, Any]:
    """What cannot be read names nothing; its route says what is wrong with it, to whoever may call it."""
    try:
        found = from_json(await request.body() or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
