"""The issuer over HTTP: discovery, keys, a page to choose whom to be, and the token endpoint."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from deploy.local.issuer.assertions import Assertions
from deploy.local.issuer.directory import Account, Directory, read_directory
from deploy.local.issuer.grants import AuthorizationRequest, Grants, OAuthError
from deploy.local.issuer.page import choose_page
from deploy.local.issuer.tokens import TokenSigner, kept_key

_NEVER_CACHED = {"Cache-Control": "no-store"}


def create_issuer(url: str, *, key_file: Path, directory: Directory | None = None) -> Starlette:
    """An OpenID Connect issuer that answers under `url` (which a proxy may strip down to its last part).

    For machines of developers and tests only: everybody may log in as anybody, and `PUT accounts/<subject>` adds more.
    """
    issuer = _Issuer(TokenSigner(url, kept_key(key_file)), directory or read_directory())
    return Starlette(
        routes=[
            Route("/.well-known/openid-configuration", issuer.discovery),
            Route("/jwks", issuer.jwks),
            Route("/authorize", issuer.choose, methods=["GET"]),
            Route("/authorize", issuer.chosen, methods=["POST"]),
            Route("/token", issuer.token, methods=["POST"]),
            Route("/accounts/{subject}", issuer.put_account, methods=["PUT"]),
        ],
        exception_handlers={OAuthError: _refuse},
    )


class _Issuer:
    def __init__(self, signer: TokenSigner, directory: Directory) -> None:
        self._signer, self._directory = signer, directory
        self._grants = Grants(directory, signer)
        self._assertions = Assertions(directory, signer)

    async def discovery(self, _: Request) -> Response:
        url = self._signer.issuer
        return JSONResponse(
            {
                "issuer": url,
                "jwks_uri": f"{url}/jwks",
                "authorization_endpoint": f"{url}/authorize",
                "token_endpoint": f"{url}/token",
                "response_types_supported": ["code"],
                "grant_types_supported": [
                    "authorization_code",
                    "client_credentials",
                    "urn:ietf:params:oauth:grant-type:jwt-bearer",
                ],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["ES256"],
                "scopes_supported": ["openid", "profile"],
            }
        )

    async def jwks(self, _: Request) -> Response:
        return JSONResponse(self._signer.jwks())

    async def choose(self, request: Request) -> Response:
        asked = dict(request.query_params)
        AuthorizationRequest.read(asked)
        return HTMLResponse(choose_page(self._directory.people(), asked), headers=_NEVER_CACHED)

    async def chosen(self, request: Request) -> Response:
        form = await _form(request)
        asked = AuthorizationRequest.read(form)
        code = self._grants.authorize(asked, form.get("subject", ""))
        back = urlencode({"code": code, "state": asked.state, "iss": self._signer.issuer})
        joint = "&" if "?" in asked.redirect_uri else "?"
        return RedirectResponse(f"{asked.redirect_uri}{joint}{back}", status_code=303, headers=_NEVER_CACHED)

    async def token(self, request: Request) -> Response:
        form = await _form(request)
        match form.get("grant_type"):
            case "authorization_code":
                answer = self._grants.exchange(form)
            case "client_credentials":
                client_id, secret = _client(request, form)
                answer = self._grants.client_credentials(client_id, secret, form.get("scope", ""))
            case "urn:ietf:params:oauth:grant-type:jwt-bearer":
                answer = self._assertions.exchange(form.get("assertion", ""))
            case _:
                raise OAuthError("unsupported_grant_type", "This grant is not known here.")
        return JSONResponse(answer, headers=_NEVER_CACHED)

    async def put_account(self, request: Request) -> Response:
        try:
            account = Account.model_validate({**await request.json(), "subject": request.path_params["subject"]})
        except (ValidationError, ValueError, TypeError) as error:
            return JSONResponse({"error": "invalid_request", "error_description": str(error)}, status_code=422)
        self._directory.put(account)
        return Response(status_code=204)


async def _form(request: Request) -> dict[str, str]:
    return dict(parse_qsl((await request.body()).decode(errors="replace")))


def _client(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """client_secret_basic or client_secret_post."""
    kind, _, credentials = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return form.get("client_id", ""), form.get("client_secret", "")
    try:
        client_id, _, secret = base64.b64decode(credentials, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise OAuthError("invalid_client", "The Authorization header cannot be read.", status=401) from None
    return unquote(client_id), unquote(secret)


async def _refuse(_: Request, error: Exception) -> Response:
    assert isinstance(error, OAuthError)  # noqa: S101 (registered for this class only)
    body: dict[str, Any] = {"error": error.code, "error_description": error.sentence}
    headers = {**_NEVER_CACHED, **({"WWW-Authenticate": "Basic"} if error.status == 401 else {})}
    return JSONResponse(body, status_code=error.status, headers=headers)
