"""The same over HTTP: a municipality's system refers people, and proves who it is by a key that only it has.

It signs an assertion and gets a token for its organisation (RFC 7523, as at Maskinporten); the answer to each referral
is a line of JSON.

    python over_http.py --kobling https://kobling.example --issuer https://maskinporten.no/ --client-id 0a6e3f6e \
        --key key.pem referral.json another.json
"""

import argparse
import sys
import time
from pathlib import Path
from uuid import uuid4

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "kobling:referrals:write"


def key_in(file: Path) -> tuple[str, ECKey | RSAKey]:
    """The private key, and the algorithm it signs with."""
    pem = file.read_bytes()
    try:
        return "ES256", ECKey.import_key(pem)
    except ValueError:
        return "RS256", RSAKey.import_key(pem)


def token(http: httpx.Client, asked: argparse.Namespace) -> str:
    """Good for two minutes; each assertion is good once."""
    algorithm, key = key_in(asked.key)
    now = int(time.time())
    life = {"iat": now, "exp": now + 100, "jti": str(uuid4())}
    claims = {"iss": asked.client_id, "aud": asked.issuer, "scope": SCOPE, "resource": asked.audience or asked.kobling}
    header = {"alg": algorithm} | ({"kid": asked.key_id} if asked.key_id else {})
    form = {"grant_type": GRANT, "assertion": jwt.encode(header, claims | life, key)}
    answer = http.post(f"{asked.issuer.rstrip('/')}/token", data=form).raise_for_status()
    return str(answer.json()["access_token"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kobling", required=True, help="where the platform is")
    parser.add_argument("--audience", help="what the platform is called in tokens, where it is not its address")
    parser.add_argument("--issuer", required=True)
    parser.add_argument("--client-id", required=True, help="as the issuer knows this system")
    parser.add_argument(
        "--key", required=True, type=Path, help="a private key in PEM, whose public half the issuer has"
    )
    parser.add_argument("--key-id", help="what the issuer calls that key, where it has several")
    parser.add_argument("files", nargs="+", type=Path)
    asked = parser.parse_args()
    with httpx.Client(timeout=30) as http:
        bearer = {"Authorization": f"Bearer {token(http, asked)}"}
        refused = 0
        for file in asked.files:
            headers = {**bearer, "Content-Type": "application/json"}
            answer = http.post(f"{asked.kobling}/intake/v1/referrals", content=file.read_bytes(), headers=headers)
            refused += answer.is_error
            print(answer.text, flush=True)
    sys.exit(1 if refused else 0)  # a problem document was printed that names the field


if __name__ == "__main__":
    main()
