"""The issuer of the tests over HTTP, for services that are processes of their own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from deploy.local.ports import HOST
from deploy.local.serving import bind, serving
from tests.support.tokens import TokenIssuer


@asynccontextmanager
async def served_issuer() -> AsyncIterator[TokenIssuer]:
    """Its `url` answers discovery and keys while the block lasts."""
    listener = bind(0, what="the issuer")
    issuer = TokenIssuer(f"http://{HOST}:{listener.getsockname()[1]}")

    async def discovery(request: Request) -> JSONResponse:
        return JSONResponse({"issuer": issuer.url, "jwks_uri": f"{issuer.url}/jwks"})

    async def jwks(request: Request) -> JSONResponse:
        return JSONResponse(issuer.jwks())

    routes = [Route("/.well-known/openid-configuration", discovery), Route("/jwks", jwks)]
    async with serving(Starlette(routes=routes), listener):
        yield issuer
