"""Whatever is sent to a door, its answer is one that its document names: never a 500, never another shape."""

from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pymongo import AsyncMongoClient

from contracts.base import JsonObject
from tests.security.doors import Door, all_scopes, app_of, closed_doors
from tests.security.inputs import Asked, asked, operation_of
from tests.security.world import World
from tests.support.platform import platform_at
from tests.support.service import own_place
from tests.support.stack import Addresses

WALKED = [door for door in closed_doors() if door.path.startswith("/v1/")]
EXAMPLES = 4  # of each of 150 doors, the same in every run


@pytest.fixture(scope="module")
async def world(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[World]:
    namespace = f"t{uuid4().hex[:12]}-"
    async with own_place(engines, mongo_client, namespace, tmp_path_factory.mktemp("walk")) as place:
        await place.make_topics("oslo")
        async with platform_at(place) as platform:
            made = World(platform, "oslo")
            await made.make()
            yield made


@pytest.mark.parametrize("door", WALKED, ids=str)
@given(data=st.data())
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)
async def test_every_answer_is_one_that_the_document_names(world: World, door: Door, data: st.DataObject) -> None:
    request = data.draw(asked(door, world.ids))
    person = data.draw(st.sampled_from([None, world.requester, world.helper]))
    answer = await _sent(world, door, request, who=_login(world, person))

    assert faults(door, answer) == [], (request, answer.text)


@cache
def _login(world: World, person: str | None) -> Mapping[str, str]:
    return world.bearer(*all_scopes(), person=person)


async def _sent(world: World, door: Door, request: Asked, *, who: Mapping[str, str]) -> httpx.Response:
    client = world.platform.services[door.service].client
    headers = {**who, **request.headers}
    return await client.request(door.method, request.path, params=request.query, headers=headers, json=request.body)


def faults(door: Door, answer: httpx.Response) -> list[str]:
    """Why this is no answer of this door."""
    named: JsonObject | None = operation_of(door)["responses"].get(str(answer.status_code))
    if answer.status_code >= 500 and answer.json()["rule"] == "broken_inside":
        return ["broken inside"]
    if named is None:
        return [f"{answer.status_code} is not named"]
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind not in named.get("content", {}):
        return [f"{kind} is not named for {answer.status_code}"]
    schemas = {"components": app_of(door.service).openapi()["components"], **named["content"][kind]["schema"]}
    return [error.message for error in Draft202012Validator(schemas).iter_errors(answer.json())]
