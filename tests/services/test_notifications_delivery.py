"""A mail server that is away, slow, broken or refuses, and a service that dies: nothing lost in silence."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pymongo.asynchronous.database import AsyncDatabase

from chassis.command_handler import Context
from chassis.rebuild import rebuild_progress, request_rebuild
from chassis.service import Role
from contracts.base import JsonObject
from contracts.envelope import StreamId
from contracts.notifications import SendingBegan
from deploy.local.ports import free_port
from services.notifications.app import build
from services.notifications.domain.message import BeginSending, message
from services.notifications.domain.reach import Reach
from tests.services.mail_server import MailServer, mail_server
from tests.services.notifications_post import Post, dropped, running_post
from tests.services.sms_gateway import SmsGateway
from tests.support.service import Place, Running, running_service
from tests.support.wait import eventually


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        yield running


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
        post = Post(place, service, MailServer(port), SmsGateway(1))
        await post.wish()
        (held,) = await post.messages("held")
        assert held["reason"] == "smtp_unreachable"
    place.move_clock(timedelta(minutes=5))
    async with (
        mail_server(port) as server,
        running_service("notifications", build, place, smtp=server.address) as service,
    ):
        await Post(place, service, server, SmsGateway(1)).messages("sent")
        assert [mail["To"] for mail in server.mails] == ["ada@person.example"]


async def test_a_crash_after_the_claim_leads_to_one_more_attempt(place: Place) -> None:
    await place.make_topics()
    without_timers = frozenset(Role) - {Role.TIMERS}
    async with running_service("notifications", build, place, roles=without_timers) as service:
        post = Post(place, service, MailServer(1), SmsGateway(1))
        await post.wish()
        (due,) = await post.messages("due")
        await claim_and_die(service, due["message_id"])
    async with mail_server() as server, running_service("notifications", build, place, smtp=server.address) as service:
        post = Post(place, service, server, SmsGateway(1))
        await post.messages("due")
        assert server.conversations == 0
        place.move_clock(timedelta(minutes=3))
        (sent,) = await post.messages("sent")
        assert (sent["attempts"], len(server.mails)) == (2, 1)


async def claim_and_die(service: Running, message_id: str) -> None:
    """What a process leaves behind that dies between its claim and the answer of the mail server."""
    runtime = service.application.runtime
    now = runtime.clock.now()
    claim = BeginSending(now=now, contact="email", reach=Reach(), facts_as_of=now)
    context = Context(command_id="dies", actor="tests", correlation_id="c-1")
    outcome = await runtime.commands.handle(message, StreamId("oslo", "message", message_id), claim, context=context)
    assert [type(event) for event in outcome.events] == [SendingBegan]


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
