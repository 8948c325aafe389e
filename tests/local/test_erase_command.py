"""An operator lets somebody leave without a trace, at a terminal, through all four services on the real engines."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient
from starlette.applications import Starlette
from starlette.routing import Mount
from typer.testing import CliRunner, Result

from deploy.cli import app
from deploy.local.ports import HOST
from deploy.local.serving import bind, serving
from services.intake.app import build
from tests.support.platform import platform_at
from tests.support.service import Place, Running, own_place, running_service
from tests.support.stack import Addresses
from tests.support.tokens import in_a_day
from tests.support.town import COORDINATOR, STAFF, Json, Town

pytestmark = [pytest.mark.requirement("S2.3"), pytest.mark.timeout(240)]

_TENANT = "fjordby"


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody at a terminal, with a coordinator's token of the town."""

    town: Town
    url: str

    async def does(self, *words: str, answer: str = "", scopes: tuple[str, ...] = STAFF) -> Result:
        issuer = self.town.issuer
        header = issuer.bearer(tenant=_TENANT, scopes=scopes, subject=COORDINATOR, exp=in_a_day())
        settings = {"KOBLING_TOKEN": header["Authorization"].removeprefix("Bearer ")}
        asked = ["erase", *words, "--url", self.url]
        return await asyncio.to_thread(CliRunner().invoke, app, asked, input=answer, env=settings)


@asynccontextmanager
async def _at_a_terminal(intake: Running) -> AsyncIterator[Operator]:
    listener = bind(0, what="intake")
    routes = [Mount("/intake", intake.application.app)]
    async with serving(Starlette(routes=routes), listener):
        town = Town(_TENANT, {"intake": intake.client}, intake.place.issuer)
        yield Operator(town, f"http://{HOST}:{listener.getsockname()[1]}")


@pytest.fixture(scope="module")
async def operator(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Operator]:
    namespace = f"t{uuid4().hex[:12]}-"
    async with own_place(engines, mongo_client, namespace, tmp_path_factory.mktemp("erase")) as place:
        await place.make_topics()
        async with platform_at(place) as platform, _at_a_terminal(platform.services["intake"]) as operator:
            yield operator


async def test_somebody_is_erased_once_it_is_confirmed_and_the_end_is_told(operator: Operator) -> None:
    person_id = await operator.town.person()
    named = (person_id, "--tenant", _TENANT)

    nothing_yet = await operator.does(*named, "--status")
    declined = await operator.does(*named, answer="n\n")
    assert (nothing_yet.exit_code, declined.exit_code) == (1, 1)
    assert f"{person_id} has not asked to be erased." in nothing_yet.output
    assert "This cannot be taken back." in declined.output
    assert "Nobody was erased." in declined.output
    assert (await operator.town.get_once("intake", f"/v1/persons/{person_id}")).status_code == 200

    done = await operator.does(*named, answer="y\n")
    again, told = await operator.does(*named, "--yes"), await operator.does(*named, "--status")

    assert (done.exit_code, again.exit_code, told.exit_code) == (0, 0, 0)
    assert "the key is destroyed and every service has answered" in done.output
    assert done.output.endswith(told.output)
    assert again.output == told.output
    assert (await operator.town.get_once("intake", f"/v1/persons/{person_id}")).status_code == 404


async def test_whoever_is_not_there_or_may_not_is_told_why_and_nobody_is_erased(operator: Operator) -> None:
    person_id = await operator.town.person()

    unknown = await operator.does("nobody-has-it", "--tenant", _TENANT, "--yes")
    other = await operator.does(person_id, "--tenant", "skogvik", "--yes")
    reader = await operator.does(person_id, "--tenant", _TENANT, "--yes", scopes=("people:read",))

    assert [one.exit_code for one in (unknown, other, reader)] == [1, 1, 1]
    assert "404" in unknown.output
    assert "This token is not one of skogvik." in other.output
    assert "403" in reader.output
    assert (await operator.town.get_once("intake", f"/v1/persons/{person_id}/erasure")).status_code == 404
    assert (await operator.town.get_once("intake", f"/v1/persons/{person_id}")).status_code == 200


async def test_whom_it_waits_for_is_told_where_nobody_answers(place: Place) -> None:
    await place.make_topics()
    async with running_service("intake", build, place) as intake, _at_a_terminal(intake) as operator:
        person_id = await operator.town.person()

        waiting = await operator.does(person_id, "--tenant", _TENANT, "--yes", "--patience", "0.1")

    assert waiting.exit_code == 0
    said = [line for line in waiting.output.splitlines() if "request_refused" not in line]  # the service logs here too
    assert said == [
        f"{person_id} is leaving: the key is still there; waiting for intake, matching, notifications, reporting."
    ]
