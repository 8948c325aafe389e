"""The issuer's keys: found by discovery, kept through an outage, and never a way to make us flood the issuer."""

from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from joserfc.jwk import OctKey, RSAKey

from chassis.auth import IssuerAway, IssuerKeys, PlainIssuer, TokenVerifier, Unauthenticated
from tests.support.tokens import TokenIssuer


@dataclass
class Watch:
    """Monotonic seconds that pass when the test says so."""

    seconds: float = 1000.0

    def __call__(self) -> float:
        return self.seconds


@dataclass
class House:
    issuer: TokenIssuer
    watch: Watch
    keys: IssuerKeys
    verifier: TokenVerifier


@pytest.fixture
def house() -> House:
    issuer, watch = TokenIssuer(), Watch()
    keys = IssuerKeys(issuer.url, issuer.http(), monotonic=watch)
    return House(issuer, watch, keys, TokenVerifier([(PlainIssuer(issuer=issuer.url), keys)]))


async def test_keys_are_read_once_for_many_tokens(house: House) -> None:
    for _ in range(5):
        await house.verifier.verify(house.issuer.token())
    assert house.issuer.asked_count == 2  # discovery and keys


async def test_keys_once_read_outlive_an_outage_of_the_issuer(house: House) -> None:
    await house.verifier.verify(house.issuer.token())
    house.issuer.is_up = False
    house.watch.seconds += 86400
    assert (await house.verifier.verify(house.issuer.token())).subject == "user-1"
    assert await house.keys.check() is None


async def test_a_new_key_is_found_when_a_token_names_it(house: House) -> None:
    await house.verifier.verify(house.issuer.token())
    house.issuer.add_key("ES256", "ec-2")
    house.watch.seconds += 10
    assert (await house.verifier.verify(house.issuer.token(signed_by="ec-2"))).subject == "user-1"


async def test_invented_key_ids_do_not_flood_the_issuer(house: House) -> None:
    await house.verifier.verify(house.issuer.token())
    for number in range(100):
        with pytest.raises(Unauthenticated):
            await house.verifier.verify(house.issuer.token(header={"kid": f"invented-{number}"}))
    assert house.issuer.asked_count == 2


async def test_a_key_the_issuer_took_back_is_forgotten_within_the_hour(house: House) -> None:
    await house.verifier.verify(house.issuer.token())
    token = house.issuer.token()
    house.issuer.keys["rsa-1"] = RSAKey.generate_key(2048)
    house.watch.seconds += 3601
    with pytest.raises(Unauthenticated):
        await house.verifier.verify(token)


async def test_an_issuer_that_never_answered_is_no_fault_of_the_token(house: House) -> None:
    house.issuer.is_up = False
    with pytest.raises(IssuerAway):
        await house.verifier.verify(house.issuer.token())
    assert await house.keys.check() == "no_keys_read"
    house.issuer.is_up = True
    house.watch.seconds += 1
    assert (await house.verifier.verify(house.issuer.token())).subject == "user-1"


def answering(*, discovery: Any = None, keys: Any = None, status: int = 200) -> IssuerKeys:
    issuer = TokenIssuer()

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/jwks":
            return httpx.Response(200, json=keys if keys is not None else issuer.jwks())
        return httpx.Response(
            status,
            headers={"Location": "https://forger.test"},
            json=discovery or {"issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks"},
        )

    return IssuerKeys(issuer.url, httpx.AsyncClient(transport=httpx.MockTransport(answer)))


SECRET = OctKey.generate_key(256).as_dict()
WEAK = {"n": "AKXtcDsF3d4vDeN4RgVAs-DzJk4CFAKEFAKE", "e": "AQAB"}


@pytest.mark.parametrize(
    "keys",
    [
        answering(discovery={"issuer": "https://forger.test", "jwks_uri": "https://issuer.test/jwks"}),
        answering(discovery={"issuer": "https://issuer.test", "jwks_uri": "http://issuer.test/jwks"}),
        answering(discovery={"issuer": "https://issuer.test"}),
        answering(discovery=["no object"]),
        answering(status=302),
        answering(status=500),
        answering(keys={"keys": []}),
        answering(keys={"keys": "none"}),
        answering(keys={"keys": [{**SECRET, "kid": "shared-secret"}]}),
        answering(keys={"keys": [{**WEAK, "kty": "RSA", "kid": "weak"}]}),
        answering(keys={"keys": [{**RSAKey.generate_key(2048).as_dict(private=False), "kid": "e", "use": "enc"}]}),
        answering(keys={"keys": [RSAKey.generate_key(2048).as_dict(private=False), 7, {"kid": "k"}]}),
        answering(keys={"keys": [], "padding": "x" * 300_000}),
    ],
)
async def test_a_document_that_cannot_be_trusted_gives_no_keys(keys: IssuerKeys) -> None:
    assert await keys.check() == "no_keys_read"
