"""The local issuer plays Maskinporten: RFC 7523 assertions in, tokens out that the services believe of a system."""

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from chassis.auth import IssuerKeys, TokenVerifier, TrustedIssuer
from tests.local.test_issuer import ISSUER, reach

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
KEY = ECKey.generate_key("P-256")
ENTRY = TrustedIssuer(
    name="maskinporten",
    issuer=ISSUER,
    audience="kobling",
    kind="system",
    tenant_from="consumer",
    tenants={"0192:999888777": "fjordby"},
    subject_from="client_id",
    scope_prefix="kobling:",
    scopes=("referrals:write",),
    max_lifetime_seconds=120,
)


@pytest.fixture
async def http(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """With one system registered: its public key, and the organisation it is of."""
    async with reach(tmp_path) as found:
        system = {"tenant": "fjordby", "scopes": ["referrals:write"], "organisation": "0192:999888777"}
        body = {**system, "key": KEY.as_dict(private=False)}
        assert (await found.put(f"{ISSUER}/accounts/case-system", json=body)).status_code == 204
        yield found


def assertion(key: ECKey = KEY, **changes: Any) -> str:
    now = int(time.time())
    claims = {"iss": "case-system", "aud": ISSUER, "iat": now, "exp": now + 100, "jti": uuid4().hex}
    return jwt.encode({"alg": "ES256"}, {**claims, "scope": "kobling:referrals:write", **changes}, key)


async def ask(http: httpx.AsyncClient, text: str) -> httpx.Response:
    return await http.post(f"{ISSUER}/token", data={"grant_type": GRANT, "assertion": text})


async def test_a_system_signs_who_it_is_and_the_services_know_its_tenant(http: httpx.AsyncClient) -> None:
    token = (await ask(http, assertion())).json()["access_token"]
    who = await TokenVerifier([(ENTRY, IssuerKeys(ISSUER, http))]).verify(token)

    assert (who.tenant, who.subject, who.scopes) == ("fjordby", "case-system", frozenset({"referrals:write"}))


async def test_an_assertion_is_good_once(http: httpx.AsyncClient) -> None:
    once = assertion()

    assert [(await ask(http, once)).status_code for _ in range(2)] == [200, 400]


REFUSED = {
    "another key": lambda: assertion(ECKey.generate_key("P-256")),
    "somebody else's audience": lambda: assertion(aud="https://elsewhere.test"),
    "a life of three minutes": lambda: assertion(exp=int(time.time()) + 180),
    "one that is over": lambda: assertion(iat=int(time.time()) - 90, exp=int(time.time()) - 1),
    "one without an id of its own": lambda: assertion(jti=""),
    "a scope it may not have": lambda: assertion(scope="kobling:people:read"),
    "a system nobody registered": lambda: assertion(iss="nobody"),
    "no assertion": lambda: "a.b.c",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
async def test_an_assertion_that_is_not_right_gives_no_token(http: httpx.AsyncClient, text: Any) -> None:
    answer = await ask(http, text())

    assert (answer.status_code, "access_token" in answer.json()) == (400, False)
