"""A page that breaks is still a page, in the reader's language, and tells nothing of our insides."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.responses import Response

from chassis.clock import SystemClock
from chassis.http import create_app
from chassis.observability import Health
from chassis.settings import Settings
from chassis.web import Pages, Shown, View
from chassis.web.building import add_site
from chassis.web.live import Changes
from chassis.web.session import CookieJar, kept_session_keys
from tests.support.sample_service import key_of
from tests.support.tokens import TokenIssuer

SECRET = "mongodb://user:secret@10.0.0.1"


@pytest.fixture
async def visitor(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Logged in at a service with one page that breaks while it is asked for, and one while it is drawn."""
    pages = Pages(tmp_path)
    (tmp_path / "undrawable.html").write_text("{{ nothing_by_that_name }}")

    @pages.page("/breaks", "undrawable.html", "notes:read")
    async def breaks(view: View) -> Shown:
        raise RuntimeError(SECRET)

    @pages.page("/undrawable", "undrawable.html", "notes:read")
    async def undrawable(view: View) -> Shown:
        return {}

    issuer, keys = TokenIssuer(), kept_session_keys(tmp_path / "keys")
    settings = Settings(
        kafka="-", mongo="-", kms_dir=tmp_path, issuer=issuer.url, site="http://sample.test", session_keys=keys
    )
    app = create_app("sample", [], verifier=issuer.verifier(), health=Health(), derive_key=key_of)
    add_site(app, [pages], settings=settings, http=issuer.http(), changes=Changes(None), clock=SystemClock())  # type: ignore[arg-type]
    response = Response()
    CookieJar.read(keys, secure=False).keep_session(response, issuer.token(scopes=["notes:read"]), seconds=300)
    cookie = response.headers["set-cookie"].split(";")[0]
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    headers = {"Cookie": cookie, "Accept-Language": "nn"}
    async with httpx.AsyncClient(transport=transport, base_url="http://sample.test", headers=headers) as visitor:
        yield visitor


@pytest.mark.parametrize("path", ["/breaks", "/undrawable"])
async def test_what_breaks_is_a_page_that_says_what_to_do(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "Noko gjekk gale hos oss" in answer.text
    assert SECRET not in answer.text
