"""A person who logs in by a national login is somebody here once they brought the code they were given."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pymongo import AsyncMongoClient

from services.intake.app import build
from tests.support.issuers import PREPARED, Prepared, prepared
from tests.support.service import Running, own_place, running_service
from tests.support.stack import Addresses
from tests.support.tokens import TokenIssuer
from tests.support.wait import eventually

TENANT = "fjordby"
NATIONAL_NUMBER = "99129912345"


class Both(TokenIssuer):
    """The plain issuer of the tests, and a national one whose keys the same client reaches."""

    def __init__(self, national: Prepared) -> None:
        super().__init__()
        self.national = national

    def http(self) -> httpx.AsyncClient:
        theirs, ours = self.national.issuer.http(), super().http()

        async def answer(request: httpx.Request) -> httpx.Response:
            client = ours if request.url.host in self.url else theirs
            return await client.send(client.build_request(request.method, request.url))

        return httpx.AsyncClient(transport=httpx.MockTransport(answer))


@pytest.fixture
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], unique: str, tmp_path: Path
) -> AsyncIterator[Running]:
    async with own_place(engines, mongo_client, f"{unique}-", tmp_path) as place:
        await place.make_topics(TENANT)
        object.__setattr__(place, "issuer", Both(prepared()["id-porten"]))
        async with running_service("intake", build, place, issuers=PREPARED / "norway.yaml") as running:
            yield running


@pytest.mark.requirement("S2.3")
async def test_a_code_makes_a_login_a_person_and_the_national_number_is_nowhere(
    intake: Running, mongo_client: AsyncMongoClient[dict[str, Any]]
) -> None:
    issuer = intake.place.issuer
    assert isinstance(issuer, Both)
    staff = intake.bearer(TENANT, "people:write", "people:read")
    she = {"Authorization": f"Bearer {issuer.national.token(pid=NATIONAL_NUMBER)}"}
    http = intake.client
    person = {"channel": "phone", "name": "Amina Oppdiktet", "contact": {"language": "nb"}}
    person_id = (await http.post("/v1/persons", json=person, headers=staff)).json()["id"]
    assert (await http.get("/v1/requests", headers=she)).status_code == 403

    invited = (await http.post(f"/v1/persons/{person_id}/invitations", headers=staff)).json()["invitation"]
    wrong = await http.post("/v1/me/login", json={"invitation": invited[::-1]}, headers=she)
    assert (wrong.status_code, wrong.json()["rule"]) == (409, "code_not_valid")
    linked = await http.post("/v1/me/login", json={"invitation": invited}, headers=she)
    assert linked.status_code == 200, linked.text

    async def is_known() -> bool:
        return (await http.get(f"/v1/persons/{person_id}", headers=she)).status_code == 200

    await eventually(is_known)
    another = {"Authorization": f"Bearer {issuer.national.token(pid='11111111111')}"}
    again = await http.post("/v1/me/login", json={"invitation": invited}, headers=another)
    assert (again.status_code, again.json()["rule"]) == (409, "code_not_valid")
    assert await _words_with(mongo_client, intake.place.namespace, NATIONAL_NUMBER) == []


async def _words_with(client: AsyncMongoClient[dict[str, Any]], namespace: str, text: str) -> list[str]:
    """Every collection of this place in which the text stands."""
    found = []
    for name in await client.list_database_names():
        if name.startswith(namespace):
            for collection in await client[name].list_collection_names():
                documents = await client[name][collection].find().to_list()
                found += [f"{name}.{collection}"] if any(text in str(document) for document in documents) else []
    return found
