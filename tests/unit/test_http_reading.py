"""Pages of a list, reading your own writes, and what operators ask."""

import base64
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.http import Cursors
from chassis.http.refusals import CursorInvalid
from chassis.position import Position
from contracts.envelope import StreamId
from tests.support.sample_service import Sample, key_of, sample


@pytest.fixture
async def service() -> AsyncIterator[Sample]:
    made = sample()
    for tenant, title in [("ressursvenn", "a"), ("ressursvenn", "b"), ("ressursvenn", "c"), ("ringsted", "x")]:
        made.notes.kept[tenant, title] = title
    async with made.client:
        yield made


async def titles_and_next(service: Sample, query: str, tenant: str = "ressursvenn") -> tuple[list[str], str | None]:
    response = await service.client.get(f"/v1/notes?{query}", headers=service.bearer("notes:read", tenant=tenant))
    assert response.status_code == 200, response.text
    page = response.json()
    return [item["title"] for item in page["items"]], page["next"]


async def test_pages_go_on_where_the_last_one_ended(service: Sample) -> None:
    first, cursor = await titles_and_next(service, "limit=2")
    rest, end = await titles_and_next(service, f"limit=5&cursor={cursor}")
    assert (first, rest, end) == (["a", "b"], ["c"], None)


async def refused(service: Sample, query: str, tenant: str = "ressursvenn") -> tuple[int, str, str]:
    response = await service.client.get(f"/v1/notes?{query}", headers=service.bearer("notes:read", tenant=tenant))
    document = response.json()
    return response.status_code, document["rule"], document["field"]


async def test_a_cursor_is_good_for_its_tenant_and_its_query_only(service: Sample) -> None:
    _, cursor = await titles_and_next(service, "limit=2")
    wrong = (422, "cursor_invalid", "query.cursor")
    assert await refused(service, f"cursor={cursor}", tenant="ringsted") == wrong
    assert await refused(service, f"cursor={cursor}&kind=other") == wrong


async def test_a_changed_cursor_is_refused_at_every_place() -> None:
    cursors = Cursors(key_of)
    cursor = cursors.encode("t", "q", ["2026-11-24", "id-1"])
    assert cursors.decode("t", "q", cursor) == ["2026-11-24", "id-1"]
    for place in range(len(cursor) - 1):  # the last letter has spare bits, which decode to the same
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(CursorInvalid):
            cursors.decode("t", "q", changed)


@pytest.mark.parametrize("cursor", ["A", "AAAA", "A" * 100, "_-" * 50])
async def test_an_invented_cursor_is_refused(service: Sample, cursor: str) -> None:
    assert await refused(service, f"cursor={cursor}") == (422, "cursor_invalid", "query.cursor")


@given(text=st.text(max_size=100) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_whatever_is_sent_as_a_cursor_is_refused(text: str) -> None:
    with pytest.raises(CursorInvalid):
        Cursors(key_of).decode("t", "q", text)


async def test_a_cursor_shows_nothing_of_what_it_holds() -> None:
    cursor = Cursors(key_of).encode("t", "q", "sort-key")
    assert "sort-key" not in cursor


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1.5"])
async def test_a_limit_out_of_bounds_is_named(service: Sample, limit: str) -> None:
    assert await refused(service, f"limit={limit}") == (422, "malformed_field", "query.limit")


async def test_a_query_may_name_the_position_it_waits_for(service: Sample) -> None:
    headers = {**service.bearer("notes:read"), "X-Min-Position": "ressursvenn/note/a@7"}
    assert (await service.client.get("/v1/notes/a", headers=headers)).status_code == 200
    assert service.notes.at_least == [Position(StreamId("ressursvenn", "note", "a"), 7)]


@pytest.mark.parametrize("text", ["ringsted/note/a@7", "a@7", "ressursvenn/note/a", "ressursvenn/note/a@0", "@", ""])
async def test_a_position_that_is_none_of_this_tenant_is_named(service: Sample, text: str) -> None:
    headers = {**service.bearer("notes:read"), "X-Min-Position": text}
    response = await service.client.get("/v1/notes/a", headers=headers)
    assert (response.status_code, response.json()["field"]) == (422, "header.X-Min-Position")


async def test_readiness_says_what_is_checked_and_is_open(service: Sample) -> None:
    async def away() -> str | None:
        return "no_primary"

    service.health.register("mongo", "MongoDB answers a ping", away)
    response = await service.client.get("/readyz")
    [check] = response.json()["checks"]
    assert (response.status_code, response.json()["ready"], check["name"], check["what"], check["fault"]) == (
        503,
        False,
        "mongo",
        "MongoDB answers a ping",
        "no_primary",
    )


async def test_a_fault_of_what_is_not_needed_is_told_and_turns_nobody_away(service: Sample) -> None:
    async def late() -> str | None:
        return "late"

    service.health.register("timers", "no timer is overdue", late, is_needed=False)
    response = await service.client.get("/readyz")
    [check] = response.json()["checks"]
    assert (response.status_code, response.json()["ready"], check["fault"]) == (200, True, "late")


async def test_life_is_told_to_all(service: Sample) -> None:
    assert (await service.client.get("/livez")).json() == {"status": "alive"}


async def test_requests_are_measured_by_route_not_by_address(service: Sample) -> None:
    await service.client.get("/v1/notes/secret-id", headers=service.bearer("notes:read"))
    metrics = (await service.client.get("/metrics", headers=service.bearer("operations:read"))).text
    line = 'kobling_http_request_seconds_count{method="GET",route="/v1/notes/{note_id}",service="sample",status="404"}'
    assert (line in metrics, "secret-id" in metrics) == (True, False)


async def test_every_answer_carries_the_headers_that_protect_it(service: Sample) -> None:
    for path in ("/livez", "/nothing", "/v1/notes"):
        headers = (await service.client.get(path)).headers
        assert (headers["X-Content-Type-Options"], headers["Cache-Control"], headers["Content-Security-Policy"]) == (
            "nosniff",
            "no-store",
            "default-src 'none'; frame-ancestors 'none'",
        )
