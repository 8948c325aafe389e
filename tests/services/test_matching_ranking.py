"""The ranking tables keep in step with the read model, on the real MongoDB: changes, removals, another generation."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.clock import SystemClock
from chassis.keyring import MemoryKeyring, seal_model
from chassis.projection import Held
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.intake import Profile
from services.matching.projections.candidate_tables import CandidateTables
from services.matching.projections.candidates import candidates
from tests.support.wait import eventually

TENANT, PROGRAMME = "oslo", "ressursvenn"


def document(person_id: str, *programmes: str, told: JsonObject | None = None) -> JsonObject:
    """A document of the read model, as the projection writes it."""
    listing = {
        "listed": True,
        "roles": ["ressursvenn"],
        "capacity": 1,
        "policy_version": 1,
        "until": None,
        "since": datetime(2026, 1, 1, tzinfo=UTC),
    }
    listings = dict.fromkeys(programmes, listing)
    body: JsonObject = {"profile": told, "listings": listings, "held": {}, "chosen_at": {}}
    body |= {"in_peace": False, "is_protected": False, "shows_area": True, "told": None}
    return Held(body, {}, 0).document(f"{TENANT}/{person_id}")


@pytest.fixture
async def reading(database: AsyncDatabase[JsonObject]) -> ReadModels:
    return ReadModels(database, clock=SystemClock())


async def ids(tables: CandidateTables, tenant: str = TENANT, programme: str = PROGRAMME) -> list[str]:
    return sorted((await tables.of(tenant, programme)).ids)


async def test_a_table_is_loaded_once_and_follows_what_changes(reading: ReadModels) -> None:
    collection = await reading.collection(candidates)
    await collection.insert_many([document("v", PROGRAMME), document("nobody")])
    keyring = MemoryKeyring()
    tables = CandidateTables(reading, keyring)
    assert await ids(tables) == ["v"]

    await collection.insert_one(document("w", PROGRAMME, "mentors"))
    profile = await seal_model(keyring, TENANT, "v", Profile(area="2950"))
    told = {"subject": profile.subject, "sealed": profile.token}
    await collection.replace_one({"_id": f"{TENANT}/v"}, document("v", PROGRAMME, told=told))

    async def followed() -> bool:
        table = await tables.of(TENANT, PROGRAMME)
        row = table.row_of("v")
        return sorted(table.ids) == ["v", "w"] and row is not None and table.column("area")[row] == 2950

    await eventually(followed)
    assert await ids(tables, programme="mentors") == ["w"]


async def test_who_is_gone_from_the_read_model_is_gone_from_the_table(reading: ReadModels) -> None:
    collection = await reading.collection(candidates)
    await collection.insert_many([document("v", PROGRAMME), document("w", PROGRAMME)])
    tables = CandidateTables(reading, MemoryKeyring())
    await ids(tables)

    await collection.replace_one({"_id": f"{TENANT}/v"}, {"_tenant": TENANT, "_gone": True})
    await collection.delete_one({"_id": f"{TENANT}/w"})

    assert await eventually(lambda: _is_empty(tables))


async def _is_empty(tables: CandidateTables) -> bool:
    return await ids(tables) == []


async def test_a_table_that_lost_its_place_is_loaded_again(reading: ReadModels) -> None:
    collection = await reading.collection(candidates)
    await collection.insert_one(document("v", PROGRAMME))
    tables = CandidateTables(reading, MemoryKeyring())
    await ids(tables)

    await collection.drop()  # ends the change stream, as a dropped generation does
    await collection.insert_one(document("w", PROGRAMME))

    async def loaded_again() -> bool:
        return await ids(tables) == ["w"]

    await eventually(loaded_again)


async def test_another_tenants_helpers_are_in_another_table(reading: ReadModels) -> None:
    collection = await reading.collection(candidates)
    await collection.insert_one(document("v", PROGRAMME))
    tables = CandidateTables(reading, MemoryKeyring())
    assert await ids(tables, tenant="kolding") == []


def test_ranking_is_fed_with_nothing_a_person_did_not_state_for_it() -> None:
    """A birth date, an origin or a diagnosis has no way into the read model: it does not listen to what has one."""
    fields: dict[str, Any] = {event.event_type: set(event.model_fields) for event in candidates.handles}
    assert set(fields) == {
        "intake.address-protected",
        "intake.address-protection-ended",
        "intake.lived-experience-taken-back",
        "intake.lived-experience-told",
        "intake.mode-chosen",
        "intake.pair-freed",
        "intake.pair-held",
        "intake.profile-described",
        "matching.helper-listed",
        "matching.helper-unlisted",
        "matching.slot-reserved",
        "matching.slot-confirmed",
        "matching.slot-released",
    }
    assert not {"birth_date", "origin", "name"} & set().union(*fields.values())
