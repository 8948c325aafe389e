"""What a standing offer decides, as sentences."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.refusal import FactsTooOld
from chassis.testing import given
from contracts import matching as events
from contracts.sealed import Sealed
from services.matching.domain.approval import ApprovalOutdated, NotListed
from services.matching.domain.helper import helper
from services.matching.domain.offers import CategoryUnknown, OfferNotFound, TakeBackOffer
from tests.unit.matching.examples import HELPER, NOW, PROGRAMME, listed, make_offer, offer_made, policy, unlisted

BACK = events.OfferTakenBack(person_id=HELPER, programme=PROGRAMME, offer_id="offer-1")


@pytest.mark.requirement("S1.4", "S1.10")
def test_who_is_approved_offers_what_they_like_in_their_own_words() -> None:
    assert given(helper, listed()).when(make_offer()) == [offer_made()]


def test_an_offer_made_twice_is_one_offer_also_when_its_words_were_sealed_anew() -> None:
    again = make_offer(words=Sealed(HELPER, "v1.another"))
    assert given(helper, listed(), offer_made()).when(again) == []


@pytest.mark.parametrize(
    ("different", "refusal"),
    [
        ({"category": "ironing"}, CategoryUnknown),
        ({"programme": "gladsaxe"}, NotListed),
        ({"policy": policy(2)}, ApprovalOutdated),
        ({"now": NOW + timedelta(minutes=6)}, FactsTooOld),
    ],
)
def test_an_offer_is_refused_by_rule(different: dict[str, Any], refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        given(helper, listed()).when(make_offer(**different))


def test_who_left_offers_nothing() -> None:
    with pytest.raises(NotListed):
        given(helper, listed(), unlisted("left")).when(make_offer())


def test_an_offer_is_taken_back_once_and_no_reason_is_asked() -> None:
    assert given(helper, listed(), offer_made()).when(TakeBackOffer("offer-1")) == [BACK]
    assert given(helper, listed(), offer_made(), BACK).when(TakeBackOffer("offer-1")) == []


def test_who_left_may_still_take_an_offer_back() -> None:
    assert given(helper, listed(), offer_made(), unlisted("left")).when(TakeBackOffer("offer-1")) == [BACK]


def test_what_was_taken_back_does_not_come_again_under_the_same_id() -> None:
    assert given(helper, listed(), offer_made(), BACK).when(make_offer()) == []
    another = make_offer("offer-2")
    assert given(helper, listed(), offer_made(), BACK).when(another) == [offer_made("offer-2")]


def test_an_offer_that_is_not_ones_own_is_absent() -> None:
    with pytest.raises(OfferNotFound):
        given(helper, listed(), offer_made()).when(TakeBackOffer("offer-of-somebody"))


def test_offers_take_no_place() -> None:
    many = [offer_made(f"offer-{number}") for number in range(5)]
    state = helper.fold([listed(), *many])
    assert (state.taken(PROGRAMME, NOW), set(state.offers.live)) == (0, {f"offer-{number}" for number in range(5)})
