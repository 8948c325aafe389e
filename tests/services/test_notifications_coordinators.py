"""What coordinators hear: urgent things at once, the rest on working mornings, never who (S4.13)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.base import JsonObject
from contracts.intake import AnswerOverdue, ErasureOverdue, HandOverAccepted, HandOverAsked, RequestEscalated
from contracts.matching import CheckInGiven, HelperListed, LoneVisitOverdue, MatchCounted, ReviewDue
from services.notifications.domain.mornings import next_morning
from tests.services.notifications_post import NOW, Post, running_post
from tests.support.service import Place
from tests.support.wait import eventually

_BODY = {"email": "vakt@arbeid.example", "language": "nb"}


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        await running.adopt()
        await running.facts_are_read()
        yield running


def coordinator(post: Post, subject: str = "c-1", tenant: str = "oslo") -> dict[str, str]:
    return post.service.bearer(tenant, "messages:digest", subject=subject)


async def ask(post: Post, path: str, body: JsonObject | None = None, **who: str) -> Any:
    return await post.service.client.post(f"/v1/digests/{path}", json=body, headers=coordinator(post, **who))


async def wanted(post: Post, subject: str = "c-1", language: str = "nb") -> JsonObject:
    answer = await ask(post, "venn", {**_BODY, "language": language}, subject=subject)
    assert answer.status_code == 200, answer.text
    position = answer.headers["X-Position"]
    headers = coordinator(post, subject) | {"X-Min-Position": position}
    (view,) = (await post.service.client.get("/v1/digests", headers=headers)).json()
    assert view == answer.json()
    found: JsonObject = view
    return found


async def test_a_coordinator_says_where_to_hear_and_no_more_of_it(post: Post) -> None:
    view = await wanted(post)
    morning = next_morning(datetime.now(UTC), zone="Europe/Oslo", country="NO")
    assert (view["is_wanted"], datetime.fromisoformat(view["next_at"])) == (True, morning)
    ended = (await ask(post, "venn/end")).json()
    assert (ended["is_wanted"], ended["next_at"]) == (False, None)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("nowhere", _BODY, 404),
        ("nowhere/end", None, 404),
        ("venn", {"email": "no address"}, 422),
        ("venn", {**_BODY, "language": "fi"}, 422),
        ("venn", {**_BODY, "name": "Kim"}, 422),
    ],
)
async def test_what_cannot_be_wanted_is_refused(post: Post, path: str, body: JsonObject | None, status: int) -> None:
    assert (await ask(post, path, body)).status_code == status


async def test_another_tenant_and_another_coordinator_have_their_own(post: Post) -> None:
    await wanted(post)
    assert (await ask(post, "venn/end", subject="c-2")).status_code == 404
    assert (await ask(post, "venn", _BODY, tenant="kolding")).status_code == 404
    headers = post.service.bearer("oslo", "messages:read")
    assert (await post.service.client.post("/v1/digests/venn", json=_BODY, headers=headers)).status_code == 403


@pytest.mark.requirement("S4.13")
async def test_a_lone_visit_that_is_overdue_is_told_every_coordinator_at_once(post: Post) -> None:
    await wanted(post)
    await wanted(post, "c-2")
    await post.facts_are_read()
    await post.tell("matching", ("match", "m1"), overdue())
    told = await post.messages("sent", "sent")
    assert {(one["recipient_id"], one["occasion"]) for one in told} == {
        ("c-1", "lone-visit-overdue"),
        ("c-2", "lone-visit-overdue"),
    }
    assert {mail["Subject"] for mail in post.server.mails} == {"Ta kontakt nå"}
    assert [text for text in post.texts() if "bo" in text.split() or "m1" in text] == []


@pytest.mark.requirement("S4.13")
async def test_where_nobody_wants_to_hear_it_is_seen_that_nobody_was_told(post: Post) -> None:
    await post.tell("matching", ("match", "m1"), overdue())
    await post.messages("due")
    post.place.move_clock(timedelta(seconds=10))
    (told,) = await post.messages("suppressed")
    assert (told["recipient_id"], told["reason"]) == ("coordinators", "no-contact")


@pytest.mark.requirement("S2.3")
async def test_an_erasure_that_takes_too_long_is_told_every_coordinator_once_in_their_language_and_not_whose(
    post: Post,
) -> None:
    subjects = {
        "nb": "Noen må se på en sletting",
        "nn": "Nokon må sjå på ei sletting",
        "da": "Nogen skal se på en sletning",
        "en": "Somebody should look at an erasure",
    }
    for language in subjects:
        await wanted(post, f"c-{language}", language)
    await post.facts_are_read()
    late = ErasureOverdue(person_id="ada", waiting_for=("matching", "reporting"), is_shredded=True)
    await post.tell("intake", ("person", "ada"), late)
    await post.tell("intake", ("person", "ada"), late)  # as a relay sends it again
    told = await post.messages(*["sent"] * 4)
    assert {(one["recipient_id"], one["occasion"]) for one in told} == {
        (f"c-{language}", "erasure-overdue") for language in subjects
    }
    assert sorted(mail["Subject"] for mail in post.server.mails) == sorted(subjects.values())
    assert [text for text in post.texts() if {"ada", "matching", "reporting"} & set(text.lower().split())] == []


@pytest.mark.requirement("S3.3")
async def test_who_is_asked_to_take_over_and_what_goes_from_hand_to_hand_is_told_at_once(post: Post) -> None:
    await wanted(post)
    escalated = RequestEscalated(request_id="r1", programme="venn", rule="bounces", escalated_at=NOW)
    await post.tell("intake", ("request", "r1"), asked(), escalated)
    told = await post.messages("sent", "sent")
    assert {one["occasion"] for one in told} == {"hand-over", "escalated"}


async def test_a_digest_counts_what_waits_and_names_nobody(post: Post) -> None:
    view = await wanted(post)
    post.place.move_clock(timedelta(minutes=1))
    later = datetime.now(UTC) + timedelta(minutes=1)
    await post.tell("matching", ("match", "m1"), given(well=False, wants_talk=True), review("m1"), at=later)
    await post.tell("matching", ("match", "m2"), given("m2", well=True, wants_talk=True), review("m2"), at=later)
    accepted = HandOverAccepted(request_id="r2", programme="venn", owner="c-2", accepted_at=NOW)
    await post.tell("intake", ("request", "r1"), answer_overdue(), asked(), at=later)
    await post.tell("intake", ("request", "r2"), asked("r2", to="c-9"), accepted, at=later)
    await post.messages("sent", *["suppressed"] * 5)  # c-9, ada and bo are reached nowhere
    post.server.mails.clear()
    await morning_comes(post, view)
    assert [mail["Subject"] for mail in await mails(post, 1)] == ["Dette venter på deg"]
    (text,) = post.texts()
    counted = {line for line in text.split("\n\n") if line[-1].isdigit()}
    assert counted == {
        "Noen hadde det ikke godt sist: 1",
        "Ønsker en prat: 2",
        "Koblinger å se på sammen: 2",
        "Ønsker som skulle hatt svar: 1",
        "Overtakelser som venter på ja: 1",
    }
    # The morning after, only what is still open is told again.
    (again,) = (await post.service.client.get("/v1/digests", headers=coordinator(post))).json()
    post.server.mails.clear()
    await morning_comes(post, again)
    await mails(post, 1)
    (text,) = post.texts()
    assert ("ikke godt" in text, "se på sammen: 2" in text) == (False, True)


async def test_a_morning_on_which_nothing_waits_brings_no_mail(post: Post) -> None:
    view = await wanted(post)
    await morning_comes(post, view)
    assert await eventually(lambda: looked(post, view)) is not None
    answer = await post.service.client.get("/v1/messages", headers=post.reader)
    assert (answer.json()["items"], post.server.mails) == ([], [])


@pytest.mark.requirement("S2.33", "S2.1")
async def test_every_volunteer_is_thanked_once_for_a_milestone(post: Post) -> None:
    for person_id in ("ada", "bo", "cy"):
        await post.register(person_id, "nn")
        await post.tell("matching", ("helper", person_id), listed(person_id))
    counted = MatchCounted(programme="venn", match_id="m1", number=100, milestone=True)
    for _ in range(2):
        await post.tell("matching", ("tally", "venn"), counted)
    another = MatchCounted(programme="venn", match_id="m2", number=101, milestone=False)
    await post.tell("matching", ("tally", "venn"), another, first=2)
    told = await post.messages("sent", "sent", "sent")
    assert {(one["recipient_id"], one["occasion"]) for one in told} == {(p, "milestone") for p in ("ada", "bo", "cy")}
    assert all("har laga kopling nummer 100" in text for text in post.texts())


async def looked(post: Post, before: JsonObject) -> JsonObject | None:
    (view,) = (await post.service.client.get("/v1/digests", headers=coordinator(post))).json()
    found: JsonObject = view
    return found if found["next_at"] != before["next_at"] else None


async def mails(post: Post, count: int) -> list[Any]:
    async def arrived() -> list[Any]:
        assert len(post.server.mails) == count
        return post.server.mails

    return await eventually(arrived)


async def morning_comes(post: Post, view: JsonObject) -> None:
    post.place.move_clock(datetime.fromisoformat(view["next_at"]) - datetime.now(UTC) + timedelta(seconds=2))


def overdue() -> LoneVisitOverdue:
    return LoneVisitOverdue(match_id="m1", programme="venn", helper_id="bo", visit_id="v1", until=NOW)


def asked(request_id: str = "r1", *, to: str = "c-1") -> HandOverAsked:
    until = NOW + timedelta(days=30)
    return HandOverAsked(request_id=request_id, programme="venn", asked_by="c-3", to=to, asked_at=NOW, until=until)


def answer_overdue() -> AnswerOverdue:
    return AnswerOverdue(request_id="r1", programme="venn", answer_by=NOW.date())


def given(match_id: str = "m1", *, well: bool, wants_talk: bool) -> CheckInGiven:
    return CheckInGiven(
        match_id=match_id,
        programme="venn",
        check_in_id="k1",
        given_by="helper",
        form="met",
        well=well,
        wants_talk=wants_talk,
        happened_on=NOW.date(),
    )


def review(match_id: str) -> ReviewDue:
    return ReviewDue(match_id=match_id, programme="venn", requester_id="ada", helper_id="bo", due_on=NOW.date())


def listed(person_id: str) -> HelperListed:
    return HelperListed(person_id=person_id, programme="venn", roles=("friend",), capacity=1, policy_version=1)
