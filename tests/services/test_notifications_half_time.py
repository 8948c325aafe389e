"""What is told of a proposal while it is open, and no longer than that (S2.28)."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from chassis.rebuild import request_rebuild
from contracts.intake import ProgrammePaused
from contracts.matching import YesSaid
from tests.services.notifications_post import NOW, Post, both_known, dropped, meeting, proposed, running_post
from tests.support.service import Place

_UNTIL = NOW + timedelta(days=42)
_HALF_TIME = timedelta(days=21, minutes=1)
_INVITED = ["sent", "sent"]


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        yield running


@pytest.mark.requirement("S2.28")
async def test_both_are_invited_and_who_has_not_answered_is_reminded_at_half_time(post: Post) -> None:
    await both_known(post)
    yes = YesSaid(request_id="r1", proposal_id="x", said_by="helper")
    await post.tell("matching", ("search", "r1"), proposed(_UNTIL), yes, at=NOW)
    told = await post.messages(*["sent"], *["suppressed"])
    assert {(one["recipient_id"], one["occasion"], one["reason"]) for one in told} == {
        ("ada", "invited", None),
        ("bo", "invited", "over"),
    }
    post.place.move_clock(_HALF_TIME)
    told = await post.messages("sent", "sent", "suppressed")
    assert {(one["recipient_id"], one["occasion"]) for one in told if one["status"] == "sent"} == {
        ("ada", "invited"),
        ("ada", "reminder"),
    }
    assert "Forslaget står framleis ope" in [mail["Subject"] for mail in post.server.mails]


@pytest.mark.requirement("S2.28")
async def test_a_proposal_that_was_dropped_reminds_nobody(post: Post) -> None:
    await both_known(post)
    await post.tell("matching", ("search", "r1"), proposed(_UNTIL), at=NOW)
    await post.messages(*_INVITED)
    await post.tell("matching", ("search", "r1"), dropped(), first=2)
    await post.messages(*_INVITED, "sent", "sent")
    for name in ("timers-remind-at-half-time", "affairs"):
        await request_rebuild(post.service.application.database, name)
    post.place.move_clock(_HALF_TIME)
    later = NOW + _HALF_TIME
    await post.tell("matching", ("search", "r2"), proposed(_UNTIL, at=later, proposal_id="y"), at=later)
    await post.messages(*_INVITED, "sent", "sent", "sent", "sent")
    assert "reminder" not in {one["occasion"] for one in await post.messages(*["sent"] * 6)}


@pytest.mark.requirement("S2.29")
async def test_a_meeting_that_was_moved_while_a_message_waited_is_told_once_and_right(post: Post) -> None:
    await both_known(post)
    post.server.to_rcpt = ["451 later", "451 later"]
    await post.tell("matching", ("search", "r1"), meeting(NOW + timedelta(days=3)))
    await post.messages("held", "held")
    await post.tell("matching", ("search", "r1"), meeting(NOW + timedelta(days=4)), first=2)
    await post.messages("held", "held", "sent", "sent")
    post.place.move_clock(timedelta(seconds=31))
    told = await post.messages("suppressed", "suppressed", "sent", "sent")
    assert {one["reason"] for one in told if one["status"] == "suppressed"} == {"over"}


@pytest.mark.requirement("S2.29")
async def test_a_reminder_that_a_pause_held_is_not_sent_when_it_is_over(post: Post) -> None:
    await both_known(post)
    await post.tell("matching", ("search", "r1"), proposed(_UNTIL), at=NOW)
    await post.messages(*_INVITED)
    await post.tell("intake", ("programme", "venn"), ProgrammePaused(programme="venn", paused_at=NOW), first=2)
    await post.facts_are_read()
    post.place.move_clock(_HALF_TIME)
    await post.messages(*_INVITED, "held", "held")
    await post.tell("matching", ("search", "r1"), dropped(), first=2, at=NOW + _HALF_TIME)
    await post.messages(*_INVITED, *["held"] * 4)
    post.place.move_clock(_HALF_TIME + timedelta(hours=2))
    told = await post.messages(*_INVITED, "held", "held", "suppressed", "suppressed")
    assert {one["reason"] for one in told if one["occasion"] == "reminder"} == {"over"}
