"""A session is nobody's but its holder's: sealed, bound to its kind, over in time, and opened by old keys too."""

import base64
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import Response

from chassis.web.session import CookieJar, Session, kept_session_keys


class Watch:
    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


WATCH = Watch()
TOKEN = "a.b.c"


def jar(*keys: bytes, secure: bool = False) -> CookieJar:
    return CookieJar(keys or (b"k" * 32,), secure, WATCH)


def sent_back(response: Response) -> Request:
    """What a browser sends that kept the cookies of `response`."""
    cookies = [value.split(";")[0] for name, value in response.headers.items() if name == "set-cookie"]
    return Request({"type": "http", "headers": [(b"cookie", "; ".join(cookies).encode())]})


def kept(cookies: CookieJar, token: str = TOKEN, seconds: float = 300) -> Response:
    response = Response()
    cookies.keep_session(response, token, seconds=seconds)
    return response


def test_it_holds_the_token_and_shows_it_to_nobody() -> None:
    response = kept(jar())
    assert jar().session(sent_back(response)) == Session(token="a.b.c", until=int(WATCH.seconds) + 300)
    assert "a.b.c" not in response.headers["set-cookie"]


def test_scripts_other_sites_and_other_hosts_cannot_reach_it() -> None:
    header = kept(jar(secure=True)).headers["set-cookie"].lower()
    assert header.startswith("__host-kobling-session=")
    assert all(part in header for part in ("httponly", "secure", "samesite=lax", "path=/")), header
    assert "domain" not in header


def test_it_ends_with_its_token() -> None:
    request = sent_back(kept(jar(), seconds=300))
    WATCH.seconds += 301
    assert jar().session(request) is None


def test_no_session_is_longer_than_an_hour() -> None:
    session = jar().session(sent_back(kept(jar(), seconds=10**6)))
    assert session is not None
    assert session.until - WATCH.seconds == 3600


@pytest.mark.parametrize("secret", [b"x" * 32, b"k" * 31 + b"l"])
def test_another_key_does_not_open_it(secret: bytes) -> None:
    assert jar(secret).session(sent_back(kept(jar()))) is None


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old, new = b"o" * 32, b"n" * 32
    assert jar(new, old).session(sent_back(kept(jar(old)))) is not None
    assert jar(old).session(sent_back(kept(jar(new, old)))) is None


def test_a_login_under_way_is_no_session() -> None:
    response = Response()
    jar().keep_login(response, client_id="site", state="s", verifier="v", back="/intake/")
    value = response.headers["set-cookie"].split(";")[0].partition("=")[2]
    forged = Request({"type": "http", "headers": [(b"cookie", f"kobling-session={value}".encode())]})
    assert jar().session(forged) is None


@pytest.mark.parametrize("value", ["", "x", "AAAA", "%", "a" * 5000, '{"token":"a.b.c","until":9999999999}'])
def test_what_is_no_session_opens_as_none(value: str) -> None:
    assert (
        jar().session(Request({"type": "http", "headers": [(b"cookie", f"kobling-session={value}".encode())]})) is None
    )


def test_a_token_that_no_cookie_holds_is_said_aloud() -> None:
    with pytest.raises(ValueError, match="too long"):
        kept(jar(), token="x" * 4000)


def test_the_keys_are_made_once_and_read_by_their_owner_only(tmp_path: Path) -> None:
    file = kept_session_keys(tmp_path / "there" / "keys")
    before = file.read_text()
    assert kept_session_keys(file).read_text() == before
    assert file.stat().st_mode & 0o077 == 0
    assert len(CookieJar.read(file, secure=True).keys[0]) == 32


@pytest.mark.parametrize("text", ["", "short", base64.urlsafe_b64encode(bytes(16)).decode()])
def test_keys_that_are_none_are_said_aloud(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(ValueError):
        CookieJar.read(tmp_path / "keys", secure=True)
