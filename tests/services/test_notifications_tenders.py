"""What members, a requester and coordinators hear of a task, and never who asks (S1.13, S1.14)."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.keyring import seal_model
from contracts.base import Event, JsonObject
from contracts.intake import MandateEndNear, ModeChosen, PairHeld, Profile, ProfileDescribed
from contracts.intake.pair import PAIR, pair_value
from contracts.matching import (
    ContactAgreed,
    Enrolled,
    EnrolmentWithdrawn,
    HelperChosen,
    HelperListed,
    HelpNotNeeded,
    HelpOffered,
    OfferMade,
    SessionClosed,
    SessionScheduled,
    TaskDone,
    TenderLapsed,
    TenderOpened,
    TenderStopped,
)
from contracts.sealed import Sealed
from services.notifications.domain.mornings import next_eight
from tests.services.notifications_post import NOW, Post, running_post
from tests.services.test_notifications_coordinators import mails, morning_comes, wanted
from tests.support.service import Place
from tests.support.wait import eventually


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        await running.adopt()
        yield running


async def member(post: Post, person_id: str, *more: Event, how: str | None = None, **profile: Any) -> None:
    keyring = post.service.application.runtime.keyring
    told = await seal_model(keyring, "oslo", person_id, Profile(**profile))
    said = [ProfileDescribed(person_id=person_id, stated_on=NOW.date(), told=told)] if profile else []
    await post.register(person_id, "da", *said)
    listed = HelperListed(person_id=person_id, programme="venn", roles=("member",), capacity=3, policy_version=1)
    await post.tell("matching", ("helper", person_id), listed, *more)
    if how is not None:
        assert (await want(post, person_id, {"how": how})).status_code == 200


async def want(post: Post, person_id: str, body: JsonObject, programme: str = "venn") -> Any:
    headers = post.service.bearer("oslo", "messages:own", subject=person_id, person=person_id)

    async def known() -> Any:
        answer = await post.service.client.post(f"/v1/tender-news/{programme}", json=body, headers=headers)
        return answer if answer.status_code != 404 or programme != "venn" else None

    return await eventually(known)


def opened(number: int = 1, **more: Any) -> TenderOpened:
    fields: JsonObject = {
        "request_id": f"r{number}",
        "person_id": "ada",
        "programme": "venn",
        "tender_id": f"t{number}",
        "category": "shelves",
        "text": Sealed("ada", "x"),
        "opened_by": "c-1",
        "opens_at": NOW,
        "closes_at": NOW + timedelta(days=14),
        **more,
    }
    return TenderOpened.model_validate(fields)


def of_a_tender(kind: type[Event], helper_id: str = "bo", **more: Any) -> Event:
    return kind.model_validate(
        {"request_id": "r1", "programme": "venn", "tender_id": "t1", "helper_id": helper_id, **more}
    )


async def recipients(post: Post, *statuses: str) -> set[tuple[str, str, str]]:
    found = await post.messages(*statuses)
    return {(one["recipient_id"], one["occasion"], one["status"]) for one in found}


@pytest.mark.requirement("S1.13", "S1.14")
async def test_each_member_hears_as_they_want_and_nobody_hears_who_asks(post: Post) -> None:
    await post.register("ada", "da")
    await member(post, "ada")
    await member(post, "bo", how="at-once")
    await member(post, "cy")
    await member(post, "di", how="none")
    await member(post, "el", how="at-once")
    await post.tell("intake", ("person", "el"), ModeChosen(person_id="el", mode="fristed", chosen_at=NOW), first=3)
    await post.facts_are_read()
    await post.tell("matching", ("search", "r1"), opened())
    await post.tell("matching", ("search", "r2"), opened(2))
    told = await recipients(post, "sent", "sent", "suppressed", "suppressed", "due")
    assert told == {("bo", "tender-open", "sent"), ("el", "tender-open", "suppressed"), ("cy", "tender-news", "due")}
    words = " ".join(post.texts())
    assert ("ada" in words, "t1" in words, "r1" in words, "Log ind" in words) == (False, False, False, True)
    # Two tasks are one piece of news in the morning.
    post.server.mails.clear()
    morning = next_eight(datetime.now(UTC), zone="Europe/Oslo")
    post.place.move_clock(morning - datetime.now(UTC) + timedelta(seconds=2))
    await mails(post, 1)
    assert [mail["Subject"] for mail in post.server.mails] == ["Nyt siden sidst"]


@pytest.mark.requirement("S1.13")
async def test_in_the_morning_nothing_is_said_of_tasks_that_are_open_no_more(post: Post) -> None:
    await member(post, "cy")
    await post.facts_are_read()
    stopped = TenderStopped(request_id="r1", programme="venn", tender_id="t1", closed_at=NOW)
    await post.tell("matching", ("search", "r1"), opened(), stopped)
    await post.messages("due")
    post.place.move_clock(next_eight(datetime.now(UTC), zone="Europe/Oslo") - datetime.now(UTC) + timedelta(seconds=2))
    (told,) = await post.messages("suppressed")
    assert (told["occasion"], told["reason"]) == ("tender-news", "over")


@pytest.mark.requirement("S1.17", "S2.9")
async def test_only_those_hear_whom_the_audience_fits_and_never_whom_the_requester_must_not_meet(post: Post) -> None:
    offer = OfferMade(
        person_id="bo", programme="venn", offer_id="o1", category="shelves", words=Sealed("bo", "x"), made_at=NOW
    )
    sewing = offer.model_copy(update={"person_id": "cy", "offer_id": "o2", "category": "sewing"})
    await member(post, "bo", offer, how="at-once", area="Holte")
    await member(post, "cy", sewing, how="at-once", area="Holte")
    far = offer.model_copy(update={"person_id": "di", "offer_id": "o3"})
    await member(post, "di", far, how="at-once", area="Birkerød")
    kept_apart = offer.model_copy(update={"person_id": "el", "offer_id": "o4"})
    await member(post, "el", kept_apart, how="at-once", area="Holte")
    token = post.service.application.runtime.keyring.fingerprint("oslo", PAIR, pair_value("ada", "el"))
    await post.tell("intake", ("pair", token), PairHeld(pair=token))
    await post.facts_are_read()
    audience = {"areas": ("Holte",), "offering": True}
    await post.tell("matching", ("search", "r1"), opened(audience=audience))
    assert await recipients(post, "sent") == {("bo", "tender-open", "sent")}


@pytest.mark.requirement("S1.2", "S1.16")
async def test_who_is_chosen_and_who_is_not_are_both_thanked_and_contact_is_told_when_both_agreed(post: Post) -> None:
    for person_id in ("ada", "bo", "cy"):
        await post.register(person_id, "da")
    chosen = of_a_tender(HelperChosen, proposal_id="x", chosen_by="c-1")
    await post.tell("matching", ("search", "r1"), chosen, agreed(), of_a_tender(HelpNotNeeded, "cy"))
    assert await recipients(post, *["sent"] * 4) == {
        ("bo", "chosen", "sent"),
        ("ada", "contact-agreed", "sent"),
        ("bo", "contact-agreed", "sent"),
        ("cy", "help-not-needed", "sent"),
    }


def agreed() -> ContactAgreed:
    return ContactAgreed(
        request_id="r1",
        programme="venn",
        category="shelves",
        proposal_id="x",
        requester_id="ada",
        helper_id="bo",
        agreed_at=datetime.now(UTC),
    )


async def test_a_week_later_who_has_not_said_that_it_is_done_is_asked_once(post: Post) -> None:
    for person_id in ("ada", "bo"):
        await post.register(person_id, "da")
    done = TaskDone(request_id="r1", programme="venn", proposal_id="x", done_by="helper", done_at=NOW)
    await post.tell("matching", ("search", "r1"), agreed(), done)
    await post.messages("sent", "sent")
    await post.facts_are_read()
    post.place.move_clock(timedelta(days=7, seconds=5))
    told = await recipients(post, "sent", "sent", "sent")
    assert {one for one in told if one[1] == "say-done"} == {("ada", "say-done", "sent")}


@pytest.mark.requirement("S1.13")
async def test_who_asked_hears_when_nobody_came_forward_and_coordinators_have_it_among_what_waits(post: Post) -> None:
    await post.register("ada", "da")
    await post.facts_are_read()
    view = await wanted(post)
    lapsed = TenderLapsed(request_id="r2", person_id="ada", programme="venn", tender_id="t2")
    offers = [of_a_tender(HelpOffered, one, offered_at=NOW) for one in ("bo", "cy")]
    await post.tell("matching", ("search", "r1"), opened(), *offers)
    await post.tell("matching", ("search", "r2"), opened(2), lapsed)
    assert await recipients(post, "sent") == {("ada", "tender-lapsed", "sent")}
    post.server.mails.clear()
    await morning_comes(post, view)
    await mails(post, 1)
    counted = {line for line in post.texts()[0].split("\n\n") if line[-1].isdigit()}
    assert counted == {"Oppgaver der noen har meldt seg: 1", "Oppgaver som trenger en ny vei: 1"}


@pytest.mark.requirement("S1.5")
async def test_coordinators_hear_that_the_mandate_comes_to_its_end(post: Post) -> None:
    await post.facts_are_read()
    await wanted(post)
    await post.facts_are_read()
    near = MandateEndNear(programme="venn", ends_on=date(2099, 12, 31))
    await post.tell("intake", ("programme", "venn"), near, first=2)
    assert await recipients(post, "sent") == {("c-1", "mandate-near", "sent")}
    assert "31. desember 2099" in post.texts()[0]


@pytest.mark.requirement("S1.19")
async def test_who_had_signed_up_hears_that_it_is_off(post: Post) -> None:
    for person_id in ("ada", "bo"):
        await post.register(person_id, "da")
    ids = {"session_id": "s1", "activity_id": "a1", "programme": "venn"}
    begins = NOW + timedelta(days=3)
    await post.tell(
        "matching",
        ("session", "s1"),
        SessionScheduled(**ids, begins_at=begins, ends_at=begins + timedelta(hours=2)),
        Enrolled(**ids, person_id="ada", enrolled_at=NOW),
        Enrolled(**ids, person_id="bo", enrolled_at=NOW),
        EnrolmentWithdrawn(**ids, person_id="bo"),
        SessionClosed(**ids, reason="called-off"),
    )
    assert await recipients(post, "sent") == {("ada", "called-off", "sent")}


@pytest.mark.parametrize(
    ("body", "programme", "status"),
    [({"how": "often"}, "venn", 422), ({}, "venn", 422), ({"how": "none"}, "nowhere", 404)],
)
async def test_what_cannot_be_wanted_is_refused(post: Post, body: JsonObject, programme: str, status: int) -> None:
    await post.facts_are_read()
    assert (await want(post, "bo", body, programme)).status_code == status


async def test_a_member_sees_their_own_choice_and_only_people_have_one(post: Post) -> None:
    await member(post, "bo", how="none")
    mine = post.service.bearer("oslo", "messages:own", subject="bo", person="bo")

    async def seen() -> bool:
        answer = await post.service.client.get("/v1/tender-news", headers=mine)
        return bool(answer.json() == [{"programme": "venn", "how": "none"}])

    await eventually(seen)
    nobody = post.service.bearer("oslo", "messages:own", subject="c-1")
    assert (await post.service.client.get("/v1/tender-news", headers=nobody)).json() == []
    answer = await post.service.client.post("/v1/tender-news/venn", json={"how": "none"}, headers=nobody)
    assert answer.status_code == 404
