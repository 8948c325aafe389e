"""What the SMTP sender does beyond what every sender promises (test_notifications_senders.py)."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from chassis.clock import FixedClock
from deploy.local.ports import free_port
from services.notifications.senders.port import Accepted, Mail, NotNow, Refused, Unknown
from services.notifications.senders.smtp import SmtpSender
from services.notifications.settings import MailSettings
from tests.services.mail_server import MailServer, mail_server

NOON = datetime(2020, 2, 29, 12, tzinfo=UTC)
MAIL = Mail("m-1", "kim@person.example", "nn", "Eit tidspunkt til deg", "Hei Kim!\n\nÆ Ø Å\n", "<p>Hei Kim! Æ Ø Å</p>")


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


def sender_to(address: str) -> SmtpSender:
    return SmtpSender(address, mail_from="kobling@kobling.example", settings=MailSettings(), clock=FixedClock(NOON))


async def test_an_accepted_mail_arrives_with_its_words(server: MailServer) -> None:
    assert await sender_to(server.address).send(MAIL) == Accepted()
    (mail,) = server.mails
    text, html = mail.iter_parts()
    assert (mail["To"], mail["From"], mail["Subject"]) == (MAIL.recipient, "kobling@kobling.example", MAIL.subject)
    assert [part.get_content().splitlines() for part in (text, html)] == [MAIL.text.splitlines(), [MAIL.html]]
    assert (mail["Date"].datetime, mail["Content-Language"]) == (NOON, "nn")
    assert server.recipients == [MAIL.recipient]


async def test_every_attempt_carries_the_same_message_id_and_says_that_a_machine_wrote_it(server: MailServer) -> None:
    for _ in range(2):
        await sender_to(server.address).send(MAIL)
    assert [mail["Message-ID"] for mail in server.mails] == ["<m-1@kobling.example>"] * 2
    assert {mail["Auto-Submitted"] for mail in server.mails} == {"auto-generated"}


async def test_a_server_that_is_not_there_is_tried_again() -> None:
    assert await sender_to(f"127.0.0.1:{free_port()}").send(MAIL) == NotNow("smtp_unreachable")


@pytest.mark.parametrize("answer", ["421 closing", "450 busy", "451 greylisted"])
async def test_a_server_that_asks_to_wait_is_tried_again(server: MailServer, answer: str) -> None:
    server.to_rcpt = [answer]
    assert await sender_to(server.address).send(MAIL) == NotNow(f"smtp_{answer[:3]}")
    server.to_data = [answer]
    assert await sender_to(server.address).send(MAIL) == NotNow(f"smtp_{answer[:3]}")
    assert server.mails == []


@pytest.mark.parametrize("answer", ["550 no such mailbox", "554 refused"])
async def test_a_server_that_refuses_the_mail_refuses_it_for_good(server: MailServer, answer: str) -> None:
    server.to_rcpt = [answer]
    assert await sender_to(server.address).send(MAIL) == Refused(f"smtp_{answer[:3]}")
    server.to_data = [answer]
    assert await sender_to(server.address).send(MAIL) == Refused(f"smtp_{answer[:3]}")


async def test_a_connection_that_breaks_after_the_content_leaves_the_outcome_unknown(server: MailServer) -> None:
    server.to_data = ["break"]
    assert await sender_to(server.address).send(MAIL) == Unknown()
    assert len(server.mails) == 1


@pytest.mark.parametrize("recipient", ["kim@person.example\r\nBcc: all@person.example", "kim\n@person.example"])
async def test_an_address_cannot_smuggle_a_header_in(server: MailServer, recipient: str) -> None:
    assert await sender_to(server.address).send(replace(MAIL, recipient=recipient)) == Refused("bad_address")
    assert server.conversations == 0


async def test_an_address_may_hold_any_letter(server: MailServer) -> None:
    assert await sender_to(server.address).send(replace(MAIL, recipient="åse@person.example")) == Accepted()
    assert server.recipients == ["åse@person.example"]


def test_a_password_never_travels_in_clear() -> None:
    with pytest.raises(ValidationError, match="KOBLING_SMTP_SECURITY"):
        MailSettings(security="none", username="kobling", password="secret")
