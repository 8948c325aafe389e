"""What a route leaves in the audit trail without having to think of it, and what becomes of it when it cannot."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Annotated

import httpx
import pytest
from pydantic import BaseModel

from chassis.audit import Draft, Entry, MemoryTrail, Trail, WitnessedKeyring, witness, witnessing
from chassis.auth import Principal
from chassis.clock import FixedClock
from chassis.event_store import StoreUnavailable
from chassis.http import Commanded, Router, caller, commanded_by, create_app
from chassis.keyring import MemoryKeyring
from chassis.observability import Health
from chassis.refusal import NotFound
from tests.support.sample_service import ISSUER, key_of

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
ABSENT = "00000000-0000-4000-8000-00000000000a"


class Pair(BaseModel):
    helper_id: str
    requester_id: str | None = None
    enrolled: list[str] = []
    note: str = ""


class Away(MemoryTrail):
    """A trail whose database does not answer."""

    async def record(self, draft: Draft) -> None:
        raise StoreUnavailable()


def client_of(trail: Trail) -> httpx.AsyncClient:
    router = Router(prefix="/v1/things", tags=["things"])
    keyring = WitnessedKeyring(MemoryKeyring())

    @router.get("/pair")
    async def pair(who: Annotated[Principal, caller("notes:read")]) -> Pair:
        return Pair(helper_id="p-1", requester_id="p-2", enrolled=["p-3", "p-4"], note='"person_id":"p-9"')

    @router.get("/opened")
    async def opened(who: Annotated[Principal, caller("notes:read")]) -> str:
        return str(await keyring.open(who.tenant, await keyring.seal(who.tenant, "p-5", "quiet words")))

    @router.get("/nothing")
    async def nothing(who: Annotated[Principal, caller("notes:read")]) -> str:
        return "about nobody"

    @router.get("/{person_id}")
    async def one(person_id: str, who: Annotated[Principal, caller("notes:read")]) -> Pair:
        if person_id in (ABSENT, "somebodys-name"):
            raise NotFound()
        raise ValueError("a bug")

    @router.post("/{person_id}")
    async def change(person_id: str, body: Pair, ask: Annotated[Commanded, commanded_by("notes:write")]) -> str:
        return "changed"

    app = create_app(
        "sample",
        [router],
        verifier=ISSUER.verifier(),
        health=Health(),
        derive_key=key_of,
        trail=trail,
        clock=FixedClock(NOON),
    )
    bearer = ISSUER.bearer(scopes=("notes:read", "notes:write"), tenant="oslo", subject="user-1")
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://sample", headers=bearer)


class Watched:
    def __init__(self) -> None:
        self.trail = MemoryTrail()
        self.client = client_of(self.trail)

    @property
    def entries(self) -> Sequence[Entry]:
        return self.trail.entries["oslo"]

    def said(self) -> tuple[str, str, str, tuple[str, ...]]:
        [entry] = self.entries
        return entry.draft.action, entry.draft.did, entry.draft.outcome, entry.draft.subjects


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    made = Watched()
    async with made.client:
        yield made


async def test_everybody_named_in_an_answer_was_looked_at(watched: Watched) -> None:
    await watched.client.get("/v1/things/pair")

    assert watched.said() == ("things-pair", "read", "done", ("p-1", "p-2", "p-3", "p-4"))


async def test_whose_seal_is_opened_was_looked_at_whatever_the_answer_shows(watched: Watched) -> None:
    await watched.client.get("/v1/things/opened")

    assert watched.said() == ("things-opened", "read", "done", ("p-5",))


async def test_an_entry_has_the_time_and_the_correlation_id_of_what_it_tells(watched: Watched) -> None:
    answer = await watched.client.get("/v1/things/pair")

    [entry] = watched.entries
    assert (entry.draft.at, entry.draft.correlation_id) == (NOON.isoformat(), answer.headers["X-Correlation-Id"])


async def test_a_look_at_nobody_leaves_nothing(watched: Watched) -> None:
    await watched.client.get("/v1/things/nothing")

    assert watched.entries == []


async def test_who_asked_in_vain_is_remembered_with_the_rule(watched: Watched) -> None:
    await watched.client.get(f"/v1/things/{ABSENT}")

    assert watched.said() == ("things-one", "read", "not_found", (ABSENT,))


async def test_what_broke_on_our_side_is_remembered_too(watched: Watched) -> None:
    answer = await watched.client.get("/v1/things/p-6")

    assert answer.status_code == 500
    assert watched.said() == ("things-one", "read", "broken", ("p-6",))


async def test_a_change_names_the_address_and_the_body(watched: Watched) -> None:
    await watched.client.post("/v1/things/p-6", json={"helper_id": "p-7"})

    assert watched.said() == ("things-change", "changed", "done", ("p-6", "p-7"))


async def test_what_was_malformed_leaves_nothing(watched: Watched) -> None:
    answer = await watched.client.post("/v1/things/p-6", json={"helper_id": 7})

    assert (answer.status_code, watched.entries) == (422, [])


@pytest.mark.parametrize("path", ["pair", "opened", ABSENT])
async def test_what_cannot_be_remembered_is_not_shown(path: str) -> None:
    async with client_of(Away()) as client:
        answer = await client.get(f"/v1/things/{path}")

    assert (answer.status_code, answer.json()["rule"]) == (503, "store_unavailable")
    assert "quiet words" not in answer.text


async def test_each_piece_of_work_has_its_own_witness() -> None:
    with witnessing() as outer:
        witness("p-1", None)
        with witnessing() as inner:
            witness("p-2")
    witness("p-3")

    assert (outer, inner) == ({"p-1"}, {"p-2"})
