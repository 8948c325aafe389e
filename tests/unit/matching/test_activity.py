"""What an activity decides, as sentences."""

from typing import Any

import pytest

from chassis.testing import given
from services.matching.domain.activity import (
    ActivityIsClosed,
    ActivityNotFound,
    CloseActivity,
    KindUnknown,
    NeedsSupporter,
    OwnSupporter,
    PublishActivity,
    SupporterNotReady,
    TitleIdentifies,
    activity,
)
from services.matching.domain.offers import CategoryUnknown
from tests.unit.matching.activities import (
    LEAD,
    activity_closed,
    activity_proposed,
    propose_activity,
    published,
    support,
    supported,
)
from tests.unit.matching.examples import NOW, SOMEBODY

PUBLISH = PublishActivity("coordinator-k", NOW)
CLOSE = CloseActivity(NOW)


@pytest.mark.requirement("S1.19", "S1.22")
def test_a_talk_is_proposed_supported_and_published() -> None:
    assert given(activity).when(propose_activity()) == [activity_proposed()]
    assert given(activity, activity_proposed()).when(support()) == [supported()]
    assert given(activity, activity_proposed(), supported()).when(PUBLISH) == [published()]


@pytest.mark.requirement("S1.22")
def test_nothing_is_published_without_somebody_beside_whoever_leads_it() -> None:
    with pytest.raises(NeedsSupporter):
        given(activity, activity_proposed()).when(PUBLISH)
    with pytest.raises(OwnSupporter):
        given(activity, activity_proposed()).when(support(LEAD))
    with pytest.raises(SupporterNotReady):
        given(activity, activity_proposed()).when(support(SOMEBODY, is_ready=False))


def test_another_supporter_may_take_over() -> None:
    history = given(activity, activity_proposed(), supported(), published())
    assert history.when(support(SOMEBODY)) == [supported(SOMEBODY)]
    assert history.when(support()) == []


@pytest.mark.parametrize(
    ("different", "refusal"),
    [
        ({"kind": "seance"}, KindUnknown),
        ({"category": "ironing"}, CategoryUnknown),
        ({"identifies": ("phone",)}, TitleIdentifies),
    ],
)
def test_a_proposal_is_refused_by_rule(different: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        given(activity).when(propose_activity(**different))


@pytest.mark.requirement("S1.19")
def test_a_programme_without_kinds_takes_any_topic() -> None:
    free = propose_activity(kind="storytelling", kinds=frozenset(), category=None)
    assert given(activity).when(free) == [activity_proposed(kind="storytelling", category=None)]


def test_a_refusal_names_kinds_and_never_what_it_found() -> None:
    with pytest.raises(TitleIdentifies) as refused:
        given(activity).when(propose_activity(identifies=("phone",)))
    assert (refused.value.detail, "22" in str(refused.value)) == ("phone", False)


def test_an_activity_grows_out_of_an_offer() -> None:
    assert given(activity).when(propose_activity(offer_id="offer-1")) == [activity_proposed(offer_id="offer-1")]


def test_what_is_done_twice_is_done_once() -> None:
    assert given(activity, activity_proposed()).when(propose_activity()) == []
    assert given(activity, activity_proposed(), supported(), published()).when(PUBLISH) == []
    assert given(activity, activity_proposed(), activity_closed()).when(CLOSE) == []


def test_whatever_was_proposed_can_be_closed_and_stays_closed() -> None:
    assert given(activity, activity_proposed()).when(CLOSE) == [activity_closed()]
    over = given(activity, activity_proposed(), activity_closed())
    for command in (PUBLISH, support()):
        with pytest.raises(ActivityIsClosed):
            over.when(command)


def test_what_was_never_proposed_is_absent() -> None:
    for command in (support(), PUBLISH, CLOSE):
        with pytest.raises(ActivityNotFound):
            given(activity).when(command)
