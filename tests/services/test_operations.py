"""Operators look at a service and decide about what is stuck in it, for their own tenant and for nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis import dead_letters
from chassis.clock import SystemClock
from chassis.http import create_app
from chassis.observability import Health
from chassis.oversight import Oversight
from chassis.read_models import ReadModels
from tests.support.tokens import TokenIssuer

Json = dict[str, Any]
issuer = TokenIssuer()
SCOPES = ("operations:read", "operations:manage")
CONSUMER = "intake.waiting-list.1"


@pytest.fixture
async def http(database: AsyncDatabase[Json]) -> AsyncIterator[httpx.AsyncClient]:
    clock = SystemClock()
    app = create_app(
        "intake",
        [],
        verifier=issuer.verifier(),
        health=Health(),
        derive_key=lambda *_: bytes(32),
        oversight=Oversight(database, (), ReadModels(database, clock=clock), clock, ""),
    )
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://intake.test") as client:
        yield client


async def set_aside(database: AsyncDatabase[Json], stream: str, *, letter: str) -> None:
    await database[dead_letters.COLLECTION].insert_one(
        {
            "_id": letter,
            "consumer": CONSUMER,
            "stream": stream,
            "offset": 7,
            "rule": "malformed_event",
            "field": "body.at",
            "sentence": "It cannot be read.",
            "at": datetime.now(UTC),
            "body": b'{"name": "Amina"}',
        }
    )


async def seen(http: httpx.AsyncClient, tenant: str) -> Json:
    answer = await http.get("/v1/operations", headers=issuer.bearer(tenant=tenant, scopes=SCOPES))
    assert answer.status_code == 200, answer.text
    found: Json = answer.json()
    return found


async def sent(http: httpx.AsyncClient, path: str, body: Json, *, tenant: str, scopes: tuple[str, ...] = SCOPES) -> int:
    headers = issuer.bearer(tenant=tenant, scopes=scopes)
    return (await http.post(f"/v1/operations/{path}", json=body, headers=headers)).status_code


async def test_what_is_stuck_is_shown_with_its_rule_and_nothing_of_what_it_says(
    http: httpx.AsyncClient, database: AsyncDatabase[Json]
) -> None:
    await set_aside(database, "oslo/request/1", letter="a")
    await set_aside(database, "referrals.oslo/17", letter="b")
    shown = await seen(http, "oslo")
    assert {each["category"]: each["rule"] for each in shown["blocked"]} == {
        "request": "malformed_event",
        "referrals.oslo": "malformed_event",
    }
    assert "Amina" not in str(shown)


async def test_what_is_stuck_of_another_tenant_is_neither_seen_nor_decided(
    http: httpx.AsyncClient, database: AsyncDatabase[Json]
) -> None:
    await set_aside(database, "oslo/request/1", letter="a")
    stream = {"consumer": CONSUMER, "stream": "oslo/request/1"}
    assert (await seen(http, "osl"))["blocked"] == (await seen(http, "bergen"))["blocked"] == []
    assert await sent(http, "replays", stream, tenant="bergen") == 404
    assert await sent(http, "drops", {"letter": "a"}, tenant="bergen") == 404
    untouched = await database[dead_letters.COLLECTION].find_one({"_id": "a"})
    assert untouched is not None
    assert {"replay_at", "dropped"} & untouched.keys() == set()
    assert await sent(http, "replays", stream, tenant="oslo") == 200
    assert await sent(http, "drops", {"letter": "a"}, tenant="oslo") == 200
    decided = await database[dead_letters.COLLECTION].find_one({"_id": "a"})
    assert decided is not None
    assert {"replay_at", "dropped"} <= decided.keys()


async def test_who_may_only_look_decides_nothing(http: httpx.AsyncClient, database: AsyncDatabase[Json]) -> None:
    await set_aside(database, "oslo/request/1", letter="a")
    for path, body in (("drops", {"letter": "a"}), ("rebuilds", {"read_model": "requests"})):
        assert await sent(http, path, body, tenant="oslo", scopes=("operations:read",)) == 403


async def test_a_read_model_is_asked_to_be_built_anew_if_there_is_one_of_that_name(
    http: httpx.AsyncClient, database: AsyncDatabase[Json]
) -> None:
    await database["read_models"].insert_one({"_id": "requests", "version": 1, "live": 1, "newest": 1})
    assert await sent(http, "rebuilds", {"read_model": "elsewhere"}, tenant="oslo") == 404
    assert await sent(http, "rebuilds", {"read_model": "requests"}, tenant="oslo") == 200
    asked = await database["read_models"].find_one({"_id": "requests"})
    assert asked is not None
    assert asked["rebuild_requested"] is True


async def test_what_has_just_happened_is_told_by_type_and_time_for_the_own_tenant(
    http: httpx.AsyncClient, database: AsyncDatabase[Json]
) -> None:
    at = "2026-11-27T12:00:00.000001+00:00"
    for tenant in ("oslo", "bergen"):
        stored = {
            "s": f"{tenant}/person/1",
            "v": 1,
            "t": ["intake.person-registered/1"],
            "e": ["Amina"],
            "m": {"r": at},
        }
        await database["commits"].insert_one({"_id": f"{tenant}:1", **stored})
    newest = (await seen(http, "oslo"))["newest"]
    assert [(each["event_type"], each["category"]) for each in newest] == [("intake.person-registered", "person")]
    assert newest[0].keys() == {"event_type", "category", "at"}
