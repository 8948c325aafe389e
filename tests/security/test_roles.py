"""Roles that are granted for one programme: nothing of another is seen, changed or noticed through any door (S3.52)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymongo import AsyncMongoClient

from contracts.base import JsonObject
from contracts.roles import SCOPES
from tests.security.doors import Door, closed_doors
from tests.security.world import TOLD, World
from tests.support.platform import platform_at
from tests.support.service import own_place
from tests.support.stack import Addresses
from tests.support.wait import eventually

HERE, ELSEWHERE = TOLD, "choir"
ADMINISTRATOR = "administrator"
OF_ALL = {"/v1/places", "/v1/figures"}
"""Lists of the tenant, and of nobody's: the directory, and what figures there are."""


@dataclass(slots=True)
class Granting:
    """A world, and staff whose tokens open nothing: all they may do was granted."""

    world: World
    grants: dict[str, str] = field(default_factory=dict)

    def token(self, who: str) -> dict[str, str]:
        return self.world.bearer(subject=who)

    async def ask(self, door: Door, ids: Mapping[str, str], who: str) -> httpx.Response:
        client = self.world.platform.services[door.service].client
        body = door.body
        if isinstance(body, dict):
            body = body | {name: ids[name] for name in body if name in ids}
        return await client.request(door.method, door.address(**ids), json=body, headers=self.token(who))

    async def call(
        self, method: str, path: str, who: Mapping[str, str], body: JsonObject | None = None, *, service: str = "intake"
    ) -> httpx.Response:
        client = self.world.platform.services[service].client
        return await client.request(method, path, json=body, headers=dict(who))

    async def grant(self, who: str, role: str, programme: str | None = None) -> str:
        """By an administrator whose token says so. The id of the grant, once every service has heard of it."""
        body = {"role": role, "login": {"subject": who}, "programme": programme}
        answer = await self.call("POST", "/v1/roles", self.administrator, body)
        assert answer.status_code == 201, answer.text
        for service in self.world.platform.services.values():
            knows = partial(_knows, service.application.database["grants.1"], str(answer.json()["id"]))
            await eventually(knows)
        return str(answer.json()["id"])

    async def made_by(self, subject: str) -> list[str]:
        """The streams on which something stands that this caller did."""
        services = self.world.platform.services
        commits = [commit for service in services for commit in await self.world.commits(service)]
        return [commit["s"] for commit in commits if commit["m"]["a"] == subject]

    @property
    def administrator(self) -> dict[str, str]:
        return self.world.bearer(*SCOPES["administrator"], subject=ADMINISTRATOR)


async def _knows(grants: Any, grant_id: str) -> bool:
    return await grants.find_one({f"grants.{grant_id}": {"$exists": True}}) is not None


@pytest.fixture(scope="module")
async def granting(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Granting]:
    namespace = f"t{uuid4().hex[:12]}-"
    async with own_place(engines, mongo_client, namespace, tmp_path_factory.mktemp("roles")) as place:
        await place.make_topics("oslo")
        async with platform_at(place) as platform:
            made = Granting(World(platform, "oslo"))
            await made.world.make()
            await made.grant("stranger", "coordinator", ELSEWHERE)
            await made.grant("host", "coordinator", HERE)
            await made.grant("user", "user-coordinator", "neighbours")
            yield made


async def test_a_coordinator_of_another_programme_finds_nothing_behind_any_door(granting: Granting) -> None:
    """What is there looks as what is not, byte for byte, and nothing came of asking."""
    ids = granting.world.ids
    opened, different = {}, []
    for door in closed_doors():
        if not door.names or door.names[0] in ("place_id", "name"):
            continue
        theirs, nobodys = await granting.ask(door, ids, "stranger"), await granting.ask(door, {}, "stranger")
        if theirs.status_code not in (403, 404):
            opened[str(door)] = theirs.text
        # The code of a programme is no secret: of none and of another one the same is said, but for its own routes.
        if theirs.content != nobodys.content:
            different.append((str(door), theirs.text, nobodys.text))

    assert opened == {}
    assert different == []
    assert await granting.made_by("stranger") == []


async def test_a_coordinator_of_another_programme_makes_nothing_in_this_one(granting: Granting) -> None:
    ids = granting.world.ids
    makers = [door for door in closed_doors() if door.method == "POST" and not door.names]
    named = [door for door in makers if isinstance(door.body, dict) and "programme" in door.body]
    found = {str(door): (await granting.ask(door, ids, "stranger")).status_code for door in named}

    assert len(found) >= 4
    assert {name: status for name, status in found.items() if status not in (403, 404)} == {}


async def test_no_list_shows_a_coordinator_what_another_programme_has(granting: Granting) -> None:
    secret = {value for name, value in granting.world.ids.items() if name not in ("place_id",)}
    shown = {}
    for door in closed_doors():
        if door.method == "GET" and not door.names and door.path not in OF_ALL:
            shown[str(door)] = await granting.ask(door, {}, "stranger")

    assert sum(answer.status_code == 200 for answer in shown.values()) >= 9
    assert {name: answer.text for name, answer in shown.items() if any(one in answer.text for one in secret)} == {}
    assert {answer.status_code for answer in shown.values()} <= {200, 403, 422}


READ = [door for door in closed_doors() if door.method == "GET" and door.names]


async def test_a_coordinator_of_this_programme_sees_what_it_has(granting: Granting) -> None:
    ids = granting.world.ids
    seen = {door.path: (await granting.ask(door, ids, "host")).status_code for door in READ}
    lists = {
        path: (await granting.call("GET", path, granting.token("host"), service=service)).json()["items"]
        for service, path in (
            ("intake", "/v1/volunteerings"),
            ("matching", "/v1/matches"),
            ("notifications", "/v1/messages"),
        )
    }

    assert {path for path, status in seen.items() if status == 200} >= {
        "/v1/requests/{request_id}",
        "/v1/persons/{person_id}",
        "/v1/volunteerings/{volunteering_id}",
        "/v1/searches/{request_id}",
        "/v1/matches/{match_id}",
        "/v1/activities/{activity_id}",
        "/v1/sessions/{session_id}",
        "/v1/programmes/{code}",
    }
    assert {path: {one["programme"] for one in items} for path, items in lists.items()} == {
        path: {HERE} for path in lists
    }


async def test_what_is_made_is_made_in_the_programme_of_the_role(granting: Granting) -> None:
    person = {"channel": "phone", "name": "Kari Oppdiktet", "birth_date": "1970-01-31"}
    host = granting.token("host")
    welcomed = await granting.call("POST", "/v1/persons", host, person)
    wish = {"person_id": welcomed.json()["id"], "category": "walks", "what": "A walk", "expected_duration": "PT1H"}
    inside = await granting.call("POST", "/v1/requests", host, wish | {"programme": HERE})
    outside = await granting.call("POST", "/v1/requests", host, wish | {"programme": "neighbours"})

    assert (welcomed.status_code, inside.status_code, outside.status_code) == (201, 201, 404)


@pytest.mark.requirement("S1.9", "S3.52")
async def test_a_user_coordinator_sees_the_board_of_their_programme_and_no_contact_no_person_no_report(
    granting: Granting,
) -> None:
    user, ids = granting.token("user"), granting.world.ids
    board = await granting.call("GET", "/v1/tenders/to-choose", user, service="matching")
    catalogue = await granting.call("GET", "/v1/offers/to-ask", user, service="matching")
    figures = "/v1/figures/requests?programme=neighbours"
    closed = {
        path: (await granting.call("GET", path, user, service=service)).status_code
        for service, path in (
            ("intake", f"/v1/requests/{ids['request_id']}/contact"),
            ("intake", f"/v1/persons/{ids['person_id']}"),
            ("intake", "/v1/persons"),
            ("matching", "/v1/searches"),
            ("matching", "/v1/matches"),
            ("reporting", figures),
        )
    }

    assert (board.status_code, catalogue.status_code) == (200, 200)
    assert [one["offer_id"] for one in catalogue.json()["items"]] == [ids["offer_id"]]
    assert set(closed.values()) == {403}


@pytest.mark.requirement("S3.52")
async def test_a_role_that_is_taken_back_bites_no_more_within_seconds(granting: Granting) -> None:
    grant_id = await granting.grant("guest", "coordinator", HERE)
    path = f"/v1/requests/{granting.world.ids['request_id']}"
    before = await granting.call("GET", path, granting.token("guest"))
    taken = await granting.call("POST", f"/v1/roles/{grant_id}/taking-back", granting.administrator)

    async def is_closed() -> bool:
        return (await granting.call("GET", path, granting.token("guest"))).status_code == 403

    assert (before.status_code, taken.status_code) == (200, 200)
    assert await eventually(is_closed)


async def test_an_administrator_of_one_programme_grants_in_that_one_only(granting: Granting) -> None:
    await granting.grant("leader", "administrator", HERE)
    leader = granting.token("leader")

    def role(programme: str | None) -> JsonObject:
        return {"role": "trainer", "login": {"subject": "new"}, "programme": programme}

    statuses = [
        (await granting.call("POST", "/v1/roles", leader, role(programme))).status_code
        for programme in (HERE, ELSEWHERE, None)
    ]
    listed = (await granting.call("GET", "/v1/roles", leader)).json()["items"]

    assert statuses == [201, 404, 403]
    assert {one["programme"] for one in listed} == {HERE}


async def test_nobody_grants_to_themselves_and_the_refusal_is_in_plain_words(granting: Granting) -> None:
    body = {"role": "steering", "login": {"subject": ADMINISTRATOR}}
    answer = await granting.call("POST", "/v1/roles", {**granting.administrator, "Accept-Language": "nb"}, body)

    assert (answer.status_code, answer.json()["rule"]) == (403, "role_to_yourself")
    assert answer.json()["detail"] == "Ingen gir seg selv en rolle."


async def test_who_looked_is_told_by_the_role_that_was_granted(granting: Granting) -> None:
    person = granting.world.requester
    await granting.call("GET", f"/v1/persons/{person}", granting.token("host"))
    own = granting.world.bearer("volunteering:apply", person=person)
    looks = (await granting.call("GET", f"/v1/persons/{person}/looked-at", own)).json()["items"]

    assert "A coordinator" in {one["by"] for one in looks}


async def test_a_staff_members_own_id_stands_in_no_event_about_roles(granting: Granting) -> None:
    commits = await granting.world.commits("intake")
    texts = [text for commit in commits if "/staff/" in commit["s"] for text in commit["e"]]

    assert len(texts) >= 3
    assert [text for text in texts if '"holder":"stranger"' in text or '"holder":"host"' in text] == []
