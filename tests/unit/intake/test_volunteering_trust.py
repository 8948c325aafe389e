"""Guidance after heavy meetings, and trust that grows (S2.21, S1.9, S3.52)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chassis.refusal import NotFound
from chassis.testing import given
from contracts.intake import GuidanceGiven, TrustGiven, TrustTakenBack, VolunteerLeft
from services.intake.domain.showing import NotHappenedYet, ReceiveGuidance
from services.intake.domain.volunteering import volunteering
from services.intake.domain.volunteering_trust import (
    ApprovalNeeded,
    GiveTrust,
    LevelUnknown,
    OwnTrust,
    TakeBackTrust,
)
from tests.unit.intake.oslo import NOW, PERSON, TODAY, adopted, policy, programme_after
from tests.unit.intake.volunteers import APPROVED, LAPSED, READY, SUSPENDED, V1, WHOSE

TRUSTING = programme_after(adopted(policy(levels=["helper", "keyholder"])))
GIVE = GiveTrust(programme=TRUSTING, level="helper", given_by="staff-1", now=NOW)
TAKE = TakeBackTrust(programme=TRUSTING, level="helper", taken_back_by="staff-1", now=NOW)
HELPER = TrustGiven(**WHOSE, level="helper", given_by="staff-1", given_at=NOW)
KEYHOLDER = HELPER.model_copy(update={"level": "keyholder"})
NO_HELPER = TrustTakenBack(**WHOSE, level="helper", taken_back_by="staff-1", taken_back_at=NOW)
NO_KEYHOLDER = NO_HELPER.model_copy(update={"level": "keyholder"})
GUIDANCE = ReceiveGuidance(
    person_id=PERSON, programme=V1, session="talk-1", hours=1.5, given_by="staff-1", given_on=TODAY, now=NOW
)
GUIDED = GuidanceGiven(**WHOSE, session="talk-1", hours=1.5, given_by="staff-1", given_on=TODAY)


@pytest.mark.requirement("S2.21")
def test_guidance_is_counted_in_hours_and_a_later_word_replaces_it() -> None:
    assert given(volunteering, *READY, APPROVED).when(GUIDANCE) == [GUIDED]
    assert given(volunteering, *READY, APPROVED, GUIDED).when(replace(GUIDANCE, given_by="staff-2")) == []
    corrected = GUIDED.model_copy(update={"hours": 1.0})
    assert given(volunteering, *READY, APPROVED, GUIDED).when(replace(GUIDANCE, hours=1.0)) == [corrected]
    assert given(volunteering, *READY, APPROVED, GUIDED, corrected).state.guidance == {"talk-1": corrected}
    with pytest.raises(NotHappenedYet):
        given(volunteering, *READY).when(replace(GUIDANCE, given_on=TODAY + timedelta(days=1)))


@pytest.mark.requirement("S3.52", "S1.9")
def test_a_level_comes_with_those_below_it() -> None:
    approved = given(volunteering, *READY, APPROVED)
    assert approved.when(GIVE) == [HELPER]
    assert approved.when(replace(GIVE, level="keyholder")) == [HELPER, KEYHOLDER]
    assert given(volunteering, *READY, APPROVED, HELPER).when(replace(GIVE, level="keyholder")) == [KEYHOLDER]
    assert given(volunteering, *READY, APPROVED, HELPER, KEYHOLDER).when(GIVE) == []


@pytest.mark.requirement("S3.52")
def test_a_level_goes_with_those_above_it_and_the_approval_stays() -> None:
    history = given(volunteering, *READY, APPROVED, HELPER, KEYHOLDER)
    assert history.when(replace(TAKE, level="keyholder")) == [NO_KEYHOLDER]
    assert history.when(TAKE) == [NO_KEYHOLDER, NO_HELPER]
    after = given(volunteering, *READY, APPROVED, HELPER, KEYHOLDER, NO_KEYHOLDER, NO_HELPER).state
    assert (after.trust, after.approval) == ((), APPROVED)
    assert given(volunteering, *READY, APPROVED).when(TAKE) == []


def test_trust_needs_an_approval_in_force_a_known_level_and_another_person() -> None:
    for history in ((*READY,), (*READY, APPROVED, LAPSED), (*READY, APPROVED, SUSPENDED)):
        with pytest.raises(ApprovalNeeded):
            given(volunteering, *history).when(GIVE)
    with pytest.raises(LevelUnknown):
        given(volunteering, *READY, APPROVED).when(replace(GIVE, level="boss"))
    with pytest.raises(OwnTrust):
        given(volunteering, *READY, APPROVED).when(replace(GIVE, giver_person_id=PERSON))
    with pytest.raises(LevelUnknown):
        given(volunteering, *READY, APPROVED).when(replace(TAKE, level="boss"))
    for command in (GIVE, TAKE):
        with pytest.raises(NotFound):
            given(volunteering).when(command)


def test_a_level_that_the_policy_gave_up_can_still_be_taken_back() -> None:
    assert given(volunteering, *READY, APPROVED, HELPER).when(replace(TAKE, programme=V1)) == [NO_HELPER]


def test_trust_does_not_come_back_by_itself_to_who_left() -> None:
    left = VolunteerLeft(**WHOSE, left_on=TODAY)
    assert given(volunteering, *READY, APPROVED, HELPER, left).state.trust == ()
