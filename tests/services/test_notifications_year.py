"""What two people hear while a match lasts, each once however often the events come (S2.16, S2.33)."""

from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest

from contracts.base import Event
from contracts.intake import ConfidentialityDue
from contracts.matching import CheckInAsked, EndNear, MatchEnded, MatchReviewed, ReviewDue
from tests.services.notifications_post import NOW, Post, both_known, match_made, running_post
from tests.support.service import Place

_BOTH = {"match_id": "m1", "programme": "venn", "requester_id": "ada", "helper_id": "bo"}
_LAST_DAY = NOW.date() + timedelta(days=30)


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        await both_known(running)
        yield running


async def heard(post: Post, event: Event, *, position: int) -> set[tuple[str, str]]:
    """Who got which subject for the event, which comes twice."""
    before = len(post.server.mails)
    for _ in range(2):
        await post.tell("matching", ("match", "m1"), event, first=position)
    await post.messages(*["sent"] * (before + 2))
    return {(str(mail["To"]).partition("@")[0], str(mail["Subject"])) for mail in post.server.mails[before:]}


@pytest.mark.requirement("S2.16", "S2.33", "S3.29")
async def test_two_people_are_asked_warned_and_thanked(post: Post) -> None:
    ended = MatchEnded(
        **_BOTH, request_id="r1", proposal_id="x", reason="length", closing_talk=True, ended_on=_LAST_DAY
    )
    story = [
        match_made(),
        CheckInAsked(**_BOTH, asked_on=NOW.date()),
        ReviewDue(**_BOTH, due_on=NOW.date()),
        EndNear(**_BOTH, ends_on=_LAST_DAY),
        ended,
    ]
    told = [await heard(post, event, position=position) for position, event in enumerate(story, 1)]
    assert told == [
        {("ada", "De har begge sagt ja"), ("bo", "I har begge sagt ja")},
        {("ada", "Korleis går det?"), ("bo", "Hvordan går det?")},
        {("ada", "Skal vi ta ein prat?"), ("bo", "Skal vi tage en snak?")},
        {("ada", "Snart er tida ute"), ("bo", "Snart er tiden gået")},
        {("ada", "Takk for denne gongen"), ("bo", "Tusind tak for indsatsen")},
    ]
    assert f"med jer til {_LAST_DAY.day}. " in "\n".join(post.texts())


@pytest.mark.requirement("S3.29")
async def test_a_review_that_was_held_before_the_message_went_out_is_not_asked_for_again(post: Post) -> None:
    post.server.to_rcpt = ["451 later", "451 later"]
    due = ReviewDue(**_BOTH, due_on=NOW.date())
    reviewed = MatchReviewed(match_id="m1", programme="venn", reviewed_by="c-1", reviewed_on=NOW.date(), goes_on=True)
    await post.tell("matching", ("match", "m1"), due)
    await post.messages("held", "held")
    await post.tell("matching", ("match", "m1"), reviewed, first=2)
    post.place.move_clock(timedelta(seconds=31))
    told = await post.messages("suppressed", "suppressed")
    assert {(one["reason"], one["why"]) for one in told} == {
        ("over", "Det meldingen handlet om, er over eller besvart.")
    }


@pytest.mark.requirement("S2.24")
async def test_a_volunteer_hears_by_when_to_sign_a_newer_text(post: Post) -> None:
    day = date(2099, 12, 31)
    due = ConfidentialityDue(person_id="bo", programme="venn", text_version="v2", sign_by=day)
    await post.tell("intake", ("volunteering", "bo_venn"), due)
    await post.messages("sent")
    (text,) = post.texts()
    assert "senest 31. december 2099" in text
