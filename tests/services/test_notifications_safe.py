"""Nobody is put in danger, disturbed at night or asked too often by a message (S2.9, S3.30)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.base import Event, JsonObject
from contracts.intake import ModeChosen
from contracts.matching import CheckInAsked, ReviewDue
from tests.services.notifications_post import NOW, Post, both_known, match_made, posted, running_post, safe_contact
from tests.support.service import Place
from tests.support.wait import eventually
from tests.unit.notifications.tone import LAW

_PHONE = "+4799999999"
_TELLING = ("Kim", "Følgesvenn", "Følgevenner", "venn", "møte")


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        yield running


async def said(post: Post, *after: Event, phone: str | None = None) -> None:
    await post.adopt()
    await post.register("ada", "nb", *after, phone=phone)


@pytest.mark.requirement("S2.9")
async def test_a_disguised_mail_says_no_more_than_that_it_is_there(post: Post) -> None:
    await said(post, safe_contact("ada", "email", disguised=True))
    await post.tell("intake", ("request", "r1"), posted())
    (told,) = await post.messages("sent")
    (mail,) = post.server.mails
    assert (mail["Subject"], mail["From"]) == ("Du har en melding", "post@kobling.example")
    assert post.texts() == ["Det ligger en melding til deg. Logg inn for å lese den.\n"]
    assert [word for word in _TELLING if word in mail.as_string()] == []
    assert (told["channel"], told["disguised"]) == ("email", True)


@pytest.mark.requirement("S2.9")
async def test_a_text_message_says_no_more_either_and_is_never_a_mail_too(post: Post) -> None:
    await said(post, safe_contact("ada", "sms"), phone=_PHONE)
    await post.tell("intake", ("request", "r1"), posted())
    (told,) = await post.messages("sent")
    (text,) = post.gateway.texts
    assert (text["to"], text["id"]) == (_PHONE, told["message_id"])
    assert text["text"] == "Det ligger en melding til deg. Logg inn for å lese den."
    assert LAW.search(text["text"]) is None
    assert (post.server.conversations, told["channel"]) == (0, "sms")


@pytest.mark.requirement("S2.9")
@pytest.mark.parametrize(("channel", "status"), [("sms", "sent"), ("nobody", "suppressed")])
async def test_what_was_not_told_is_read_after_logging_in(post: Post, channel: str, status: str) -> None:
    await said(post, safe_contact("ada", channel), phone=_PHONE)
    await post.tell("intake", ("request", "r1"), posted())
    await post.messages(status)
    (note,) = await eventually(lambda: inbox(post, "ada"))
    assert note["subject"] == "Takk for at du tok kontakt"
    assert "fram til oss i Følgesvenn" in note["text"]
    assert "14. mars 2020" in note["text"]


@pytest.mark.requirement("S2.9", "S3.30")
async def test_nobody_reads_what_is_for_another_or_was_left_out_on_purpose(post: Post) -> None:
    await said(post, ModeChosen(person_id="ada", mode="fristed", chosen_at=NOW))
    await post.register("bo", "da")
    await post.tell("matching", ("match", "m1"), check_in("m1"))
    await post.messages("sent", "suppressed")
    (note,) = await eventually(lambda: inbox(post, "bo"))
    assert note["subject"] == "Hvordan går det?"
    assert await inbox(post, "ada") == await inbox(post, "bo", tenant="kolding") == await inbox(post, None) == []


async def test_who_was_told_takes_it_along_and_nobody_else_finds_anything(post: Post) -> None:
    await both_known(post)
    await post.tell("matching", ("match", "m1"), match_made())
    await post.messages("sent", "sent")

    async def taken(person: str | None) -> JsonObject:
        headers = post.service.bearer("oslo", "messages:own", person=person) | {"Accept-Language": "nb"}
        answer = await post.service.client.get("/v1/me/everything", headers=headers)
        held: JsonObject = answer.json()
        return held if answer.status_code == 200 else {"status": answer.status_code}

    held = await taken("ada")
    assert [(one["recipient_id"], one["status"]) for one in held["messages"]] == [("ada", "sent")]
    assert await taken("somebody-else") == {"messages": [], "words": []}
    assert await taken(None) == {"status": 404}


async def inbox(post: Post, person: str | None, tenant: str = "oslo") -> list[JsonObject]:
    headers = post.service.bearer(tenant, "messages:own", person=person) | {"Accept-Language": "nb"}
    answer = await post.service.client.get("/v1/inbox", headers=headers)
    assert answer.status_code == 200, answer.text
    notes: list[JsonObject] = answer.json()
    return notes


@pytest.mark.requirement("S2.9")
async def test_who_agreed_to_text_messages_and_gave_no_number_gets_no_mail_instead(post: Post) -> None:
    await said(post, safe_contact("ada", "sms"))
    await post.tell("intake", ("request", "r1"), posted())
    await post.messages("due")
    post.place.move_clock(timedelta(seconds=10))
    (told,) = await post.messages("suppressed")
    assert (told["reason"], post.server.conversations) == ("no-contact", 0)


@pytest.mark.requirement("S2.9")
async def test_who_wants_nothing_sent_gets_nothing_and_staff_see_why(post: Post) -> None:
    await said(post, safe_contact("ada", "nobody"), phone=_PHONE)
    await post.tell("intake", ("request", "r1"), posted())
    (told,) = await post.messages("suppressed")
    assert (told["reason"], told["why"]) == ("nobody", "Personen ønsker ikke å få noe tilsendt.")
    assert (post.server.conversations, post.gateway.headers) == (0, [])


@pytest.mark.requirement("S2.9")
async def test_what_was_agreed_last_holds(post: Post) -> None:
    await said(post, safe_contact("ada", "nobody"), safe_contact("ada", "email"))
    await post.tell("intake", ("request", "r1"), posted())
    (told,) = await post.messages("sent")
    assert told["disguised"] is False


@pytest.mark.requirement("S2.9")
async def test_quiet_hours_hold_a_message_until_they_are_over(post: Post) -> None:
    local = datetime.now(ZoneInfo("Europe/Oslo"))
    begins, ends = (local - timedelta(hours=1)).time(), (local + timedelta(hours=2)).time()
    await said(post, safe_contact("ada", "email", quiet_from=begins, quiet_until=ends))
    await post.tell("intake", ("request", "r1"), posted())
    (held,) = await post.messages("held")
    assert (held["reason"], post.server.conversations) == ("quiet-hours", 0)
    until = datetime.fromisoformat(held["next_at"])
    assert abs(until - (datetime.now(UTC) + timedelta(hours=2))) < timedelta(minutes=1)
    post.place.move_clock(timedelta(hours=2, seconds=1))
    await post.messages("sent")


@pytest.mark.requirement("S3.30")
async def test_who_is_left_in_peace_gets_no_reminder_and_hears_of_what_they_did(post: Post) -> None:
    await said(post, ModeChosen(person_id="ada", mode="fristed", chosen_at=NOW))
    await post.register("bo", "da")
    await post.tell("intake", ("request", "r1"), posted())
    await post.tell("matching", ("match", "m1"), match_made(), check_in("m1"), review("m1"))
    told = await post.messages(*["sent"] * 5, "suppressed", "suppressed")
    silent = {(one["recipient_id"], one["occasion"], one["reason"]) for one in told if one["status"] == "suppressed"}
    assert silent == {("ada", "check-in", "fristed"), ("ada", "review", "fristed")}


async def test_three_reminders_are_enough_for_a_week(post: Post) -> None:
    await said(post, safe_contact("ada", "email"))
    for number in range(5):
        await post.tell("matching", ("match", f"m{number}"), check_in(f"m{number}", helper_id="ada"))
    told = await post.messages(*["sent"] * 3, *["suppressed"] * 2)
    assert {(one["reason"], one["why"]) for one in told if one["status"] == "suppressed"} == {
        ("cap", "Personen har fått nok påminnelser denne uken.")
    }
    assert len(post.server.mails) == 3
    post.place.move_clock(timedelta(days=7, minutes=1))
    later = NOW + timedelta(days=7)
    await post.tell("matching", ("match", "m9"), check_in("m9", helper_id="ada"), at=later)
    await post.messages(*["sent"] * 4, *["suppressed"] * 2)


def check_in(match_id: str, *, helper_id: str = "bo") -> CheckInAsked:
    return CheckInAsked(
        match_id=match_id, programme="venn", requester_id="ada", helper_id=helper_id, asked_on=NOW.date()
    )


def review(match_id: str) -> ReviewDue:
    return ReviewDue(match_id=match_id, programme="venn", requester_id="ada", helper_id="bo", due_on=NOW.date())
