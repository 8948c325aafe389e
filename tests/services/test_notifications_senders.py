"""What every sender promises: four answers and no exception, the same id in each attempt."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest

from chassis.clock import FixedClock
from deploy.local.ports import free_port
from services.notifications.senders.port import Accepted, Mail, NotNow, Refused, Sender, Unknown
from services.notifications.senders.sms import SmsSender
from services.notifications.senders.smtp import SmtpSender
from services.notifications.settings import MailSettings, SmsSettings
from tests.services.mail_server import MailServer, mail_server
from tests.services.sms_gateway import SmsGateway, sms_gateway

NOON = datetime(2020, 2, 29, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Way:
    """A sender and the other end: how to say what it answers next, and what has arrived there."""

    sender: Sender
    nowhere: Sender
    mail: Mail
    other_end: MailServer | SmsGateway
    later: str
    never: str

    def answers(self, *answers: str) -> None:
        target = self.other_end.to_data if isinstance(self.other_end, MailServer) else self.other_end.answers
        target[:] = answers

    @property
    def arrived(self) -> list[tuple[str, str]]:
        """The id and the words of each, as often as it came."""
        if isinstance(self.other_end, SmsGateway):
            return [(text["id"], text["text"]) for text in self.other_end.taken]
        parts = [(mail["Message-ID"], next(mail.iter_parts()).get_content()) for mail in self.other_end.mails]
        return [(name.strip("<>").partition("@")[0], text.strip()) for name, text in parts]


@pytest.fixture(params=["smtp", "sms"])
async def way(request: pytest.FixtureRequest) -> AsyncIterator[Way]:
    if request.param == "smtp":
        mail = Mail("m-1", "kim@person.example", "nn", "Eit tidspunkt", "Hei Æ Ø Å", "<p>Hei Æ Ø Å</p>")
        async with mail_server() as server:
            yield Way(_smtp(server.address), _smtp(f"127.0.0.1:{free_port()}"), mail, server, "451 busy", "550 never")
    else:
        mail = Mail("m-1", "+4799999999", "nn", "", "Hei Æ Ø Å\n", "")
        async with sms_gateway() as gateway:
            nowhere = _sms(f"http://127.0.0.1:{free_port()}/sms")
            yield Way(_sms(gateway.url), nowhere, mail, gateway, "503 Busy", "404 Unknown Number")


def _smtp(address: str) -> Sender:
    return SmtpSender(address, mail_from="kobling@kobling.example", settings=MailSettings(), clock=FixedClock(NOON))


def _sms(url: str | None) -> Sender:
    return SmsSender(url, settings=SmsSettings())


async def test_an_accepted_message_arrives_with_its_words(way: Way) -> None:
    assert await way.sender.send(way.mail) == Accepted()
    assert way.arrived == [("m-1", "Hei Æ Ø Å")]


async def test_every_attempt_carries_the_same_id(way: Way) -> None:
    for _ in range(2):
        await way.sender.send(way.mail)
    assert [message_id for message_id, _ in way.arrived] == ["m-1", "m-1"]


async def test_an_other_end_that_is_not_there_is_tried_again(way: Way) -> None:
    answer = await way.nowhere.send(way.mail)
    assert isinstance(answer, NotNow)
    assert answer.rule.endswith("_unreachable")


async def test_an_other_end_that_asks_to_wait_is_tried_again(way: Way) -> None:
    way.answers(way.later)
    answer = await way.sender.send(way.mail)
    assert isinstance(answer, NotNow)
    assert answer.rule.endswith(way.later[:3])
    assert way.arrived == []


async def test_an_other_end_that_refuses_it_refuses_it_for_good(way: Way) -> None:
    way.answers(way.never)
    answer = await way.sender.send(way.mail)
    assert isinstance(answer, Refused)
    assert answer.rule.endswith(way.never[:3])


async def test_a_connection_that_breaks_after_the_content_leaves_the_outcome_unknown(way: Way) -> None:
    way.answers("break")
    assert await way.sender.send(way.mail) == Unknown()
    assert len(way.arrived) == 1


async def test_an_address_that_smuggles_something_in_is_refused_before_anybody_hears_of_it(way: Way) -> None:
    smuggling = replace(way.mail, recipient=f"{way.mail.recipient}\r\nBcc: all@person.example")
    assert await way.sender.send(smuggling) == Refused("bad_address")
    assert way.arrived == []


@pytest.mark.parametrize("number", ["", "99999999", "+47 99", "kim@person.example"])
async def test_what_is_no_number_is_refused(number: str) -> None:
    async with sms_gateway() as gateway:
        mail = Mail("m-1", number, "nn", "", "Hei", "")
        assert await _sms(gateway.url).send(mail) == Refused("bad_address")
        assert gateway.headers == []


@pytest.mark.parametrize("status", ["408 Timeout", "425 Too Early", "429 Too Many", "500 Broken", "302 Elsewhere"])
async def test_a_gateway_in_trouble_is_tried_again(status: str) -> None:
    async with sms_gateway() as gateway:
        gateway.answers = [status]
        mail = Mail("m-1", "+4799999999", "nn", "", "Hei", "")
        assert await _sms(gateway.url).send(mail) == NotNow(f"sms_{status[:3]}")


async def test_a_gateway_hears_the_token_it_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOBLING_SMS_TOKEN", "invented")
    async with sms_gateway() as gateway:
        await _sms(gateway.url).send(Mail("m-1", "+4799999999", "nn", "", "Hei", ""))
        assert "authorization: bearer invented" in gateway.headers[0].lower()


async def test_without_a_gateway_no_text_message_is_taken() -> None:
    assert await _sms(None).send(Mail("m-1", "+4799999999", "nn", "", "Hei", "")) == Refused("sms_not_configured")


async def test_a_disguised_mail_does_not_tell_who_sends_it() -> None:
    settings = MailSettings(neutral_from="Post <post@neutral.example>")
    async with mail_server() as server:
        sender = SmtpSender(server.address, mail_from="venn@venn.example", settings=settings, clock=FixedClock(NOON))
        await sender.send(Mail("m-1", "kim@person.example", "nb", "Du har en melding", "x", "x", is_disguised=True))
    (mail,) = server.mails
    assert (mail["From"], mail["Message-ID"]) == ("Post <post@neutral.example>", "<m-1@neutral.example>")
    assert "venn" not in mail.as_string()
    assert server.senders == ["post@neutral.example"]
