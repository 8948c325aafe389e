"""Tokens nobody may be let in with: each forged in its own way, most of them as attacks on others were."""

import base64
import hmac
import json
import time
from collections.abc import Callable

from joserfc.jwk import ECKey, RSAKey

from chassis.auth import MAX_TOKEN_BYTES
from tests.support.tokens import TokenIssuer, encoded, signed, signed_texts

issuer = TokenIssuer()
issuer.add_key("ES256", "ec-1")
issuer.add_key("EdDSA", "ed-1")

Forge = Callable[[], str]
CLAIMS = {"iss": issuer.url, "aud": "kobling", "sub": "u", "tenant": "t", "scope": ""}


def now() -> int:
    return int(time.time())


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


def hmac_signed(secret: bytes) -> str:
    text = f"{encoded(json.dumps({'alg': 'HS256', 'kid': 'rsa-1', 'typ': 'at+jwt'}).encode())}.{fresh_body()}"
    return f"{text}.{encoded(hmac.digest(secret, text.encode(), 'sha256'))}"


def without_signature(kid: str) -> str:
    head, body, _ = issuer.token(signed_by=kid).split(".")
    return f"{head}.{body}."


def curve_order() -> str:
    """Which some verifiers took for zero, and zero for a signature of everything."""
    order = bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")
    return without_signature("ec-1") + encoded(order + order)


def turned_bit() -> str:
    head, body, signature = issuer.token().split(".")
    raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
    raw[17] ^= 1
    return f"{head}.{body}.{encoded(bytes(raw))}"


def own_curve_inside() -> str:
    key = ECKey.generate_key("P-256")
    header = {"alg": "ES256", "kid": "ec-1", "typ": "at+jwt", "jwk": key.as_dict(private=False)}
    return signed(header, {**CLAIMS, "iat": now(), "exp": now() + 300}, key)


def fresh_claims(**claims: object) -> str:
    return json.dumps({**CLAIMS, "iat": now(), "exp": now() + 300, **claims})


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
    "nothing between the dots": lambda: "..",
    "only a header": lambda: issuer.token().split(".")[0] + "..",
    "a line end after it": lambda: issuer.token() + "\n",
    "a tab inside": lambda: issuer.token().replace(".", ".\t", 1),
    "padding after the header": lambda: issuer.token().replace(".", "==.", 1),
    "the parts in another order": lambda: ".".join(reversed(issuer.token().split("."))),
    "a signature of zeros": lambda: without_signature("ec-1") + encoded(bytes(64)),
    "the order of the curve as a signature": curve_order,
    "one bit of the signature turned": turned_bit,
    "an EC key of its own inside": own_curve_inside,
    "an encrypted token's header": lambda: issuer.token(header={"enc": "A256GCM", "alg": "RSA-OAEP-256"}),
    "HMAC with an empty secret": lambda: hmac_signed(b""),
    "HMAC with the key's id": lambda: hmac_signed(b"rsa-1"),
    "a key id with a zero byte": lambda: issuer.token(header={"kid": "rsa-1\0"}),
    "a key id that is a query": lambda: issuer.token(header={"kid": "' OR 1=1 --"}),
    "a key id that is an operator": lambda: issuer.token(header={"kid": {"$ne": None}}),
    "half a letter as key id": lambda: issuer.token(header={"kid": "\ud800"}),
    "a header that is a list": lambda: signed_texts('["RS256"]', json.dumps(CLAIMS), issuer.keys["rsa-1"]),
    "a byte order mark": lambda: signed_texts('\ufeff{"alg":"RS256"}', json.dumps(CLAIMS), issuer.keys["rsa-1"]),
    "an algorithm in another case": lambda: issuer.token(header={"alg": "rs256"}),
    "an end larger than any number": lambda: issuer.token(exp=10**400),
    "a time of issue larger than any number": lambda: issuer.token(iat=10**400),
    "an end before all time": lambda: issuer.token(exp=-(10**400)),
    "a number of five thousand digits": lambda: claims_of('{"exp": ' + "9" * 5000 + "}"),
    "an audience that is an object": lambda: issuer.token(aud={"kobling": True}),
    "an issuer that is a list": lambda: issuer.token(iss=[issuer.url]),
    "an issuer with a slash more": lambda: issuer.token(iss=issuer.url + "/"),
    "a tenant in capitals": lambda: issuer.token(tenant="RESSURSVENN"),
    "a tenant that is empty": lambda: issuer.token(tenant=""),
    "a tenant that is an operator": lambda: claims_of(fresh_claims(tenant={"$gt": ""})),
    "a tenant that is a pattern": lambda: issuer.token(tenant=".*"),
    "a tenant in letters that look alike": lambda: issuer.token(tenant="r\u0435ssursvenn"),
    "a person that is an operator": lambda: claims_of(fresh_claims(person={"$ne": ""})),
    "a person that is a list": lambda: claims_of(fresh_claims(person=["p-1", "p-2"])),
    "a subject with a line end": lambda: issuer.token(subject="u\nset-cookie: a"),
}
