"""People of several issuers log in to one site: each by the way in that is theirs."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import yaml
from structlog.testing import capture_logs

from chassis.auth import TokenVerifier
from chassis.clock import SystemClock
from chassis.http import create_app
from chassis.observability import Health
from chassis.settings import Settings
from chassis.web.building import add_site
from chassis.web.live import Changes
from chassis.web.session import kept_session_keys
from tests.support.sample_service import key_of

PEOPLE, STAFF = "https://people.test", "https://staff.test"


def entry(name: str, issuer: str, *clients: str) -> dict[str, Any]:
    return {
        "name": name,
        "issuer": issuer,
        "kind": "staff",
        "audience": "kobling",
        "tenant_from": "client_id",
        "tenants": {client: client for client in clients},
        "scopes": [],
        "log_in": [
            {"called": f"By {client}", "client_id": client, "more": {"acr_values": "high"}} for client in clients
        ],
    }


async def discovery(request: httpx.Request) -> httpx.Response:
    issuer = f"https://{request.url.host}"
    if request.url.path == "/token":
        return httpx.Response(400, json={"error": "invalid_grant"})
    addresses = {"authorization_endpoint": f"{issuer}/authorize", "token_endpoint": f"{issuer}/token"}
    return httpx.Response(200, json={"issuer": issuer, **addresses})


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    (tmp_path / "issuers.yaml").write_text(
        yaml.safe_dump({"issuers": [entry("people", PEOPLE, "fjordby", "havnby"), entry("staff", STAFF, "desk")]})
    )
    settings = Settings(
        kafka="-",
        mongo="-",
        kms_dir=tmp_path,
        issuers=tmp_path / "issuers.yaml",
        site="https://kobling.test",
        session_keys=kept_session_keys(tmp_path / "keys"),
    )
    app = create_app("sample", [], verifier=TokenVerifier([]), health=Health(), derive_key=key_of)
    http = httpx.AsyncClient(transport=httpx.MockTransport(discovery))
    add_site(app, [], settings=settings, http=http, changes=Changes(None), clock=SystemClock())  # type: ignore[arg-type]
    async with http, httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="https://kobling.test") as site:
        yield site


async def test_one_chooses_among_the_ways_in(site: httpx.AsyncClient) -> None:
    page = await site.get("/login", params={"back": "/sample/there"}, headers={"Accept-Language": "da"})
    assert "Hvordan vil du logge ind?" in page.text
    assert [called in page.text for called in ("By fjordby", "By havnby", "By desk")] == [True] * 3


@pytest.mark.parametrize(("client", "issuer"), [("havnby", PEOPLE), ("desk", STAFF)])
async def test_each_way_leads_to_its_issuer(site: httpx.AsyncClient, client: str, issuer: str) -> None:
    begun = await site.get("/login", params={"at": client, "back": "/sample/there"})
    where = urlsplit(begun.headers["location"])
    asked = parse_qs(where.query)
    assert f"{where.scheme}://{where.netloc}" == issuer
    assert (asked["client_id"], asked["acr_values"]) == ([client], ["high"])
    assert asked["redirect_uri"] == ["https://kobling.test/sample/login/back"]


async def test_a_way_that_is_none_is_chosen_again(site: httpx.AsyncClient) -> None:
    assert "By desk" in (await site.get("/login", params={"at": "https://evil.test"})).text


async def test_the_answer_of_another_issuer_than_the_chosen_one_is_refused(site: httpx.AsyncClient) -> None:
    begun = await site.get("/login", params={"at": "desk"})
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    back = await site.get("/login/back", params={"state": state, "code": "c", "iss": PEOPLE})
    assert back.status_code == 401


async def test_whoever_is_not_let_in_and_whoever_goes_is_in_the_log(site: httpx.AsyncClient) -> None:
    begun = await site.get("/login", params={"at": "desk"})
    state = parse_qs(urlsplit(begun.headers["location"]).query)["state"][0]
    with capture_logs() as said:
        back = await site.get("/login/back", params={"state": state, "code": "c", "iss": STAFF})
        await site.post("/logout", headers={"Sec-Fetch-Site": "same-origin"})
    assert back.status_code == 401
    assert [line["event"] for line in said if line["event"].startswith("log")] == ["login_refused", "logged_out"]
