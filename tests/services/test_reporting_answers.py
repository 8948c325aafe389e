"""How lonely people say they are: sealed answers on Kafka in, numbers out."""

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.rebuild import collection_name, rebuild_progress, request_rebuild
from contracts.base import JsonObject
from contracts.envelope import Origin, StreamId
from contracts.intake import AnswersGiven, Moment, VoiceRedacted
from services.reporting.app import build
from tests.services.reporting_told import AS_OF, AT, DAY, History, adopted, comes, figure
from tests.support.service import Place, Running, running_service
from tests.support.wait import eventually

NONE: JsonObject = {
    "answered_start": None,
    "answered_later": None,
    "compared": None,
    "change_mean": None,
    "change_median": None,
}


@pytest.fixture
async def reporting(place: Place) -> AsyncIterator[Running]:
    await place.make_topics()
    async with running_service("reporting", build, place) as running:
        yield running


async def answered(
    reporting: Running, who: str, moment: Moment, items: Sequence[int], *, on: date = DAY, version: str = "three"
) -> AnswersGiven:
    return AnswersGiven(
        person_id=who,
        answer_id=f"{who} {moment} {on}",
        programme="venn",
        instrument="loneliness",
        instrument_version=version,
        moment=moment,
        items=await reporting.application.runtime.keyring.seal("gladsaxe", who, [*items]),
        least=1,
        most=3,
        answered_on=on,
    )


async def both(reporting: Running, number: int, later: Sequence[int]) -> list[AnswersGiven]:
    """As lonely as the scale goes at the start, and later less."""
    who, day = f"p{number}", DAY + timedelta(days=number)
    return [
        await answered(reporting, who, "start", (3, 3, 3)),
        await answered(reporting, who, "later", later, on=day),
    ]


@pytest.mark.requirement("S2.5", "S0.4")
async def test_the_change_is_told_of_whole_groups_and_not_of_who_took_it_back_or_is_erased(
    place: Place, reporting: Running
) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=2))
    for number, later in enumerate(((1, 1, 1), (3, 3, 2), (3, 2, 1), (3, 3, 3), (2, 2, 2))):
        history.add("voice", f"p{number}", *await both(reporting, number, later))
    await history.tell()
    # From 100 to 0, 83, 50 and 100; the fifth waits for another.
    told = {"answered_start": 5, "answered_later": 5, "compared": 4, "change_mean": -41.7, "change_median": -33.3}
    await comes(reporting, "loneliness", told)
    # A day before the fifth answered, and before the fourth did.
    await comes(reporting, "loneliness", told | {"answered_later": 4}, as_of=str(DAY + timedelta(days=3)))
    two = {"answered_later": 3, "compared": 2, "change_mean": -58.3, "change_median": -58.3}
    await comes(reporting, "loneliness", two, as_of=str(DAY + timedelta(days=2)))
    back = VoiceRedacted(person_id="p0", answer_id=f"p0 later {DAY}", redacted_at=AT + timedelta(days=6))
    origin = Origin(AT, AT, "c", "tests")
    await place.publish("intake", StreamId("gladsaxe", "voice", "p0"), [back], origin=origin, first=3)
    # Now of the second to the fifth: 83, 50, 100 and 50.
    left = {"answered_start": 5, "answered_later": 4, "compared": 4, "change_mean": -29.2, "change_median": -33.3}
    await comes(reporting, "loneliness", left)
    await reporting.application.runtime.keyring.shred("gladsaxe", "p1")
    await comes(
        reporting, "loneliness", {"answered_start": 4, "answered_later": 3, "compared": 2, "change_mean": -25.0}
    )


@pytest.mark.requirement("S2.5")
async def test_few_are_not_told_and_other_questions_are_not_compared(place: Place, reporting: Running) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=3))
    history.add("voice", "p0", *await both(reporting, 0, (1, 1, 1)))
    history.add("voice", "p1", *await both(reporting, 1, (1, 1, 1)))
    start = await answered(reporting, "p2", "start", (3, 3, 3), on=AS_OF)
    history.add("voice", "p2", start, await answered(reporting, "p2", "later", (1,), on=AS_OF, version="direct"))
    await history.tell()
    told = NONE | {"answered_start": 3, "answered_later": 3}
    assert await comes(reporting, "loneliness", told) == told
    assert await figure(reporting, "loneliness", as_of=str(AS_OF - timedelta(days=1))) == NONE


@pytest.mark.requirement("S2.5")
async def test_an_answer_replaced_within_the_day_counts_once_and_all_is_the_same_after_a_rebuild(
    place: Place, reporting: Running
) -> None:
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=1))
    history.add("voice", "p0", *await both(reporting, 0, (1, 1, 1)), *(await both(reporting, 0, (2, 2, 2)))[1:])
    history.add("voice", "p1", await answered(reporting, "p1", "start", (1, 2, 3)))
    back = VoiceRedacted(person_id="p1", answer_id=f"p1 start {DAY}", redacted_at=AT)
    history.add("voice", "p1", back)
    await history.tell()
    told = {"answered_start": 1, "answered_later": 1, "compared": 1, "change_mean": -50.0, "change_median": -50.0}
    assert await comes(reporting, "loneliness", told) == told
    database = reporting.application.database
    live = await _documents(database, 1)
    await request_rebuild(database, "answers")

    async def has_switched() -> bool:
        return any(state.name == "answers" and state.live == 2 for state in await rebuild_progress(database))

    await eventually(has_switched)
    assert (len(live), await _documents(database, 2)) == (3, live)
    assert await figure(reporting, "loneliness") == told


async def _documents(database: AsyncDatabase[JsonObject], generation: int) -> list[JsonObject]:
    return await database[collection_name("answers", generation)].find({}, {"_rev": 0}).sort("_id").to_list()
