"""Whatever is wrong with a request, the answer is a problem document that names the rule or the field."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.types import Message, Scope

from chassis.http import MAX_BODY_BYTES
from tests.support.logs import caught_log
from tests.support.sample_service import Sample, sample

JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def service() -> AsyncIterator[Sample]:
    made = sample()
    async with made.client:
        yield made


async def post(service: Sample, **wishes: Any) -> httpx.Response:
    headers = {**service.bearer("notes:write"), **wishes.pop("headers", {})}
    return await service.client.post("/v1/notes", headers=headers, **wishes)


def said(response: httpx.Response) -> tuple[int, str, str | None]:
    """Status, rule and field of a problem document that is one."""
    document = response.json()
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (document["status"], document["type"]) == (response.status_code, f"urn:kobling:problem:{document['rule']}")
    return response.status_code, document["rule"], document.get("field")


MALFORMED: dict[str, tuple[Any, str, str]] = {
    "a field missing": ({}, "missing_field", "title"),
    "a field unknown": ({"title": "t", "diagnosis": "x"}, "unknown_field", "diagnosis"),
    "a wrong type": ({"title": 7}, "malformed_field", "title"),
    "a number as text": (
        {"title": "t", "wishes": [{"language": "nb", "level": "3"}]},
        "malformed_field",
        "wishes.0.level",
    ),
    "a number as true": (
        {"title": "t", "wishes": [{"language": "nb", "level": True}]},
        "malformed_field",
        "wishes.0.level",
    ),
    "a date as number": ({"title": "t", "on": 0}, "malformed_field", "on"),
    "a time without zone": ({"title": "t", "at": "2026-11-24T12:00:00"}, "malformed_field", "at"),
    "a word too long": ({"title": "t" * 21}, "malformed_field", "title"),
    "only blanks": ({"title": "   "}, "malformed_field", "title"),
    "a choice not on the list": (
        {"title": "t", "wishes": [{"language": "nb", "level": 1}, {"language": "sv", "level": 1}]},
        "malformed_field",
        "wishes.1.language",
    ),
    "a list as the body": ([], "malformed_field", "body"),
}


@pytest.mark.parametrize(("body", "rule", "field"), MALFORMED.values(), ids=MALFORMED.keys())
async def test_a_malformed_field_is_named_by_its_path(service: Sample, body: Any, rule: str, field: str) -> None:
    response = await post(service, json=body)
    assert (said(response), service.notes.asked) == ((422, rule, field), [])


async def test_every_fault_is_told_at_once_and_no_value_is_repeated(service: Sample) -> None:
    response = await post(service, json={"title": "Invented Name Invented Name", "x": "Invented"})
    assert [fault["field"] for fault in response.json()["faults"]] == ["title", "x"]
    assert "Invented" not in response.text


NOT_JSON = {
    "half an object": b'{"title":',
    "bytes that are not UTF-8": b'{"title": "\xff"}',
    "half a character": b'{"title": "\\ud800"}',
    "nested without end": b"[" * 5000,
    "a form": b"title=t",
    "a NUL": b"\x00",
}


@pytest.mark.parametrize("body", NOT_JSON.values(), ids=NOT_JSON.keys())
async def test_what_is_not_json_is_said_to_be_not_json(service: Sample, body: bytes) -> None:
    assert said(await post(service, content=body, headers=JSON)) == (422, "not_json", "body")


async def test_a_number_with_ten_thousand_digits_is_refused(service: Sample) -> None:
    response = await post(service, content=b'{"title": ' + b"1" * 10_000 + b"}", headers=JSON)
    assert response.status_code == 422


async def test_no_body_at_all_is_a_missing_body(service: Sample) -> None:
    assert said(await post(service)) == (422, "missing_field", "body")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
async def test_another_content_type_is_415(service: Sample, kind: str) -> None:
    response = await post(service, content=b'{"title": "t"}', headers={"Content-Type": kind})
    assert said(response) == (415, "unsupported_content_type", None)


async def test_json_by_another_name_is_json(service: Sample) -> None:
    kind = {"Content-Type": "application/merge-patch+json; charset=utf-8"}
    assert (await post(service, content=b'{"title": "t"}', headers=kind)).status_code == 201


async def test_a_megabyte_is_refused_by_its_declared_length(service: Sample) -> None:
    assert said(await post(service, content=b"x" * 1_000_000, headers=JSON)) == (413, "body_too_large", None)


async def test_a_megabyte_without_a_length_is_refused_as_soon_as_it_is_too_much(service: Sample) -> None:
    sent: list[int] = []

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(1000):
            sent.append(1024)
            yield b"x" * 1024

    assert said(await post(service, content=chunks(), headers=JSON)) == (413, "body_too_large", None)
    assert sum(sent) == MAX_BODY_BYTES + 1024


async def test_exactly_the_limit_is_read(service: Sample) -> None:
    body = b'{"title": "' + b"t" * (MAX_BODY_BYTES - 13) + b'"}'
    assert (len(body), said(await post(service, content=body, headers=JSON))) == (
        MAX_BODY_BYTES,
        (422, "malformed_field", "title"),
    )


async def test_an_unknown_address_is_404_and_needs_no_token(service: Sample) -> None:
    assert said(await service.client.get("/v1/nothing")) == (404, "not_found", None)
    assert said(await service.client.get("/docs")) == (404, "not_found", None)


async def test_a_wrong_method_is_405_and_tells_all_that_are_taken(service: Sample) -> None:
    response = await service.client.request("DELETE", "/v1/notes")
    assert (said(response), response.headers["Allow"]) == ((405, "method_not_allowed", None), "GET, POST")


async def test_an_id_no_stream_can_have_is_the_id_of_nothing(service: Sample) -> None:
    response = await service.client.get("/v1/notes/a%20b", headers=service.bearer("notes:read"))
    assert said(response) == (404, "not_found", None)


async def test_another_tenants_id_looks_exactly_like_none(service: Sample) -> None:
    made = await post(service, json={"title": "t"})
    assert (await service.client.get(made.headers["Location"], headers=service.bearer("notes:read"))).status_code == 200
    stranger = service.bearer("notes:read", tenant="ringsted")
    theirs = await service.client.get(made.headers["Location"], headers=stranger)
    nobodys = await service.client.get("/v1/notes/nothing", headers=stranger)
    assert (theirs.status_code, theirs.content) == (nobodys.status_code, nobodys.content)


async def test_a_refusal_names_rule_options_and_what_is_missing(service: Sample) -> None:
    response = await post(service, json={"title": "too many"})
    assert response.json() == {
        "type": "urn:kobling:problem:full_house",
        "title": "Not now",
        "status": 409,
        "rule": "full_house",
        "detail": "There is no room for more.",
        "case": "ten are kept",
        "options": [{"code": "wait_a_day", "sentence": "wait a day"}],
        "missing": [{"code": "free_place", "sentence": "free place"}],
    }


async def test_an_engine_that_is_away_is_503_and_its_address_stays_inside(service: Sample) -> None:
    response = await post(service, json={"title": "engine"})
    assert (said(response), response.headers["Retry-After"]) == ((503, "engine_away", None), "1")
    assert "mongodb" not in response.text


async def test_our_own_bug_is_500_without_anything_of_our_insides(service: Sample) -> None:
    with caught_log() as lines:
        response = await post(service, json={"title": "bug"})
    assert (said(response), response.json()["detail"]) == (
        (500, "broken_inside", None),
        "Something broke on our side. It has been noted.",
    )
    line = lines.last()
    assert (line["event"], line["correlation_id"]) == ("request_failed", response.headers["X-Correlation-Id"])
    assert (line["exception"][0]["exc_type"], "secret of" in lines.getvalue()) == ("RuntimeError", False)


async def test_what_was_refused_is_told_one_by_one_without_what_the_caller_wrote(service: Sample) -> None:
    with caught_log() as lines:
        response = await post(service, json={"title": "a", "kari@example.org": 1})
    line = lines.last()
    assert (line["event"], line["correlation_id"]) == ("request_refused", response.headers["X-Correlation-Id"])
    assert (line["route"], line["status"], line["rule"]) == ("/v1/notes", 422, "unknown_field")
    assert "kari" not in lines.getvalue()


async def test_an_issuer_that_was_never_there_is_503(service: Sample) -> None:
    token = service.bearer("notes:write")
    service.issuer.is_up = False
    try:
        fresh = sample()
        assert said(await fresh.client.get("/v1/notes", headers=token)) == (503, "issuer_away", None)
    finally:
        service.issuer.is_up = True


async def test_a_caller_who_hangs_up_is_no_error_of_ours(service: Sample) -> None:
    waiting: list[Message] = [
        {"type": "http.request", "body": b'{"ti', "more_body": True},
        {"type": "http.disconnect"},
    ]
    answers: list[Message] = []

    async def receive() -> Message:
        return waiting.pop(0)

    async def send(message: Message) -> None:
        answers.append(message)

    headers = [(b"authorization", service.bearer("notes:write")["Authorization"].encode())]
    scope: Scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/notes",
        "raw_path": b"/v1/notes",
        "query_string": b"",
        "headers": headers,
        "http_version": "1.1",
        "scheme": "http",
        "server": ("sample", 80),
    }
    with caught_log() as lines:
        await service.app(scope, receive, send)
    assert (answers, "request_failed" in lines.getvalue()) == ([], False)
