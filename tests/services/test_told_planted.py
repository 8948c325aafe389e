"""What people entrust to the platform is read nowhere: not in what is stored, sent on, logged or measured, nor on the
outside of a mail (S2.9)."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.admin import AIOKafkaAdminClient
from bson import encode
from pydantic import JsonValue
from pymongo import AsyncMongoClient

from contracts.base import JsonObject
from contracts.intake import (
    AddressProtected,
    ContactGiven,
    LivedExperienceTold,
    PersonRegistered,
    ProfileDescribed,
    RequestPosted,
)
from contracts.matching import AccompanimentAgreed, MatchEnded
from tests.services.notifications_post import (
    NOW,
    Post,
    match_made,
    meeting,
    posted,
    proposed,
    running_post,
    safe_contact,
)
from tests.support.service import Place
from tests.support.wait import eventually

NAMES = {"ada": "Plantnavn Oppdiktet", "bo": "Plantvenn Eksempel"}
MAILS = {"ada": "plantpost-ada@person.example", "bo": "plantpost-bo@person.example"}
PHONE = "+4791234509"
WORDS = {"hopes": "planthåp om havet", "what": "plantønske om turer", "lived": "plantliv", "where": "Plantveien 7"}
STAFF = "plantvakt@arbeid.example"
PLANTED = (*NAMES.values(), *MAILS.values(), PHONE, *WORDS.values(), STAFF)


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        yield running


async def entrusted(post: Post) -> None:
    """Ada is reached by a disguised text message, Bo by plain mail; a coordinator wants to hear too."""
    await post.adopt()
    keyring = post.service.application.runtime.keyring
    for person_id in ("ada", "bo"):
        values: list[tuple[str, JsonValue]] = [
            (person_id, NAMES[person_id]),
            (person_id, MAILS[person_id]),
            (person_id, PHONE),
            (person_id, {"hopes": WORDS["hopes"]}),
            (person_id, WORDS["lived"]),
            (person_id, ["matching"]),
        ]
        name, email, phone, profile, lived, purposes = await keyring.seal_many("oslo", values)
        await post.tell(
            "intake",
            ("person", person_id),
            PersonRegistered(person_id=person_id, channel="web", name=name, entered_by="self"),
            ContactGiven(person_id=person_id, language="nb", email=email, phone=phone),
            ProfileDescribed(person_id=person_id, stated_on=NOW.date(), told=profile),
            LivedExperienceTold(person_id=person_id, purposes=purposes, words=lived, told_at=NOW),
            AddressProtected(person_id=person_id, protected_at=NOW),
            *([safe_contact("ada", "sms", disguised=True)] if person_id == "ada" else []),
        )
    await post.facts_are_read()
    headers = post.service.bearer("oslo", "messages:digest", subject="c-1")
    wanted = await post.service.client.post("/v1/digests/venn", json={"email": STAFF}, headers=headers)
    assert wanted.status_code == 200, wanted.text


async def much_happens(post: Post) -> None:
    keyring = post.service.application.runtime.keyring
    what, where = await keyring.seal_many("oslo", [("ada", WORDS["what"]), ("ada", WORDS["where"])])
    request = RequestPosted.model_validate({**posted().model_dump(), "what": what})
    await post.tell("intake", ("request", "r1"), request)
    arranged = meeting(NOW + timedelta(days=3))
    await post.tell("matching", ("search", "r1"), proposed(NOW + timedelta(days=42)), arranged)
    going_along = AccompanimentAgreed(
        match_id="m1",
        programme="venn",
        accompaniment_id="a1",
        when=where,
        where=where,
        agreed_by="c-1",
        agreed_at=NOW,
    )
    made = match_made()
    ended = MatchEnded(
        match_id="m1",
        request_id="r1",
        programme="venn",
        requester_id="ada",
        helper_id="bo",
        proposal_id="x",
        reason="both",
        closing_talk=True,
        ended_on=NOW.date(),
    )
    await post.tell("matching", ("match", "m1"), made, going_along, ended)
    await post.messages(*["sent"] * 9)


@pytest.mark.requirement("S2.9")
async def test_what_was_entrusted_is_read_nowhere(
    post: Post, mongo_client: AsyncMongoClient[JsonObject], capfd: pytest.CaptureFixture[str]
) -> None:
    await entrusted(post)
    await much_happens(post)
    metrics = (await post.service.client.get("/metrics")).text
    listed = (await post.service.client.get("/v1/messages", headers=post.reader)).text
    logs = "".join(capfd.readouterr())
    outside = [f"{mail['Subject']} {mail['From']} {mail['Message-ID']}" for mail in post.server.mails]
    stored, sent_on = await stored_bytes(post.place, mongo_client), await sent_on_bytes(post.place)
    places = {
        "stored": stored,
        "topics": sent_on,
        "metrics": metrics.encode(),
        "answers": listed.encode(),
        "logs": logs.encode(),
        "outside of mails": "\n".join(outside).encode(),
        "text messages": str([{**text, "to": ""} for text in post.gateway.texts]).encode(),
    }
    assert {name: found for name, text in places.items() if (found := planted_in(text))} == {}
    assert (len(stored) > 10_000, len(sent_on) > 10_000) == (True, True)
    # The plain mails tell who is spoken to, and nothing else of what was entrusted.
    assert {word for text in post.texts() for word in planted_in(text.encode())} == {NAMES["bo"]}


@pytest.mark.requirement("S2.9")
async def test_a_disguised_mail_holds_none_of_it(post: Post) -> None:
    await entrusted(post)
    agreed = safe_contact("ada", "email", disguised=True)
    await post.tell("intake", ("person", "ada"), agreed, first=7)
    await post.facts_are_read()
    await post.tell("matching", ("match", "m1"), match_made())
    await post.messages("sent", "sent")
    (mail,) = [mail for mail in post.server.mails if mail["To"] == MAILS["ada"]]
    del mail["To"]
    assert planted_in(mail.as_bytes()) == []
    body = "".join(part.get_content() for part in mail.iter_parts())
    assert planted_in(body.encode()) == []
    assert "Følgesvenn" not in f"{mail['Subject']}{body}"


def planted_in(text: bytes) -> list[str]:
    return [word for word in PLANTED if word.encode() in text]


async def stored_bytes(place: Place, client: AsyncMongoClient[JsonObject]) -> bytes:
    """Every document of every collection of this place, as the database keeps it."""
    found = []
    for name in await client.list_database_names():
        if name.startswith(place.namespace):
            for collection in await client[name].list_collection_names():
                found += [encode(document) async for document in client[name][collection].find()]
    return b"\n".join(found)


async def sent_on_bytes(place: Place) -> bytes:
    """Every record of every topic of this place: key, headers and body."""
    admin = AIOKafkaAdminClient(bootstrap_servers=place.engines.kafka)
    await admin.start()
    try:
        topics = [topic for topic in await admin.list_topics() if topic.startswith(place.namespace)]
    finally:
        await admin.close()
    consumer = AIOKafkaConsumer(*topics, bootstrap_servers=place.engines.kafka, auto_offset_reset="earliest")
    await consumer.start()
    try:
        records: list[Any] = []

        async def at_the_end() -> bool:
            for part in (await consumer.getmany(timeout_ms=50)).values():
                records.extend(part)
            ends = await consumer.end_offsets(consumer.assignment())
            return bool(ends) and sum(ends.values()) == len(records)

        await eventually(at_the_end)
    finally:
        await consumer.stop()
    return b"\n".join(
        part for one in records for part in (one.key, *(value for _, value in one.headers), one.value) if part
    )
