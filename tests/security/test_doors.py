"""No door without a rule: no token, a token for something else and a forged one are refused before all else."""

import httpx
import pytest

from tests.security.doors import Door, all_scopes, client_of, closed_doors, doors
from tests.support.forged_tokens import FORGED, Forge, issuer

CLOSED = closed_doors()
PROBLEM = {"type", "title", "status", "rule", "detail"}
EXAMPLES = {door.service: door for door in CLOSED if "{" in door.path}


def test_only_health_stands_open() -> None:
    assert sorted({door.path for door in doors() if not door.scopes}) == ["/livez", "/readyz"]
    assert len(CLOSED) > 130  # the walk found the tables


@pytest.mark.parametrize("door", CLOSED, ids=str)
async def test_without_a_token_every_door_gives_the_same_answer(door: Door) -> None:
    async with client_of(door.service) as client:
        asked = await client.request(door.method, door.address(), content=b"{")

    assert (asked.status_code, asked.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert asked.headers["Content-Type"] == "application/problem+json"
    assert asked.json() == {
        "type": "urn:kobling:problem:unauthenticated",
        "title": "Not logged in",
        "status": 401,
        "rule": "unauthenticated",
        "detail": "Log in, or send a valid access token.",
    }


@pytest.mark.parametrize("door", CLOSED, ids=str)
async def test_all_scopes_but_its_own_do_not_open_a_door(door: Door) -> None:
    """Nor do they show whether there is such a thing, or what a body should look like."""
    others = sorted(all_scopes() - set(door.scopes))
    async with client_of(door.service) as client:
        headers = issuer.bearer(scopes=others, person="p-1")
        asked = await client.request(door.method, door.address(), content=b"{", headers=headers)

    assert (asked.status_code, asked.json()["rule"], asked.json().keys()) == (
        403,
        "scope_missing",
        PROBLEM | {"missing"},
    )


@pytest.mark.parametrize("door", EXAMPLES.values(), ids=str)
async def test_every_forged_token_is_answered_as_none(door: Door) -> None:
    """The same bytes as without a token: no trace, no hint of what was wrong."""
    async with client_of(door.service) as client:
        none = await client.request(door.method, door.address())
        answers = {name: await _with(client, door, forge) for name, forge in FORGED.items()}

    assert none.status_code == 401
    assert [name for name, found in answers.items() if found.status_code != 401 or found.content != none.content] == []
    assert {found.headers["WWW-Authenticate"] for found in answers.values()} == {"Bearer"}


async def _with(client: httpx.AsyncClient, door: Door, forge: Forge) -> httpx.Response:
    header = b"Bearer " + forge().encode(errors="surrogatepass")
    return await client.request(door.method, door.address(), headers={b"Authorization": header})


def test_the_corpus_is_as_large_as_was_promised() -> None:
    assert len(FORGED) >= 90


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD"])
@pytest.mark.parametrize("door", EXAMPLES.values(), ids=str)
async def test_another_method_is_no_way_around(door: Door, method: str) -> None:
    async with client_of(door.service) as client:
        asked = await client.request(method, door.address())

    assert asked.status_code in (401, 405)
