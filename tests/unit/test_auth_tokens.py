"""A token is what its issuer signed for us, now, or it is nothing; every fault gets the same answer."""

import base64
import hmac
import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import RSAKey

from chassis.auth import MAX_TOKEN_BYTES, Principal, Unauthenticated
from tests.support.tokens import TokenIssuer, encoded, signed, signed_texts

issuer = TokenIssuer()
issuer.add_key("ES256", "ec-1")
issuer.add_key("EdDSA", "ed-1")
verifier = issuer.verifier()

Forge = Callable[[], str]
CLAIMS = {"iss": issuer.url, "aud": "kobling", "sub": "u", "tenant": "t", "scope": ""}


def now() -> int:
    return int(time.time())


@pytest.mark.parametrize("key", ["rsa-1", "ec-1", "ed-1"])
async def test_a_token_of_each_asymmetric_algorithm_names_its_caller(key: str) -> None:
    token = issuer.token(tenant="ringsted", scopes=["people:read", "requests:read"], person="p-1", signed_by=key)
    scopes = frozenset({"people:read", "requests:read"})
    assert await verifier.verify(token) == Principal("ringsted", "user-1", scopes, person_id="p-1")


async def test_a_clock_that_is_off_by_less_than_thirty_seconds_does_not_matter() -> None:
    token = issuer.token(exp=now() - 20, iat=now() + 20, nbf=now() + 20)
    assert (await verifier.verify(token)).subject == "user-1"


async def test_an_audience_may_be_one_of_several_and_the_type_plain_jwt() -> None:
    token = issuer.token(aud=["other", "kobling"], header={"typ": "JWT"})
    assert (await verifier.verify(token)).tenant == "ressursvenn"


async def test_scopes_that_are_no_scopes_of_ours_are_left_out() -> None:
    token = issuer.token(scopes=["openid", "people:read", "people:READ"])
    assert (await verifier.verify(token)).scopes == {"people:read"}


async def test_a_name_is_known_but_never_printed() -> None:
    who = await verifier.verify(issuer.token(name="Invented Name"))
    assert (who.name, "Invented" in repr(who)) == ("Invented Name", False)


def confused_with_hmac() -> str:
    """The public key used as an HMAC secret: the classic confusion of algorithms."""
    key = issuer.keys["rsa-1"]
    assert isinstance(key, RSAKey)
    text = f"{encoded(json.dumps({'alg': 'HS256', 'kid': 'rsa-1', 'typ': 'at+jwt'}).encode())}.{fresh_body()}"
    return f"{text}.{encoded(hmac.digest(key.as_pem(private=False), text.encode(), 'sha256'))}"


def fresh_body(**claims: object) -> str:
    return encoded(json.dumps({**CLAIMS, "iat": now(), "exp": now() + 300, **claims}).encode())


def unsigned(algorithm: str) -> str:
    return f"{encoded(json.dumps({'alg': algorithm, 'kid': 'rsa-1', 'typ': 'at+jwt'}).encode())}.{fresh_body()}."


def own_key_inside() -> str:
    """Signed by a key that the token itself brings along."""
    key = RSAKey.generate_key(2048)
    header = {"alg": "RS256", "kid": "rsa-1", "typ": "at+jwt", "jwk": key.as_dict(private=False)}
    return signed(header, {**CLAIMS, "iat": now(), "exp": now() + 300}, key)


def strangers_key() -> str:
    header = {"alg": "RS256", "kid": "rsa-1", "typ": "at+jwt"}
    return signed(header, {**CLAIMS, "iat": now(), "exp": now() + 300}, RSAKey.generate_key(2048))


def other_body() -> str:
    head, _, signature = issuer.token().split(".")
    return f"{head}.{fresh_body(tenant='somebody-else')}.{signature}"


def padded_signature() -> str:
    return issuer.token(signed_by="ed-1") + "=="


def spare_bits() -> str:
    """The last letter of 64 bytes carries four bits that decode to nothing: the same bytes, another text."""
    token = issuer.token(signed_by="ed-1")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]


def standard_alphabet() -> str:
    head, body, signature = issuer.token().split(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    return f"{head}.{body}.{base64.b64encode(raw).decode()}"


def duplicate_claim() -> str:
    body = json.dumps({**CLAIMS, "iat": now(), "exp": now() + 300})[:-1] + ', "tenant": "somebody-else"}'
    return signed_texts('{"alg":"RS256","kid":"rsa-1","typ":"at+jwt"}', body, issuer.keys["rsa-1"])


def duplicate_header() -> str:
    body = json.dumps({**CLAIMS, "iat": now(), "exp": now() + 300})
    return signed_texts('{"alg":"none","alg":"RS256","kid":"rsa-1","typ":"at+jwt"}', body, issuer.keys["rsa-1"])


def claims_of(body: str) -> str:
    return signed_texts('{"alg":"RS256","kid":"rsa-1","typ":"at+jwt"}', body, issuer.keys["rsa-1"])


def nested() -> str:
    return signed({"alg": "RS256", "kid": "rsa-1", "typ": "JWT", "cty": "JWT"}, CLAIMS, issuer.keys["rsa-1"])


FORGED: dict[str, Forge] = {
    "empty": lambda: "",
    "two parts": lambda: "a.b",
    "five parts, as an encrypted token": lambda: "a.b.c.d.e",
    "not base64": lambda: "$.$.$",
    "letters that are not ASCII": lambda: issuer.token() + "ø",
    "a space inside": lambda: issuer.token().replace(".", " .", 1),
    "algorithm none": lambda: unsigned("none"),
    "algorithm None": lambda: unsigned("None"),
    "no signature": lambda: unsigned("RS256"),
    "no algorithm": lambda: issuer.token(header={"alg": None}),
    "an algorithm that is a list": lambda: issuer.token(header={"alg": ["RS256"]}),
    "RSA key as HMAC secret": confused_with_hmac,
    "an EC key's algorithm with an RSA key": lambda: issuer.token(header={"alg": "ES256"}),
    "an RSA algorithm we do not take": lambda: issuer.token(header={"alg": "PS256"}),
    "its own key inside": own_key_inside,
    "a key by address": lambda: issuer.token(header={"jku": "https://forger.test/jwks"}),
    "a certificate by address": lambda: issuer.token(header={"x5u": "https://forger.test/cert"}),
    "a certificate inside": lambda: issuer.token(header={"x5c": ["AAAA"]}),
    "critical extensions": lambda: issuer.token(header={"crit": ["exp"], "exp": 1}),
    "unencoded payload": lambda: issuer.token(header={"b64": False, "crit": ["b64"]}),
    "compressed": lambda: issuer.token(header={"zip": "DEF"}),
    "a token in a token": nested,
    "a stranger's key": strangers_key,
    "no key id": lambda: issuer.token(header={"kid": None}),
    "a key id nobody has": lambda: issuer.token(header={"kid": "../../etc/passwd"}),
    "a key id that is no text": lambda: issuer.token(header={"kid": 7}),
    "another key's id": lambda: issuer.token(header={"kid": "ec-1"}),
    "an id token's type": lambda: issuer.token(header={"typ": "id+jwt"}),
    "a logout token's type": lambda: issuer.token(header={"typ": "logout+jwt"}),
    "no type": lambda: issuer.token(header={"typ": None}),
    "another body": other_body,
    "padding after the signature": padded_signature,
    "spare bits in the signature": spare_bits,
    "the alphabet with + and /": standard_alphabet,
    "a claim twice": duplicate_claim,
    "a header member twice": duplicate_header,
    "a body that is a list": lambda: claims_of("[]"),
    "a body that is not JSON": lambda: claims_of("{"),
    "a body nested without end": lambda: claims_of('{"a":' * 1500),
    "another issuer": lambda: issuer.token(iss="https://forger.test"),
    "no issuer": lambda: issuer.token(iss=None),
    "another audience": lambda: issuer.token(aud="somebody-else"),
    "no audience": lambda: issuer.token(aud=None),
    "an audience that only begins like ours": lambda: issuer.token(aud="kobling-test"),
    "expired": lambda: issuer.token(exp=now() - 31),
    "no end": lambda: issuer.token(exp=None),
    "an end that is text": lambda: issuer.token(exp=str(now() + 300)),
    "an end that is true": lambda: issuer.token(exp=True),
    "an end that never comes": lambda: claims_of(json.dumps({**CLAIMS, "iat": now(), "exp": float("inf")})),
    "not yet valid": lambda: issuer.token(nbf=now() + 60),
    "issued tomorrow": lambda: issuer.token(iat=now() + 86400, exp=now() + 90000),
    "no time of issue": lambda: issuer.token(iat=None),
    "no subject": lambda: issuer.token(sub=None),
    "no tenant": lambda: claims_of(json.dumps({**CLAIMS, "tenant": None, "iat": now(), "exp": now() + 300})),
    "a tenant that is a path": lambda: issuer.token(tenant="a/b"),
    "a tenant with a line end": lambda: issuer.token(tenant="ressursvenn\n"),
    "two tenants": lambda: claims_of(json.dumps({**CLAIMS, "tenant": ["a", "b"], "iat": now(), "exp": now() + 300})),
    "scopes that are a list": lambda: issuer.token(scope=["people:read"]),
    "a person that is a path": lambda: issuer.token(person="a/b"),
    "a name without end": lambda: issuer.token(name="x" * 201),
    "a huge header": lambda: issuer.token(header={"x5t": "A" * 2000}),
    "a huge token": lambda: issuer.token(padding="A" * MAX_TOKEN_BYTES),
}


SEGMENT = st.binary(max_size=60).map(encoded) | st.text(max_size=30) | st.sampled_from(issuer.token().split("."))


@given(segments=st.lists(SEGMENT, max_size=5))
async def test_whatever_is_sent_as_a_token_is_read_or_refused(segments: list[str]) -> None:
    """Nothing else is raised by the decoder; a valid token can only be made of its own three parts."""
    try:
        await verifier.verify(".".join(segments))
    except Unauthenticated:
        return
    assert len(segments) == 3


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED.keys())
async def test_a_forged_token_is_refused_without_a_hint(forge: Forge) -> None:
    with pytest.raises(Unauthenticated) as refused:
        await verifier.verify(forge())
    assert (str(refused.value), refused.value.detail, refused.value.__cause__) == (
        "unauthenticated: Log in, or send a valid access token.",
        "",
        None,
    )
