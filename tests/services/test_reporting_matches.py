"""Matches, how they went, and who waits: events on Kafka in, numbers out."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from contracts.base import JsonObject
from contracts.envelope import Origin, StreamId
from contracts.intake import (
    RequestParked,
    RequestWithdrawn,
)
from contracts.matching import MatchLetGo
from services.reporting.app import build
from tests.services.reporting_told import (
    AT,
    DAY,
    History,
    adopted,
    check_in,
    comes,
    declined,
    ended,
    groups,
    made,
    posted,
    reviewed,
    stored,
    told_for,
)
from tests.support.service import Place, Running, running_service


@pytest.fixture
async def reporting(place: Place) -> AsyncIterator[Running]:
    await place.make_topics()
    async with running_service("reporting", build, place) as running:
        yield running


@pytest.mark.requirement("S2.30", "S2.32", "S3.29")
async def test_the_number_of_matches_is_never_told_without_how_they_went(place: Place, reporting: Running) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=2))
    gave: list[JsonObject] = [{"benefits": ("support", "pleasant")}] * 4 + [{"benefits": ("support",)}] * 3
    gave += [{"benefits": ("pleasant",), "well": False, "wants_talk": True}] * 2 + [{"well": False}]
    told = [check_in(f"c{number}", **one) for number, one in enumerate(gave)]
    history.add("match", "m1", made(1, "p1", "v1", ends_on=DAY), *told, reviewed(0), reviewed(15), ended(1))
    await history.tell()
    values = await comes(
        reporting,
        "matches",
        {"made": 1, "ended": 1, "check_ins": 10, "reviews_held": 2, "reviews_in_time": 1, "closing_talks": 1},
    )
    assert groups(values["check_ins_by_wellbeing"]) == {"well": 7, "not-well": 3}
    assert groups(values["check_ins_by_wish_to_talk"]) == {"content": 8, "wants-talk": 2}
    # One who named neither would be found among two: the next larger group is hidden with it.
    assert groups(values["check_ins_by_benefit"]) == {"both": 4, "support": 3, "pleasant": None, "neither": None}


@pytest.mark.requirement("S2.16", "S2.30", "S3.30")
async def test_a_match_that_ends_early_is_counted_beside_one_that_lasts_and_called_nothing(
    place: Place, reporting: Running
) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=1))
    last = DAY + timedelta(days=5)
    for number, ended_on in enumerate((DAY, DAY, last)):
        end = ended(number, ended_on=ended_on, closing_talk=number > 0)
        history.add("match", f"m{number}", made(number, f"p{number}", "v1", ends_on=last), end)
    history.add("match", "m4", made(4, "p4", "v2"), ended(4))
    await history.tell()
    counts = {"made": 4, "ended": 4, "running": 0, "closing_talks": 3, "days_waited_median": 7.0}
    values = await comes(reporting, "matches", counts)
    assert groups(values["ended_by_length"]) == {"before": 2, "full-length": 1, "no-length": 1}


@pytest.mark.requirement("S4.24", "S4.32")
async def test_a_person_counts_once_however_many_matches(place: Place, reporting: Running) -> None:
    """Thirty one to one; one of them had two matches, one has ended. On 5 December there are 31."""
    history = History(place)
    history.add("programme", "venn", adopted())
    for number in range(30):
        history.add("match", f"m{number}", made(number, f"p{number}", f"v{number % 20}"))
    history.add("match", "m30", made(30, "p0", "v25"))
    history.add("match", "m1", ended(1, requester_id="p1"))
    history.add("match", "m31", made(31, "p31", "v1", starts_on=date(2017, 12, 5)))
    await history.tell()
    await comes(reporting, "support", {"one_to_one": 31, "one_to_one_now": 30}, as_of="2017-12-05")
    expected = {"one_to_one": 30, "one_to_one_now": 29, "volunteers_matched": 21, "volunteers_matched_now": 21}
    await comes(reporting, "support", expected)


@pytest.mark.requirement("S2.13", "S2.17", "S2.15")
async def test_what_is_stored_names_no_experience_and_not_whose_match_went_how(
    place: Place, reporting: Running
) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=1))
    history.add("person", "v1", await told_for(reporting, 1, "figures"))
    history.add("match", "m1", made(1, "p1", "v1"), check_in("c1", well=False), reviewed(14), ended(1))
    before = {"check_ins": 1, "reviews_held": 1, "reviews_in_time": 1, "ended": 1, "closing_talks": 1}
    await history.tell()
    await comes(reporting, "matches", before)
    # Nothing of it is found by match or person, before the platform lets go and after.
    kinds = {"check-in", "review-held", "closing-talk"}
    rows = [row for row in await stored(reporting, "facts", 5) if row["kind"] in kinds]
    assert [{"about", "subject", "helper"} & row.keys() for row in rows] == [set()] * 3
    [told] = await stored(reporting, "told", 1)
    assert set(told["said"][0]["purposes"]) == {"subject", "sealed"}
    let_go = MatchLetGo(match_id="m1", programme="venn", let_go_at=AT)
    origin = Origin(occurred_at=AT, recorded_at=AT, correlation_id="c", actor="tests")
    await place.publish("matching", StreamId("gladsaxe", "match", "m1"), [let_go], origin=origin, first=5)
    history.add("match", "m2", made(2, "p2", "v1"))
    await history.tell()
    await comes(reporting, "matches", {**before, "made": 2})


@pytest.mark.requirement("S2.4", "S2.7", "S2.31")
async def test_who_waits_how_long_and_who_was_not_helped_and_why(place: Place, reporting: Running) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=1))
    for number, waited in enumerate((10, 30, 31, 200)):
        history.add("request", f"r{number}", posted(number, waited))
    history.add("request", "r5", posted(5, 1), RequestParked(request_id="r5", programme="venn", parked_at=AT))
    history.add("request", "r6", posted(6, 1), RequestWithdrawn(request_id="r6", programme="venn", withdrawn_at=AT))
    for number, gate in enumerate(("acute_over", "acute_over", None)):
        rule = "gate_not_confirmed" if gate else "min_age"
        history.add("request", f"d{number}", declined(number, rule, gate))
    await history.tell()
    counts = {
        "posted": 6,
        "waiting": 4,
        "parked": 1,
        "withdrawn": 1,
        "declined": 3,
        "unmet": 9,
        "waiting_days_median": 30.5,
    }
    values = await comes(reporting, "requests", counts)
    assert groups(values["waiting_by_days"]) == {"0-30": 2, "31-90": 1, "181+": 1}
    assert groups(values["declined_by_rule"]) == {"acute_over": 2, "min_age": 1}
