"""Reporting over HTTP: events on Kafka in, figures out."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.rebuild import collection_name, rebuild_progress, request_rebuild
from contracts.base import Event, JsonObject
from contracts.envelope import Origin, StreamId
from contracts.intake import (
    ProgrammeAdopted,
    RequestDeclined,
    RequestMet,
    RequestPosted,
    TrainingAttended,
    VolunteerApplied,
    VolunteerApproved,
)
from contracts.matching import MatchCounted, MatchMade
from contracts.policy import Policy, RoleRequirements
from contracts.sealed import Sealed
from services.reporting.app import build
from tests.support.service import Place, Running, running_service
from tests.support.wait import eventually

NOW = datetime.now(UTC)
ZONE = ZoneInfo("Europe/Oslo")
TODAY = NOW.astimezone(ZONE).date()


@pytest.fixture
async def reporting(place: Place) -> AsyncIterator[Running]:
    await place.make_topics()
    async with running_service("reporting", build, place) as running:
        yield running


async def happened(
    place: Place, service: str, stream: tuple[str, str], *events: Event, at: datetime = NOW, tenant: str = "oslo"
) -> None:
    origin = Origin(occurred_at=at, recorded_at=at, correlation_id="c", actor="tests")
    await place.publish(service, StreamId(tenant, *stream), events, origin=origin)


async def adopted(place: Place, *, tenant: str = "oslo", **rules: Any) -> None:
    policy = Policy.model_validate({"title": {"nb": "Følgesvenn"}, **rules})
    event = ProgrammeAdopted(
        programme="venn", policy=policy, policy_version=1, adopted_by="board", adopted_on=date(2020, 1, 1)
    )
    await happened(place, "intake", ("programme", "venn"), event, tenant=tenant)


async def asked(running: Running, name: str, *, tenant: str = "oslo", **query: Any) -> JsonObject:
    headers = running.bearer(tenant, "figures:read")
    answer = await running.client.get(f"/v1/figures/{name}", params={"programme": "venn", **query}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: JsonObject = answer.json()
    return found


async def shown(running: Running, name: str, expected: JsonObject, **query: Any) -> JsonObject:
    """The answer when its values hold what is expected; an AssertionError, which means "not yet", when they do not."""
    found = await asked(running, name, **query)
    assert {key: found["values"][key] for key in expected} == expected
    return found


def posted(request_id: str, at: datetime) -> RequestPosted:
    return RequestPosted(
        request_id=request_id,
        person_id=f"p-{request_id}",
        programme="venn",
        origin="referral",
        entered_by="system",
        posted_at=at,
        needed_since=at.astimezone(ZONE).date() - timedelta(days=10),
        answer_by=TODAY,
        policy_version=1,
        what=Sealed("p", "x"),
    )


def declined(request_id: str, rule: str) -> RequestDeclined:
    return RequestDeclined(
        request_id=request_id, person_id="p", programme="venn", rule=rule, options=(), declined_at=NOW
    )


def match_made(match_id: str) -> MatchMade:
    return MatchMade.model_validate(
        {
            "match_id": match_id,
            "request_id": "r1",
            "programme": "venn",
            "requester_id": "p1",
            "helper_id": "v1",
            "proposal_id": "x",
            "starts_on": TODAY,
            "ends_on": TODAY,
            "ends_at": NOW,
            "needed_since": TODAY - timedelta(days=42),
            "policy_version": 1,
        }
    )


@pytest.mark.requirement("S2.31", "S2.1", "S2.4")
async def test_a_match_is_counted_with_its_number_and_of_one_alone_not_how_long_somebody_waited(
    place: Place, reporting: Running
) -> None:
    await adopted(place)
    await happened(place, "matching", ("match", "m1"), match_made("m1"))
    counted = MatchCounted(programme="venn", match_id="m1", number=1, milestone=False)
    await happened(place, "matching", ("tally", "venn"), counted)
    expected = {"made": 1, "ended": 0, "running": 1, "latest_number": 1, "days_waited_median": None}
    found = await eventually(lambda: shown(reporting, "matches", expected))
    assert found["values"]["made_by_days_waited"] == {"min_cell": 5, "withheld": True, "cells": []}


@pytest.mark.requirement("S2.31")
async def test_unmet_need_is_counted_by_rule_and_few_people_are_not_told_apart(
    place: Place, reporting: Running
) -> None:
    await adopted(place, min_cell=2)
    rules = ["acute_over", "acute_over", "acute_over", "min_age", "min_age", "not_concrete"]
    for number, rule in enumerate(rules):
        await happened(place, "intake", ("request", f"d{number}"), declined(f"d{number}", rule))
    await happened(place, "intake", ("request", "r1"), posted("r1", NOW))
    met = RequestMet(request_id="r2", programme="venn", how="by-match", met_at=NOW)
    await happened(place, "intake", ("request", "r2"), posted("r2", NOW), met)
    expected = {"posted": 2, "met": 1, "waiting": 1, "waiting_days_median": None, "declined": 6}
    found = await eventually(lambda: shown(reporting, "requests", expected))
    assert found["values"]["declined_by_rule"] == {
        "min_cell": 2,
        "withheld": False,
        "cells": [
            {"group": "acute_over", "count": 3},
            {"group": "min_age", "count": None},
            {"group": "not_concrete", "count": None},
        ],
    }


@pytest.mark.requirement("S2.10", "S2.22", "S4.18", "S4.23")
async def test_volunteers_are_counted_from_first_hearing_of_it_to_approval(place: Place, reporting: Running) -> None:
    await adopted(place, min_cell=1, roles={"mentor": RoleRequirements(hours=12)})
    for number, hours in enumerate((11.5, 12.0, 3.0)):
        person = {"person_id": f"v{number}", "programme": "venn"}
        await happened(
            place,
            "intake",
            ("volunteering", f"v{number}"),
            VolunteerApplied(**person, roles=("mentor",), recruitment_source="friend", applied_at=NOW),
            TrainingAttended(**person, session="a", hours=20.0, attended_on=TODAY),
            TrainingAttended(**person, session="a", hours=hours, attended_on=TODAY),
            *(
                [VolunteerApproved(**person, roles=("mentor",), policy_version=1, approved_by="c", approved_at=NOW)]
                if hours == 12
                else []
            ),
        )
    expected = {"applied": 3, "trained": 1, "approved": 1, "training_hours": 26.5}
    await eventually(lambda: shown(reporting, "volunteers", expected))
    sources = (await asked(reporting, "recruitment"))["values"]["applied_by_source"]
    assert sources["cells"] == [{"group": "friend", "count": 3}]


@pytest.mark.requirement("S4.32")
async def test_a_figure_as_of_a_day_and_as_known_at_a_day_stays_the_same(place: Place, reporting: Running) -> None:
    await adopted(place)
    then, late = NOW - timedelta(days=30), NOW - timedelta(days=10)
    await happened(place, "intake", ("request", "r1"), posted("r1", then), at=then)
    await happened(place, "intake", ("request", "r2"), posted("r2", then), at=late)
    await happened(place, "intake", ("request", "r3"), posted("r3", NOW))
    await eventually(lambda: shown(reporting, "requests", {"posted": 3}))
    day = then.astimezone(ZONE).date()
    as_of_then = await shown(reporting, "requests", {"posted": 2}, as_of=day)
    known_then = await shown(reporting, "requests", {"posted": 1}, as_of=day, known_at=day)
    assert (as_of_then["is_final"], known_then["is_final"]) == (False, True)
    assert (known_then["as_of"], known_then["known_at"], known_then["version"]) == (str(day), str(day), 1)
    await happened(place, "intake", ("request", "r4"), posted("r4", then))
    await eventually(lambda: shown(reporting, "requests", {"posted": 3}, as_of=day))
    assert (await asked(reporting, "requests", as_of=day, known_at=day))["values"] == known_then["values"]


@pytest.mark.requirement("S4.32")
async def test_events_that_come_again_and_a_rebuild_leave_the_same_rows(place: Place, reporting: Running) -> None:
    await adopted(place)
    for _ in range(2):
        await happened(place, "intake", ("request", "r1"), posted("r1", NOW))
        await happened(place, "matching", ("match", "m1"), match_made("m1"))
    await eventually(lambda: shown(reporting, "requests", {"posted": 1}))
    await eventually(lambda: shown(reporting, "matches", {"made": 1}))
    database = reporting.application.database
    live = await rows(database, 1)
    await request_rebuild(database, "facts")
    await eventually(lambda: has_switched(database))
    assert await rows(database, 2) == live
    assert [row["kind"] for row in live] == ["request-posted", "match-made"]
    await shown(reporting, "matches", {"made": 1})


async def has_switched(database: AsyncDatabase[JsonObject]) -> bool:
    return any(state.name == "facts" and state.live == 2 for state in await rebuild_progress(database))


async def rows(database: AsyncDatabase[JsonObject], generation: int) -> list[JsonObject]:
    return await database[collection_name("facts", generation)].find({}, {"_rev": 0}).sort("kind", -1).to_list()


@pytest.mark.requirement("S4.32")
async def test_every_figure_says_what_it_means_in_four_languages(reporting: Running) -> None:
    answer = await reporting.client.get("/v1/figures", headers=reporting.bearer("oslo", "figures:read"))
    items = answer.json()["items"]
    assert [item["name"] for item in items] == [
        "requests",
        "categories",
        "tenders",
        "chances",
        "resources",
        "activities",
        "volunteers",
        "recruitment",
        "training",
        "funnel",
        "matches",
        "support",
        "loneliness",
    ]
    assert {language for item in items for text in item["values"].values() for language in text} == {
        "nb",
        "nn",
        "da",
        "en",
    }


async def test_another_tenants_programme_looks_absent(place: Place, reporting: Running) -> None:
    await adopted(place)
    await eventually(lambda: shown(reporting, "requests", {"posted": 0}))
    headers = reporting.bearer("kolding", "figures:read")
    answer = await reporting.client.get("/v1/figures/requests", params={"programme": "venn"}, headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (404, "not_found")


async def test_the_same_programme_of_two_tenants_is_counted_apart(place: Place, reporting: Running) -> None:
    for tenant, wishes in (("oslo", 1), ("kolding", 2)):
        await adopted(place, tenant=tenant)
        for number in range(wishes):
            name = f"r{number}"
            await happened(place, "intake", ("request", name), posted(name, NOW), tenant=tenant)
    await eventually(lambda: shown(reporting, "requests", {"posted": 1}))
    await eventually(lambda: shown(reporting, "requests", {"posted": 2}, tenant="kolding"))


@pytest.mark.parametrize(
    ("query", "status", "rule"),
    [
        ({"programme": "nobody"}, 404, "not_found"),
        ({"as_of": str(TODAY + timedelta(days=2))}, 422, "as_of_in_future"),
        ({"known_at": str(TODAY + timedelta(days=2))}, 422, "known_at_in_future"),
        ({"as_of": "yesterday"}, 422, "malformed_field"),
        ({"programme": ""}, 422, "malformed_field"),
    ],
)
async def test_a_question_that_has_no_answer_is_refused_with_its_rule(
    place: Place, reporting: Running, query: dict[str, str], status: int, rule: str
) -> None:
    await adopted(place)
    await eventually(lambda: shown(reporting, "requests", {"posted": 0}))
    headers = reporting.bearer("oslo", "figures:read")
    answer = await reporting.client.get("/v1/figures/requests", params={"programme": "venn", **query}, headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (status, rule)


async def test_figures_need_their_own_scope(reporting: Running) -> None:
    headers = reporting.bearer("oslo", "requests:read")
    answer = await reporting.client.get("/v1/figures", headers=headers)
    assert (answer.status_code, answer.json()["rule"]) == (403, "scope_missing")
