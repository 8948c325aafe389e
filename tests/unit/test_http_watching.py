"""Operators see that somebody tries doors, without an id in any metric."""

from collections.abc import Awaitable, Callable

import pytest
from structlog.testing import capture_logs

from chassis.observability import REGISTRY
from tests.support.sample_service import Sample, sample

Tried = Callable[[Sample], Awaitable[int]]


def counted(rule: str) -> float:
    return REGISTRY.get_sample_value("kobling_http_refused_total", {"service": "sample", "rule": rule}) or 0.0


async def _no_token(service: Sample) -> int:
    return (await service.client.get("/v1/notes")).status_code


async def _a_token_nobody_signed(service: Sample) -> int:
    header, payload, signature = service.bearer("notes:read")["Authorization"].split(".")
    forged = {"Authorization": f"{header}.{payload}.{signature[::-1]}"}
    return (await service.client.get("/v1/notes", headers=forged)).status_code


async def _a_scope_too_few(service: Sample) -> int:
    return (await service.client.get("/v1/notes", headers=service.bearer("people:read"))).status_code


async def _an_id_of_another_tenant(service: Sample) -> int:
    service.notes.kept["bergen", "note-1"] = "theirs"
    return (
        await service.client.get("/v1/notes/note-1", headers=service.bearer("notes:read", tenant="oslo"))
    ).status_code


@pytest.mark.parametrize(
    ("tried", "status", "rule"),
    [
        (_no_token, 401, "unauthenticated"),
        (_a_token_nobody_signed, 401, "unauthenticated"),
        (_a_scope_too_few, 403, "scope_missing"),
        (_an_id_of_another_tenant, 404, "not_found"),
    ],
)
async def test_each_refusal_at_a_door_is_counted_under_its_rule(tried: Tried, status: int, rule: str) -> None:
    async with (service := sample()).client:
        before = counted(rule)

        assert await tried(service) == status

        assert counted(rule) == before + 1


async def test_who_lacks_a_scope_is_told_to_operators_by_pseudonym() -> None:
    async with (service := sample()).client:
        with capture_logs() as logs:
            await _a_scope_too_few(service)

    told = [(line["tenant"], line["actor"]) for line in logs if line["event"] == "scope_missing"]
    assert told == [("ressursvenn", "user-1")]


async def test_an_answer_is_not_counted_as_a_refusal() -> None:
    async with (service := sample()).client:
        before = {rule: counted(rule) for rule in ("unauthenticated", "scope_missing", "not_found")}

        assert (await service.client.get("/v1/notes", headers=service.bearer("notes:read"))).status_code == 200

        assert {rule: counted(rule) for rule in before} == before
