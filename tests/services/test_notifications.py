"""Notifications from events on Kafka to mails in a real mailbox, and over HTTP why somebody got none."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import pytest
from pymongo import AsyncMongoClient
from pymongo.asynchronous.database import AsyncDatabase

from chassis.command_handler import Context
from chassis.rebuild import rebuild_progress, request_rebuild
from chassis.service import Role
from contracts.base import Event, JsonObject
from contracts.envelope import Origin, StreamId
from contracts.intake import (
    ContactGiven,
    MessageLanguage,
    PersonRegistered,
    ProgrammeAdopted,
    ProgrammePaused,
    ProgrammeResumed,
    RequestPosted,
)
from contracts.matching import MatchMade, MeetingArranged, ProposalDropped
from contracts.notifications import SendingBegan
from contracts.policy import Policy
from contracts.sealed import Sealed
from deploy.local.ports import free_port
from services.notifications.app import build
from services.notifications.domain.message import BeginSending, message
from services.notifications.projections.programmes import programmes
from services.notifications.projections.recipients import recipients
from tests.services.mail_server import MailServer, mail_server
from tests.support.service import Place, Running, running_service
from tests.support.wait import eventually

NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """Notifications running beside a mail server, and what other services tell it."""

    place: Place
    service: Running
    server: MailServer

    async def tell(
        self, service: str, stream: tuple[str, str], *events: Event, at: datetime | None = None, first: int = 1
    ) -> None:
        when = at or datetime.now(UTC)
        origin = Origin(occurred_at=when, recorded_at=when, correlation_id="c-1", actor="tests")
        await self.place.publish(service, StreamId("oslo", *stream), events, origin=origin, first=first)

    async def adopt(self, *after: Event) -> None:
        policy = Policy.model_validate({"title": {"nb": "Følgesvenn", "da": "Følgevenner"}})
        adopted = ProgrammeAdopted(
            programme="venn", policy=policy, policy_version=1, adopted_by="board", adopted_on=date(2020, 1, 1)
        )
        await self.tell("intake", ("programme", "venn"), adopted, *after)

    async def register(self, person_id: str, language: MessageLanguage, *, has_email: bool = True) -> None:
        address = f"{person_id}@person.example"
        name, email = await self.service.application.runtime.keyring.seal_many(
            "oslo", [(person_id, f"Kim {person_id}"), (person_id, address)]
        )
        await self.tell(
            "intake",
            ("person", person_id),
            PersonRegistered(person_id=person_id, channel="web", name=name, entered_by="self"),
            ContactGiven(person_id=person_id, language=language, email=email if has_email else None),
        )

    async def wish(self) -> None:
        """A person who can be reached wishes for help."""
        await self.adopt()
        await self.register("ada", "nb")
        await self.tell("intake", ("request", "r1"), posted())

    async def facts_are_read(self) -> None:
        """Until what was told of people and programmes is known here."""
        reading, told_at = self.service.application.runtime.read_models, self.service.application.runtime.clock.now()

        async def are_read() -> bool:
            return min([await reading.facts_as_of(facts) for facts in (recipients, programmes)]) > told_at

        await eventually(are_read)

    async def messages(self, *statuses: str) -> list[JsonObject]:
        """All messages, once there is one for each status."""

        async def seen() -> list[JsonObject]:
            answer = await self.service.client.get("/v1/messages", headers=self.reader)
            found: list[JsonObject] = answer.json()["items"]
            assert sorted(message["status"] for message in found) == sorted(statuses)
            return found

        return await eventually(seen)

    @property
    def reader(self) -> dict[str, str]:
        return self.service.bearer("oslo", "messages:read") | {"Accept-Language": "nb"}


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    await place.make_topics()
    async with (
        mail_server() as server,
        running_service("notifications", build, place, smtp=server.address) as service,
    ):
        yield Post(place, service, server)


def posted() -> RequestPosted:
    return RequestPosted(
        request_id="r1",
        person_id="ada",
        programme="venn",
        origin="self",
        entered_by="ada",
        posted_at=NOW,
        needed_since=date(2020, 2, 29),
        answer_by=date(2020, 3, 14),
        policy_version=1,
        what=Sealed("ada", "x"),
    )


def match_made(match_id: str = "m1") -> MatchMade:
    return MatchMade.model_validate(
        {
            "match_id": match_id,
            "request_id": "r1",
            "programme": "venn",
            "requester_id": "ada",
            "helper_id": "bo",
            "proposal_id": "x",
            "starts_on": date(2020, 2, 29),
            "ends_on": date(2021, 2, 28),
            "ends_at": datetime(2021, 2, 28, 23, tzinfo=UTC),
            "needed_since": date(2020, 1, 1),
            "policy_version": 1,
        }
    )


def meeting(meets_at: datetime) -> MeetingArranged:
    return MeetingArranged(
        request_id="r1", proposal_id="x", person_id="ada", helper_id="bo", programme="venn", meets_at=meets_at
    )


def dropped() -> ProposalDropped:
    return ProposalDropped(
        request_id="r1", person_id="ada", programme="venn", helper_id="bo", proposal_id="x", reason="no"
    )


async def both_known(post: Post) -> None:
    await post.adopt()
    await post.register("ada", "nn")
    await post.register("bo", "da")


@pytest.mark.requirement("S3.79")
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


async def test_a_server_that_asks_to_wait_gets_one_mail_in_the_end(post: Post) -> None:
    post.server.to_rcpt = ["451 greylisted"]
    await post.wish()
    (held,) = await post.messages("held")
    assert (held["reason"], held["attempts"]) == ("smtp_451", 1)
    assert held["why"] == "E-postserveren ba oss vente. Vi prøver igjen."
    post.place.move_clock(timedelta(seconds=31))
    (sent,) = await post.messages("sent")
    assert (sent["attempts"], sent["reason"], sent["language"]) == (2, None, "nb")
    assert len(post.server.mails) == 1


async def test_a_server_that_refuses_an_address_is_not_asked_again(post: Post) -> None:
    post.server.to_rcpt = ["550 no such mailbox"]
    await post.wish()
    (failed,) = await post.messages("failed")
    assert (failed["reason"], failed["attempts"]) == ("smtp_550", 1)
    assert failed["why"] == "E-postserveren tar ikke imot post til denne adressen."
    assert (post.server.mails, post.server.conversations) == ([], 1)


async def test_a_connection_that_breaks_twice_is_given_up_aloud(post: Post) -> None:
    post.server.to_data = ["break", "break", "break"]
    await post.wish()
    await post.messages("held")
    post.place.move_clock(timedelta(seconds=31))
    (failed,) = await post.messages("failed")
    assert (failed["reason"], failed["attempts"]) == ("unknown_outcome", 2)
    assert len({mail["Message-ID"] for mail in post.server.mails}) == 1
    assert len(post.server.mails) == 2


async def test_a_message_survives_that_server_and_service_are_away(place: Place) -> None:
    await place.make_topics()
    port = free_port()
    async with running_service("notifications", build, place, smtp=f"127.0.0.1:{port}") as service:
        post = Post(place, service, MailServer(port))
        await post.wish()
        (held,) = await post.messages("held")
        assert held["reason"] == "smtp_unreachable"
    place.move_clock(timedelta(minutes=5))
    async with (
        mail_server(port) as server,
        running_service("notifications", build, place, smtp=server.address) as service,
    ):
        await Post(place, service, server).messages("sent")
        assert [mail["To"] for mail in server.mails] == ["ada@person.example"]


async def test_a_crash_after_the_claim_leads_to_one_more_attempt(place: Place) -> None:
    await place.make_topics()
    without_timers = frozenset(Role) - {Role.TIMERS}
    async with running_service("notifications", build, place, roles=without_timers) as service:
        post = Post(place, service, MailServer(1))
        await post.wish()
        (due,) = await post.messages("due")
        await claim_and_die(service, due["message_id"])
    async with mail_server() as server, running_service("notifications", build, place, smtp=server.address) as service:
        post = Post(place, service, server)
        await post.messages("due")
        assert server.conversations == 0
        place.move_clock(timedelta(minutes=3))
        (sent,) = await post.messages("sent")
        assert (sent["attempts"], len(server.mails)) == (2, 1)


async def claim_and_die(service: Running, message_id: str) -> None:
    """What a process leaves behind that dies between its claim and the answer of the mail server."""
    runtime = service.application.runtime
    now = runtime.clock.now()
    claim = BeginSending(now=now, contact="email", is_paused=False, facts_as_of=now)
    context = Context(command_id="dies", actor="tests", correlation_id="c-1")
    outcome = await runtime.commands.handle(message, StreamId("oslo", "message", message_id), claim, context=context)
    assert [type(event) for event in outcome.events] == [SendingBegan]


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


async def test_a_rebuilt_timetable_sends_nothing_again(post: Post) -> None:
    await post.wish()
    await post.messages("sent")
    database = post.service.application.database
    for name in ("timers-send-when-due", "messages", "recipients"):
        await request_rebuild(database, name)
    await eventually(lambda: all_switched(database))
    await post.tell("matching", ("search", "r1"), dropped())
    await post.messages("sent", "sent", "due")
    assert len(post.server.mails) == 2


async def all_switched(database: AsyncDatabase[JsonObject]) -> bool:
    return sum(state.live == 2 for state in await rebuild_progress(database)) == 3


async def test_messages_are_paged_newest_first_and_chosen(post: Post) -> None:
    await both_known(post)
    for number in range(2):
        await post.tell("matching", ("match", f"m{number}"), match_made(f"m{number}"))
    every = await post.messages("sent", "sent", "sent", "sent")
    get, found = post.service.client.get, []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await get("/v1/messages", params=query, headers=post.reader)).json()
        found += page["items"]
        cursor = page["next"]
    assert found == every == sorted(every, key=lambda one: (one["due_at"], one["message_id"]), reverse=True)
    for query, count in (({"recipient": "ada"}, 2), ({"status": "failed"}, 0), ({"programme": "venn"}, 4)):
        assert len((await get("/v1/messages", params=query, headers=post.reader)).json()["items"]) == count
    one = (await get(f"/v1/messages/{every[0]['message_id']}", headers=post.reader)).json()
    assert one == every[0]


async def test_another_tenant_sees_none_of_it(post: Post) -> None:
    await post.wish()
    (sent,) = await post.messages("sent")
    headers = post.service.bearer("kolding", "messages:read")
    listed = await post.service.client.get("/v1/messages", headers=headers)
    asked = await post.service.client.get(f"/v1/messages/{sent['message_id']}", headers=headers)
    assert (listed.json()["items"], asked.status_code) == ([], 404)
    headers = post.service.bearer("oslo", "requests:read")
    assert (await post.service.client.get("/v1/messages", headers=headers)).status_code == 403


async def test_no_name_and_no_address_is_stored_or_published_in_clear(
    post: Post, mongo_client: AsyncMongoClient[JsonObject]
) -> None:
    await both_known(post)
    await post.tell("matching", ("match", "m1"), match_made())
    await post.messages("sent", "sent")
    stored = []
    for name in await mongo_client.list_database_names():
        if name.startswith(post.place.namespace):
            for collection in await mongo_client[name].list_collection_names():
                stored += [str(document) async for document in mongo_client[name][collection].find()]
    published = [str(record) for record in await post.place.read("notifications.events", at_least=4)]
    assert len(stored) > 10
    assert [text for text in (*stored, *published) if "Kim " in text or "person.example" in text] == []
