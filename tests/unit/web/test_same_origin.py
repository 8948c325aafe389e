"""Only a form of this site's own pages acts; and nobody is led to another site."""

import pytest
from starlette.requests import Request

from chassis.web.same_origin import is_same_origin, local_path

SITE = "https://kobling.example"


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, True),
        ({"Sec-Fetch-Site": "same-site", "Origin": SITE}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": SITE}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Origin": SITE}, True),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://kobling.example"}, False),
        ({"Origin": "https://kobling.example.evil.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_form_says_where_it_is_from(headers: dict[str, str], is_ours: bool) -> None:
    scope = {"type": "http", "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()]}
    assert is_same_origin(Request(scope), site=SITE) is is_ours


@pytest.mark.parametrize("path", ["/", "/intake/requests/a?status=open", "/reporting/figures?from=2026-01-01"])
def test_one_goes_back_to_a_path_of_this_site(path: str) -> None:
    assert local_path(path, otherwise="/intake/") == path


@pytest.mark.parametrize(
    "path",
    [
        *("", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example", "javascript:alert(1)"),
        *("evil", "/a\\b", "/\tevil", "/a\r\nSet-Cookie: a=b", "/" + "a" * 1001, " /intake", "///evil.example"),
    ],
)
def test_one_never_goes_to_another_site(path: str) -> None:
    assert local_path(path, otherwise="/intake/") == "/intake/"
