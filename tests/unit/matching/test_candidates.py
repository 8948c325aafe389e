"""Candidates rest on blocks that are at most a minute old, and never show who is kept apart (S2.9)."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.command_handler import CommandHandler
from chassis.event_store.memory import MemoryEventStore
from chassis.keyring import MemoryKeyring, seal_model
from chassis.refusal import FactsTooOld
from contracts.intake import Wishes
from contracts.policy import Policy
from contracts.sealed import Sealed
from services.matching.candidates import Candidates
from services.matching.domain.helper_commands import HelperNotFound
from services.matching.domain.search_state import Search, Status
from services.matching.pairs import Pairs
from services.matching.people import People
from services.matching.ranking.criteria import Candidate
from services.matching.ranking.table import HelperTable
from tests.unit.matching.examples import NOW
from tests.unit.matching.world import PROGRAMME, TENANT, AdoptedPolicy

KEYRING = MemoryKeyring()
SEARCH = Search(Status.OPEN, "r1", "p", PROGRAMME)


def sealed(wishes: Wishes) -> Sealed[Wishes]:
    return asyncio.run(seal_model(KEYRING, TENANT, "p", wishes))


@dataclass(slots=True)
class Tables:
    """Ten helpers, and pairs that are held as of an instant."""

    known_at: datetime = NOW
    everybody: People = field(default_factory=People)

    async def of(self, tenant: str, programme: str) -> HelperTable:
        table = HelperTable()
        for number in range(10):
            table.put(Candidate(f"v{number}", True, frozenset(), 1, 0, 1, None, NOW, area="0150"))
        return table

    def people(self, tenant: str) -> People:
        return self.everybody

    async def as_of(self) -> datetime:
        return self.known_at


@dataclass(slots=True)
class Desk:
    tables: Tables = field(default_factory=Tables)
    clock: FixedClock = field(default_factory=lambda: FixedClock(NOW))
    policy: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.pairs = Pairs(CommandHandler(MemoryEventStore(), self.clock), KEYRING)
        policies = AdoptedPolicy(Policy.model_validate(self.policy), self.clock)
        self.candidates = Candidates(self.tables, policies, KEYRING, pairs=self.pairs, clock=self.clock)

    pairs: Pairs = field(init=False)
    candidates: Candidates = field(init=False)

    def listed(self, limit: int) -> set[str]:
        return {one.helper_id for one in asyncio.run(self.candidates.best(TENANT, SEARCH, limit=limit))}


@pytest.mark.requirement("S2.9")
def test_a_list_is_filled_up_without_those_who_are_kept_apart() -> None:
    desk = Desk()
    apart = {f"v{number}" for number in range(7)}
    desk.tables.everybody.held_pairs = {desk.pairs.token(TENANT, "p", helper_id) for helper_id in apart}

    assert desk.listed(3) == {"v7", "v8", "v9"}
    for helper_id in (*apart, "nobody"):
        with pytest.raises(HelperNotFound):
            asyncio.run(desk.candidates.look_at(TENANT, SEARCH, helper_id))


@pytest.mark.requirement("S2.9")
def test_who_is_kept_apart_is_not_passed_over_either() -> None:
    desk = Desk(policy={"categories": [{"code": "benefits", "by": "authority"}]})
    desk.tables.everybody.held_pairs = {desk.pairs.token(TENANT, "p", f"v{number}") for number in range(7)}
    search = replace(SEARCH, category="benefits")

    found = asyncio.run(desk.candidates.passed_over(TENANT, search, limit=2))
    assert {one.helper_id for one in found} < {"v7", "v8", "v9"}
    assert [one.why_not for one in found] == [("category_does_not_fit",)] * 2


def test_a_pair_of_others_takes_nobody_off_the_list() -> None:
    desk = Desk()
    desk.tables.everybody.held_pairs = {
        desk.pairs.token(TENANT, "somebody", "v1"),
        desk.pairs.token("elsewhere", "p", "v1"),
    }

    assert len(desk.listed(20)) == 10


@pytest.mark.requirement("S2.9")
@pytest.mark.parametrize(("seconds", "is_fresh"), [(0, True), (60, True), (61, False)])
def test_blocks_that_are_known_from_more_than_a_minute_ago_are_not_enough(seconds: int, is_fresh: bool) -> None:
    desk = Desk()
    desk.clock.advance(timedelta(seconds=seconds))
    if is_fresh:
        assert len(desk.listed(20)) == 10
        return
    with pytest.raises(FactsTooOld) as refused:
        desk.listed(20)
    assert (refused.value.rule, refused.value.status) == ("facts_too_old", 409)


@pytest.mark.requirement("S3.30")
def test_who_asks_and_is_left_in_peace_is_proposed_nobody() -> None:
    desk = Desk()
    desk.tables.everybody.in_peace = {"p"}
    assert desk.listed(20) == set()
    assert asyncio.run(desk.candidates.look_at(TENANT, SEARCH, "v1")).why_not == ("requester_fristed",)


@pytest.mark.requirement("S2.9")
def test_how_near_somebody_lives_is_not_asked_for_a_protected_address() -> None:
    desk = Desk()
    search = replace(SEARCH, wishes=sealed(Wishes(area="0150")))
    near = asyncio.run(desk.candidates.look_at(TENANT, search, "v1"))
    desk.tables.everybody.protected = {"p"}
    assert [reason.code for reason in near.reasons] == ["area"]
    assert asyncio.run(desk.candidates.look_at(TENANT, search, "v1")).reasons == ()


@pytest.mark.requirement("S2.6", "S2.13", "S4.16")
def test_lived_experience_is_a_preference_and_never_a_condition() -> None:
    desk = Desk(policy={"weights": {"lived_experience": 1}})
    desk.tables.everybody.experienced = {"v4"}
    wished = replace(SEARCH, wishes=sealed(Wishes(lived_experience=True)))
    listed = asyncio.run(desk.candidates.best(TENANT, wished, limit=20))
    assert (listed[0].helper_id, len(listed)) == ("v4", 10)
    assert [reason.code for reason in listed[0].reasons] == ["lived_experience"]
    record = listed[0].for_the_record()
    assert (record.score, record.reasons) == (0.0, ())
    assert "lived_experience" not in str(asyncio.run(desk.candidates.best(TENANT, SEARCH, limit=20)))
