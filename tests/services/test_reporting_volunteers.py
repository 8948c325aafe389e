"""The way of volunteers: events on Kafka in, numbers out."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from contracts.intake import (
    GuidanceGiven,
    LivedExperienceTakenBack,
    VolunteerApplied,
    VolunteerLeft,
    VolunteerSuspended,
)
from services.reporting.app import build
from tests.services.reporting_told import (
    AS_OF,
    AT,
    DAY,
    History,
    adopted,
    approved,
    attended,
    comes,
    stored,
    told_for,
    volunteer,
)
from tests.support.service import Place, Running, running_service
from tests.support.wait import eventually


@pytest.fixture
async def reporting(place: Place) -> AsyncIterator[Running]:
    await place.make_topics()
    async with running_service("reporting", build, place) as running:
        yield running


@pytest.mark.requirement("S4.18", "S4.19", "S4.23", "S4.32", "S2.13")
async def test_seventy_are_trained_of_whom_thirty_two_help_of_whom_twenty_know_it_from_themselves(
    place: Place, reporting: Running
) -> None:
    """And on 5 December one more is approved: as of 30 November it is as it was."""
    history = History(place)
    history.add("programme", "venn", adopted(roles={"mentor": {"hours": 20}, "visitor": {}}))
    for number in range(75):
        history.add("volunteering", f"v{number}", *attended(number, 12, 8 if number < 70 else 7.5))
    for number in range(32):
        applied = VolunteerApplied(**volunteer(number), roles=("mentor",), applied_at=AT)
        history.add("volunteering", f"v{number}", applied, approved(number))
    for number in range(21):
        history.add("person", f"v{number}", await told_for(reporting, number, "figures"))
    history.add("person", "v20", LivedExperienceTakenBack(person_id="v20", taken_back_at=AT))
    history.add("person", "v21", await told_for(reporting, 21, "matching"))
    # Somebody who is no volunteer told too.
    history.add("person", "v60", await told_for(reporting, 60, "figures"))
    later = AT + timedelta(days=15)
    one_more = approved(32).model_copy(update={"approved_at": later})
    history.add("volunteering", "v32", one_more, at=later)
    await history.tell()
    expected = {
        "trained": 70,
        "volunteers": 32,
        "volunteers_percent": 45.7,
        "lived_experience": 20,
        "lived_experience_percent": 62.5,
    }
    await comes(reporting, "funnel", {"volunteers": 33}, as_of="2017-12-05")
    await comes(reporting, "funnel", expected)


@pytest.mark.requirement("S2.13", "S4.4")
async def test_lived_experience_is_told_only_where_enough_have_it_and_enough_do_not(
    place: Place, reporting: Running
) -> None:
    """Where all of them told, the number would tell it of each. Who is erased told nothing."""
    history = History(place)
    history.add("programme", "venn", adopted(min_cell=2))
    for number in range(4):
        history.add("volunteering", f"v{number}", approved(number))
    for number in range(3):
        history.add("person", f"v{number}", await told_for(reporting, number, "figures", "matching"))
    await history.tell()
    hidden = {"volunteers": 4, "lived_experience": None, "lived_experience_percent": None}
    await comes(reporting, "funnel", hidden)
    await eventually(lambda: stored(reporting, "told", 3))
    await comes(reporting, "funnel", hidden)
    await reporting.application.runtime.keyring.shred("gladsaxe", "v0")
    await comes(reporting, "funnel", {"volunteers": 4, "lived_experience": 2, "lived_experience_percent": 50.0})


@pytest.mark.requirement("S4.18", "S2.8")
async def test_a_volunteer_is_active_who_is_approved_and_neither_lapsed_nor_suspended_nor_gone(
    place: Place, reporting: Running
) -> None:
    history = History(place)
    history.add("programme", "venn", adopted())
    history.add("volunteering", "v1", approved(1))
    history.add("volunteering", "v2", approved(2, valid_until=AS_OF))
    history.add("volunteering", "v3", approved(3, valid_until=AS_OF - timedelta(days=1)))
    history.add("volunteering", "v4", approved(4), VolunteerSuspended(**volunteer(4), suspended_by="k"))
    history.add("volunteering", "v5", approved(5), VolunteerLeft(**volunteer(5), left_on=AS_OF))
    history.add("volunteering", "v6", *attended(6, 12))
    await history.tell()
    await comes(reporting, "support", {"volunteers_active": 2})
    await comes(reporting, "support", {"volunteers_active": 4}, as_of=str(AS_OF - timedelta(days=1)))


@pytest.mark.requirement("S2.21", "S2.22")
async def test_hours_are_those_attended_and_a_correction_replaces_them(place: Place, reporting: Running) -> None:
    history = History(place)
    history.add("programme", "venn", adopted())
    history.add("volunteering", "v1", *attended(1, 6, 5.5), *attended(1, 5))
    history.add("volunteering", "v2", *attended(2, 3), *attended(2, 0))
    guidance = {"session": "g1", "given_by": "k", "given_on": DAY}
    history.add("volunteering", "v1", GuidanceGiven(**volunteer(1), hours=2, **guidance))
    history.add("volunteering", "v1", GuidanceGiven(**volunteer(1), hours=1.5, **guidance))
    history.add("volunteering", "v2", GuidanceGiven(**volunteer(2), hours=1, **guidance))
    await history.tell()
    training = {"training_sessions": 2, "training_persons": 1, "training_hours": 10.5}
    guided = {"guidance_sessions": 1, "guidance_persons": 2, "guidance_hours": 2.5}
    await comes(reporting, "training", training | guided)
