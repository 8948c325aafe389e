"""The documents of the services can be read in a browser, though the services themselves ask for a token."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from chassis.auth import IssuerKeys, PlainIssuer, TokenVerifier
from chassis.http import create_app
from chassis.observability import Health
from deploy.local.front import front
from deploy.local.issuer import read_directory
from deploy.local.ports import free_port
from deploy.local.serving import bind, serving


@asynccontextmanager
async def standing(data: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A front before a real, empty `intake` and a `matching` that is down."""
    behind, before = bind(0, what="intake"), bind(0, what="gateway")
    url = f"http://127.0.0.1:{before.getsockname()[1]}"
    services = {
        "intake": f"http://127.0.0.1:{behind.getsockname()[1]}",
        "matching": f"http://127.0.0.1:{free_port()}",
    }
    async with (
        front(before, url=url, services=services, data=data, directory=read_directory()) as here,
        httpx.AsyncClient(base_url=url, timeout=5) as http,
    ):
        verifier = TokenVerifier([(PlainIssuer(issuer=here.issuer), IssuerKeys(here.issuer, http))])
        app = create_app("intake", [], verifier=verifier, health=Health(), derive_key=lambda *_: bytes(32))
        async with serving(app, behind):
            yield http


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/docs/", "matching/events"),
        ("/docs/intake", "GET /metrics"),
        ("/docs/intake/openapi.json", '"openapi"'),
        ("/docs/intake/metrics", "# HELP"),
        ("/docs/intake/events", "intake.person-registered"),
        ("/docs/matching/asyncapi.json", "matching.events"),
    ],
)
async def test_documents_are_shown_without_a_token(tmp_path: Path, path: str, shown: str) -> None:
    async with standing(tmp_path) as http:
        answer = await http.get(path)
    assert (answer.status_code, shown in answer.text) == (200, True)


async def test_the_service_itself_shows_them_to_nobody_without_a_token(tmp_path: Path) -> None:
    async with standing(tmp_path) as http:
        assert (await http.get("/intake/openapi.json")).status_code == 401


async def test_documents_of_a_service_that_is_down_say_so(tmp_path: Path) -> None:
    async with standing(tmp_path) as http:
        answer = await http.get("/docs/matching")
    assert (answer.status_code, answer.text) == (503, "The service does not answer.")
