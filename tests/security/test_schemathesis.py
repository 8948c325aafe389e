"""schemathesis against every service, as each kind of caller: its answers are those its document names, never a 500."""

from collections.abc import AsyncIterator, Mapping
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymongo import AsyncMongoClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.security.doors import Door, all_scopes, app_of, doors
from tests.security.world import PERSONS, World
from tests.support.platform import platform_at
from tests.support.service import own_place
from tests.support.stack import Addresses

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
WALKED = [door for door in doors() if door.path in app_of(door.service).openapi()["paths"]]
CALLERS = ["coordinator", "coordinator", "requester", "helper", "operator", "nobody"]
EXAMPLES = 200 if settings.get_current_profile_name() == "thorough" else 10
_WALK = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    phases=[Phase.generate],  # what fails is told as it is: making it smaller takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


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


@pytest.mark.timeout(300)  # the first of them waits for four services and a whole town
@pytest.mark.parametrize("door", WALKED, ids=str)
@given(data=st.data())
@_WALK
async def test_every_answer_is_one_that_the_document_names(world: World, door: Door, data: st.DataObject) -> None:
    case = data.draw(_case(door, world.ids))
    who = data.draw(st.sampled_from(CALLERS))
    answer = await _sent(world, door, case, _login(world, who))

    case.validate_response(answer, checks=CHECKS)


@st.composite
def _case(draw: st.DrawFn, door: Door, ids: Mapping[str, str]) -> Any:
    """Half of them what the document asks for, half of them not; most are about things that are there."""
    operation = _schema(door.service)[door.path][door.method]
    can_be_wrong = bool(operation.query or operation.headers or operation.body)
    mode = draw(st.sampled_from(GenerationMode)) if can_be_wrong else GenerationMode.POSITIVE
    known = {name: ids[name] for name in door.names if name in ids and draw(st.integers(0, 5))}
    return draw(operation.as_strategy(mode, path_parameters=known or None))


@cache
def _schema(service: str) -> Any:
    schema = schemathesis.openapi.from_dict(app_of(service).openapi())
    schema.config.generation.update(with_security_parameters=False)
    return schema


@cache
def _login(world: World, caller: str) -> Mapping[str, str]:
    match caller:
        case "coordinator":
            return world.bearer(*(all_scopes() - {"matching:answer", "messages:own", "operations:read"}))
        case "operator":
            return world.bearer("operations:read", subject="operator")
        case "requester":
            return world.bearer(*PERSONS, person=world.requester, subject="requester")
        case "helper":
            return world.bearer(*PERSONS, person=world.helper, subject="helper")
        case _:
            return {}


async def _sent(world: World, door: Door, case: Any, who: Mapping[str, str]) -> httpx.Response:
    said = case.as_transport_kwargs(headers=dict(who))
    path, query = str(said["url"]), dict(said["params"] or {})
    body = {"json": said["json"]} if "json" in said else {"content": said.get("data")}
    client = world.platform.services[door.service].client
    return await client.request(door.method, path, params=query, headers=said["headers"], **body)
