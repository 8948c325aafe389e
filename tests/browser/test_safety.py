"""What is tried against the site: each of it stopped, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.support.site import Site

INBOX = "/notifications/inbox"
NEWS = f"{INBOX}/news"
OURS = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def visitor(site: Site) -> AsyncIterator[httpx.AsyncClient]:
    """A browser's way of asking, with no session yet."""
    async with httpx.AsyncClient(base_url=site.url, headers={"Accept-Language": "en"}) as http:
        yield http


async def begin(visitor: httpx.AsyncClient, back: str = INBOX) -> httpx.URL:
    """At the issuer's door."""
    return (await visitor.get("/notifications/login", params={"back": back})).next_request.url  # type: ignore[union-attr]


async def log_in(visitor: httpx.AsyncClient, subject: str = "oslo-citizen", back: str = INBOX) -> httpx.Response:
    """The answer to the issuer's code."""
    return await visitor.get(await code_for(await begin(visitor, back), subject))


async def code_for(door: httpx.URL, subject: str) -> str:
    """Where the issuer sends back whoever chose to be `subject`."""
    async with httpx.AsyncClient() as issuer:
        chosen = await issuer.post(str(door.copy_with(query=None)), data={**dict(door.params), "subject": subject})
        return str(chosen.headers["location"])


async def test_logging_in_leads_to_where_one_was_going(visitor: httpx.AsyncClient) -> None:
    knocked, asked = await visitor.get(INBOX), urlencode({"back": INBOX})
    assert (knocked.status_code, knocked.headers["location"]) == (303, f"/notifications/login?{asked}")
    assert (await log_in(visitor)).headers["location"] == INBOX
    page = await visitor.get(INBOX)
    assert (page.status_code, "Amina Oppdiktet" in page.text) == (200, True)


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)"])
async def test_nobody_is_led_to_another_site(visitor: httpx.AsyncClient, back: str) -> None:
    assert (await log_in(visitor, back=back)).headers["location"] == "/notifications/"
    chosen = await visitor.get("/notifications/language/nn", params={"back": back})
    assert chosen.headers["location"] == "/notifications/"


async def test_a_session_planted_before_is_not_the_one_that_holds(visitor: httpx.AsyncClient) -> None:
    """Session fixation."""
    visitor.cookies.set("kobling-session", "planted")
    assert (await visitor.get(INBOX)).status_code == 303
    visitor.cookies.clear()
    await log_in(visitor, "oslo-helper")
    before = visitor.cookies["kobling-session"]
    await log_in(visitor)
    assert visitor.cookies["kobling-session"] != before
    assert "Amina Oppdiktet" in (await visitor.get(INBOX)).text


async def test_a_code_somebody_else_asked_for_logs_nobody_in(site: Site, visitor: httpx.AsyncClient) -> None:
    async with httpx.AsyncClient(base_url=site.url) as other:
        stolen = await code_for(await begin(other), "oslo-helper")
    for answer in (await visitor.get(stolen), await _with_own_login(visitor, stolen)):
        assert answer.status_code == 400
        assert "kobling-session" not in visitor.cookies


async def _with_own_login(visitor: httpx.AsyncClient, stolen: str) -> httpx.Response:
    await begin(visitor)
    return await visitor.get(stolen)


async def test_an_answer_of_another_issuer_logs_nobody_in(visitor: httpx.AsyncClient) -> None:
    back = await code_for(await begin(visitor), "oslo-citizen")
    state = parse_qs(urlsplit(back).query)["state"][0]
    answer = await visitor.get(
        "/notifications/login/back", params={"code": "x", "state": state, "iss": "https://evil.example"}
    )
    assert (answer.status_code, "kobling-session" in visitor.cookies) == (401, False)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
@pytest.mark.parametrize("path", [NEWS, "/notifications/logout"])
async def test_another_sites_form_does_nothing(visitor: httpx.AsyncClient, path: str, headers: dict[str, str]) -> None:
    """CSRF."""
    await log_in(visitor)
    answer = await visitor.post(path, data={"programme": "ressursvenn", "how": "none"}, headers=headers)
    assert answer.status_code == 403
    assert (await visitor.get(INBOX)).status_code == 200


async def test_no_page_is_framed_kept_or_told_to_others(visitor: httpx.AsyncClient) -> None:
    """Clickjacking, caches, referrers, scripts of others."""
    await log_in(visitor)
    for answer in (await visitor.get(INBOX), await visitor.get("/notifications/nothing-here")):
        policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
        assert policy["frame-ancestors"] == "'none'"
        assert policy["script-src"] == "'self'"
        assert policy["default-src"] == "'none'"
        assert policy["base-uri"] == "'none'"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert not re.search(r"<[^>]+\s(on[a-z]+|style)=", answer.text)


async def test_what_is_typed_is_never_markup(visitor: httpx.AsyncClient) -> None:
    """Reflected script: a form that is refused comes back with what was typed."""
    await log_in(visitor)
    nasty = '"><script>alert(1)</script>{{7*7}}'
    answer = await visitor.post(NEWS, data={"programme": "no-such", "how": nasty}, headers=OURS)
    assert answer.status_code == 422
    assert nasty not in answer.text
    for query in (f"?done={nasty}", f"?at={nasty}", f"?x={nasty}"):
        assert "<script>alert" not in (await visitor.get(f"{INBOX}{query}")).text


async def test_a_session_that_ended_loses_nothing_that_was_typed(visitor: httpx.AsyncClient) -> None:
    typed = "I would like to talk to somebody.\nOn Tuesdays, if that is possible."
    answer = await visitor.post(NEWS, data={"programme": "p", "how": typed, "_key": "k1"}, headers=OURS)
    assert answer.status_code == 401
    assert typed.replace("'", "&#39;") in answer.text
    assert 'value="k1"' in answer.text, "sent again, it is done once"


@pytest.mark.parametrize("path", ["/notifications/nothing", "/notifications/inbox/more", "/notifications/%2e%2e/x"])
async def test_a_wrong_address_is_a_page_that_says_what_to_do(visitor: httpx.AsyncClient, path: str) -> None:
    answer = await visitor.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is nothing here" in answer.text


async def test_a_wrong_address_of_an_operation_stays_a_problem_document(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/notifications/v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    refused = await visitor.put("/notifications/v1/inbox")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET")


async def test_logged_out_is_logged_out(visitor: httpx.AsyncClient) -> None:
    await log_in(visitor)
    answer = await visitor.post("/notifications/logout", headers=OURS)
    assert answer.status_code == 303
    assert (await visitor.get(INBOX)).status_code == 303


async def test_live_news_name_nothing_of_other_tenants_and_need_a_session(visitor: httpx.AsyncClient) -> None:
    assert (await visitor.get("/notifications/live?watch=inbox")).status_code == 204
    assert (await visitor.get("/notifications/live?watch=../secret")).status_code == 404


@pytest.mark.parametrize(
    ("subject", "path"),
    [
        ("oslo-citizen", INBOX),
        ("oslo-citizen", "/intake/me"),
        ("oslo-coordinator", "/intake/today"),
        ("oslo-coordinator", "/matching/waiting"),
        ("oslo-coordinator", "/reporting/figures"),
    ],
)
async def test_the_first_page_is_light(visitor: httpx.AsyncClient, subject: str, path: str) -> None:
    """Under 100 kB in all, and one round trip of HTML."""
    await log_in(visitor, subject)
    page = await visitor.get(path)
    assert page.status_code == 200
    assets = re.findall(r'(?:href|src)="(/[a-z]+/static/[^"]+)"', page.text)
    assert len(assets) == 3
    sizes = [len(page.content)]
    for asset in assets:
        async with visitor.stream("GET", asset, headers={"Accept-Encoding": "gzip"}) as answer:
            sizes.append(sum([len(part) async for part in answer.aiter_raw()]))
            assert "immutable" in answer.headers["cache-control"]
    assert sum(sizes) < 100_000
