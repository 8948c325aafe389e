"""An OpenID Connect issuer in process: its keys, its discovery document and JWKS over httpx, and tokens to order."""

import base64
import json
import time
from collections.abc import Iterable
from functools import cache
from typing import Any

import httpx
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from chassis.auth import IssuerKeys, PlainIssuer, TokenVerifier

ISSUER = "https://issuer.test"
AUDIENCE = "kobling"

_MODELS = {"RS256": "RS256", "ES256": "ES256", "EdDSA": "Ed25519"}


def in_a_day() -> int:
    """When a token ends that outlasts a test; no token may be good for longer."""
    return int(time.time()) + 86_000


class TokenIssuer:
    """`token()` gives a valid token; every claim and header member can be replaced, or left out with `None`."""

    def __init__(self, url: str = ISSUER, *, first_kid: str = "rsa-1") -> None:
        self.url = url
        self.is_up = True
        self.asked_count = 0
        self.keys: dict[str, Key] = {first_kid: _first_key(url)}
        self.first_kid = first_kid

    def add_key(self, algorithm: str, kid: str) -> None:
        """A new key pair, published in the JWKS from now on."""
        match algorithm:
            case "RS256":
                self.keys[kid] = RSAKey.generate_key(2048)
            case "ES256":
                self.keys[kid] = ECKey.generate_key("P-256")
            case _:
                self.keys[kid] = OKPKey.generate_key("Ed25519")

    def jwks(self) -> dict[str, Any]:
        return {"keys": [{**key.as_dict(private=False), "kid": kid, "use": "sig"} for kid, key in self.keys.items()]}

    def http(self) -> httpx.AsyncClient:
        """A client that reaches this issuer and nothing else."""
        return httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def verifier(self) -> TokenVerifier:
        return TokenVerifier([(PlainIssuer(issuer=self.url, audience=AUDIENCE), IssuerKeys(self.url, self.http()))])

    def token(
        self,
        *,
        tenant: str | None = "ressursvenn",
        scopes: Iterable[str] = (),
        subject: str = "user-1",
        person: str | None = None,
        header: dict[str, Any] | None = None,
        signed_by: str | None = None,
        seconds: int = 300,
        **claims: Any,
    ) -> str:
        now = int(time.time())
        body = {
            "iss": self.url,
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + seconds,
            "sub": subject,
            "tenant": tenant,
            "scope": " ".join(scopes),
            "person": person,
            **claims,
        }
        signed_by = signed_by or self.first_kid
        key = self.keys[signed_by]
        heading = {"alg": algorithm_of(key), "kid": signed_by, "typ": "at+jwt", **(header or {})}
        return signed(_present(heading), _present(body), key)

    def bearer(self, **wishes: Any) -> dict[str, str]:
        """The request header with a token made to these wishes."""
        return {"Authorization": f"Bearer {self.token(**wishes)}"}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked_count += 1
        if not self.is_up:
            raise httpx.ConnectError("the issuer is down", request=request)
        if request.url.path.endswith("/.well-known/openid-configuration"):
            return httpx.Response(200, json={"issuer": self.url, "jwks_uri": f"{self.url}/jwks"})
        return httpx.Response(200, json=self.jwks())


@cache
def _first_key(url: str) -> Key:
    """One RSA key for every issuer of this address: searching for its primes takes a moment."""
    return RSAKey.generate_key(2048)


def algorithm_of(key: Key) -> str:
    return {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}[key.key_type]


def signed(header: dict[str, Any], claims: dict[str, Any], key: Key) -> str:
    """A token signed by the key's own algorithm, whatever its header says."""
    return signed_texts(json.dumps(header), json.dumps(claims), key)


def signed_texts(header: str, claims: str, key: Key) -> str:
    """The same from JSON texts: for tokens that no JSON library would write."""
    body = f"{encoded(header.encode())}.{encoded(claims.encode())}"
    return f"{body}.{encoded(_model(key).sign(body.encode(), key))}"


def encoded(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _model(key: Key) -> JWSAlgModel:
    return JWSRegistry.algorithms[_MODELS[algorithm_of(key)]]


def _present(members: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in members.items() if value is not None}
