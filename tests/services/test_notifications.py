"""Who gets which mail, in which language, and who gets none: from events on Kafka to a real mailbox."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from contracts.intake import (
    ProgrammePaused,
    ProgrammeResumed,
)
from tests.services.notifications_post import NOW, Post, both_known, dropped, match_made, meeting, posted, running_post
from tests.support.service import Place
from tests.unit.notifications.tone import FORBIDDEN, LAW


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        yield running


async def test_both_people_of_a_match_get_a_mail_in_their_language(post: Post) -> None:
    await both_known(post)
    await post.tell("matching", ("match", "m1"), match_made())
    await post.messages("sent", "sent")
    mails = {mail["To"]: mail for mail in post.server.mails}
    assert {to: mail["Subject"] for to, mail in mails.items()} == {
        "ada@person.example": "De har begge sagt ja",
        "bo@person.example": "I har begge sagt ja",
    }
    (text, _) = mails["bo@person.example"].iter_parts()
    assert text.get_content().splitlines()[0] == "Hej Kim bo!"
    assert "Følgevenner er med jer til senest 28. februar 2021" in text.get_content()


@pytest.mark.requirement("S2.28")
async def test_a_no_gives_both_the_same_neutral_words(post: Post) -> None:
    await post.adopt()
    await post.register("ada", "nb")
    await post.register("bo", "nb")
    await post.tell("matching", ("search", "r1"), dropped())
    await post.messages("sent", "sent")
    texts = [next(mail.iter_parts()).get_content() for mail in post.server.mails]
    assert len({text.partition("!")[2] for text in texts}) == 1
    assert {mail["Subject"] for mail in post.server.mails} == {"Vi ser videre"}


@pytest.mark.requirement("S3.79", "S3.23")
async def test_every_mail_puts_the_person_first_and_the_law_last_and_makes_nobody_less(post: Post) -> None:
    await both_known(post)
    await post.tell("intake", ("request", "r1"), posted())
    await post.tell("matching", ("search", "r1"), meeting(NOW + timedelta(days=3)))
    await post.tell("matching", ("match", "m1"), match_made())
    await post.messages(*["sent"] * 5)
    await post.tell("matching", ("search", "r1"), dropped(), first=2)
    await post.messages(*["sent"] * 7)
    for mail in post.server.mails:
        text = next(mail.iter_parts()).get_content()
        first, *between, last = text.strip().replace("\r\n", "\n").split("\n\n")
        assert "Kim" in first
        assert [bool(LAW.search(paragraph)) for paragraph in (first, *between, last)] == [False] * (
            len(between) + 1
        ) + [True]
        assert [word for word in FORBIDDEN if word in f"{mail['Subject']} {text}".lower()] == []


async def test_an_event_that_comes_again_tells_nobody_twice(post: Post) -> None:
    await both_known(post)
    for _ in range(3):
        await post.tell("matching", ("match", "m1"), match_made())
    await post.messages("sent", "sent")
    await post.tell("matching", ("match", "m2"), match_made("m2"))
    await post.messages("sent", "sent", "sent", "sent")
    assert sorted(mail["To"] for mail in post.server.mails) == [
        *["ada@person.example"] * 2,
        *["bo@person.example"] * 2,
    ]
    assert len({mail["Message-ID"] for mail in post.server.mails}) == 4


@pytest.mark.requirement("S3.75")
async def test_somebody_whose_wish_arrived_hears_until_when_to_wait(post: Post) -> None:
    await post.wish()
    await post.messages("sent")
    (mail,) = post.server.mails
    assert mail["Subject"] == "Takk for at du tok kontakt"
    assert "Du hører fra oss senest 14. mars 2020." in next(mail.iter_parts()).get_content()


async def test_somebody_without_an_address_gets_none_and_the_reason_is_kept(post: Post) -> None:
    await post.adopt()
    await post.register("ada", "nb", has_email=False)
    await post.tell("intake", ("request", "r1"), posted())
    await post.messages("due")
    post.place.move_clock(timedelta(seconds=10))
    (suppressed,) = await post.messages("suppressed")
    assert (suppressed["reason"], suppressed["why"]) == ("no-contact", "Vi har ingen adresse å skrive til.")


async def test_an_address_that_arrives_after_its_occasion_is_waited_for(post: Post) -> None:
    await post.adopt()
    await post.tell("intake", ("request", "r1"), posted())
    await post.messages("due")
    await post.register("ada", "nb")
    await post.messages("sent")


async def test_somebody_whose_key_is_gone_gets_none(post: Post) -> None:
    await post.adopt()
    await post.register("ada", "nb")
    await post.service.application.runtime.keyring.shred("oslo", "ada")
    await post.tell("intake", ("request", "r1"), posted())
    (suppressed,) = await post.messages("suppressed")
    assert suppressed["reason"] == "redacted"
    assert post.server.conversations == 0


@pytest.mark.requirement("S2.29")
async def test_a_pause_suppresses_an_invitation_and_holds_what_stays_true(post: Post) -> None:
    await post.adopt(ProgrammePaused(programme="venn", paused_at=NOW))
    await post.register("ada", "nn")
    await post.register("bo", "da")
    await post.facts_are_read()
    await post.tell("matching", ("search", "r1"), meeting(NOW + timedelta(days=3)))
    await post.tell("matching", ("match", "m1"), match_made())
    told = await post.messages("held", "held", "suppressed", "suppressed")
    assert {(one["occasion"], one["reason"]) for one in told} == {
        ("match-made", "paused"),
        ("meeting-arranged", "paused"),
    }
    assert post.server.mails == []
    await post.tell("intake", ("programme", "venn"), ProgrammeResumed(programme="venn", resumed_at=NOW), first=3)
    await post.facts_are_read()
    post.place.move_clock(timedelta(hours=1, minutes=1))
    await post.messages("sent", "sent", "suppressed", "suppressed")
    assert {mail["Subject"] for mail in post.server.mails} == {"De har begge sagt ja", "I har begge sagt ja"}


@pytest.mark.requirement("S2.29")
async def test_nothing_stale_is_sent(post: Post) -> None:
    await both_known(post)
    await post.tell("matching", ("search", "r1"), meeting(NOW - timedelta(hours=1)), at=NOW - timedelta(days=2))
    await post.tell("matching", ("match", "m1"), match_made(), at=NOW - timedelta(days=8))
    told = await post.messages(*["suppressed"] * 4)
    assert {one["reason"] for one in told} == {"stale"}
    assert post.server.conversations == 0
