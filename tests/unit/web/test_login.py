"""The site logs nobody in at an issuer whose own document cannot be trusted."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from chassis.auth import IssuerAway
from chassis.web.login import OpenIdClient

ISSUER = "https://login.example"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "end_session_endpoint": f"{ISSUER}/logout",
}


def client(document: Any, *, status: int = 200) -> OpenIdClient:
    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(status, json=document, headers={"location": "https://elsewhere.example"})

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer), follow_redirects=True)
    return OpenIdClient(ISSUER, "kobling", None, "https://kobling.example/back", http)


async def test_who_logs_in_goes_where_the_issuer_says_with_a_proof_that_only_we_can_finish() -> None:
    begun = await client(DOCUMENT).begin(language="nn")
    asked = parse_qs(urlsplit(begun.address).query)
    assert begun.address.startswith(f"{ISSUER}/authorize?")
    assert (asked["code_challenge_method"], asked["state"], asked["ui_locales"]) == (["S256"], [begun.state], ["nn"])
    assert begun.verifier not in begun.address


@pytest.mark.parametrize(
    "document",
    [
        DOCUMENT | {"issuer": "https://elsewhere.example"},
        DOCUMENT | {"authorization_endpoint": "http://login.example/authorize"},
        DOCUMENT | {"authorization_endpoint": "javascript:alert(1)"},
        DOCUMENT | {"authorization_endpoint": "/authorize"},
        DOCUMENT | {"authorization_endpoint": None},
        DOCUMENT | {"padding": "x" * 300_000},
        [],
    ],
    ids=["another-issuer", "in-clear", "script", "relative", "none", "huge", "no-object"],
)
async def test_nobody_is_sent_to_an_address_that_cannot_be_trusted(document: Any) -> None:
    with pytest.raises(IssuerAway):
        await client(document).begin(language="nb")


@pytest.mark.parametrize("status", [302, 404, 503])
async def test_an_issuer_that_does_not_answer_is_away(status: int) -> None:
    with pytest.raises(IssuerAway):
        await client(DOCUMENT, status=status).begin(language="nb")


async def test_a_code_is_shown_to_no_address_in_clear() -> None:
    with pytest.raises(IssuerAway):
        await client(DOCUMENT | {"token_endpoint": "http://login.example/token"}).exchange("code", "verifier")


async def test_who_logs_out_where_the_issuer_has_no_end_stays_here() -> None:
    without = {name: value for name, value in DOCUMENT.items() if name != "end_session_endpoint"}
    assert await client(DOCUMENT).end() == f"{ISSUER}/logout"
    assert await client(without).end() is None
