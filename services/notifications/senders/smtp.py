"""Mail over SMTP: each fault of the conversation becomes one of the four answers."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPRecipientRefused,
    SMTPResponseException,
)

from chassis.clock import Clock
from services.notifications.senders.port import Accepted, Answer, Mail, NotNow, Refused, Unknown
from services.notifications.settings import MailSettings

# Together less than a timer may take (50 s), and much less than a claim lasts (domain/waits.py, two minutes).
_INTRODUCTION_SECONDS = 15.0
_CONTENT_SECONDS = 30.0


class SmtpSender:
    """One connection per mail: mails are few, and a connection that is kept can only be broken when it is needed."""

    def __init__(self, address: str, *, mail_from: str, settings: MailSettings, clock: Clock) -> None:
        host, _, port = address.rpartition(":")
        self._host, self._port = host, int(port)
        self._from = mail_from
        self._neutral_from = settings.neutral_from or f"post@{_domain(mail_from)}"
        self._settings = settings
        self._clock = clock

    async def send(self, mail: Mail) -> Answer:
        """Hands the mail over. A break before the content is NotNow; after it, Unknown: nobody can tell (0011)."""
        try:
            content = self._content(mail, self._clock.now())
        except ValueError:
            return Refused("bad_address")
        with _closing(self._client()) as client:
            fault = await self._introduced(client, mail)
            return fault or await _handed_over(client, content)

    def _sender_of(self, mail: Mail) -> str:
        return self._neutral_from if mail.is_disguised else self._from

    async def _introduced(self, client: SMTP, mail: Mail) -> NotNow | Refused | None:
        """A server that will not talk to us at all says nothing about the mail: that is mended and tried again."""
        recipient = mail.recipient
        options, encoding = ([], "ascii") if recipient.isascii() else (["SMTPUTF8"], "utf-8")
        try:
            async with asyncio.timeout(_INTRODUCTION_SECONDS):
                await client.connect()
                await client.mail(_address(self._sender_of(mail)), options=options, encoding=encoding)
                await client.rcpt(recipient, encoding=encoding)
        except SMTPRecipientRefused as fault:
            return _by_code(fault.code)
        except SMTPResponseException as fault:
            return NotNow(f"smtp_{fault.code}")
        except (SMTPException, OSError):
            return NotNow("smtp_unreachable")
        return None

    def _client(self) -> SMTP:
        settings = self._settings
        return SMTP(
            hostname=self._host,
            port=self._port,
            # Else the library asks the name server who we are, which can take long.
            local_hostname=_domain(self._neutral_from),
            timeout=_INTRODUCTION_SECONDS,
            use_tls=settings.security == "tls",
            start_tls=settings.security == "starttls",
            username=settings.username,
            password=settings.password.get_secret_value() if settings.password else None,
        )

    def _content(self, mail: Mail, now: datetime) -> bytes:
        message = EmailMessage(policy=policy.SMTP if mail.recipient.isascii() else policy.SMTPUTF8)
        message["From"] = self._sender_of(mail)
        message["To"] = mail.recipient
        message["Subject"] = mail.subject
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{mail.message_id}@{_domain(self._sender_of(mail))}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(mail.text)
        message.add_alternative(mail.html, subtype="html")
        message["Content-Language"] = mail.language  # last: setting content drops every Content-… header before it
        return message.as_bytes()


async def _handed_over(client: SMTP, content: bytes) -> Answer:
    try:
        await client.data(content, timeout=_CONTENT_SECONDS)
    except SMTPDataError as fault:
        return _by_code(fault.code)
    except (SMTPException, OSError):
        return Unknown()
    return Accepted()


def _address(sender: str) -> str:
    """Without the name that may stand before it."""
    return parseaddr(sender)[1]


def _domain(sender: str) -> str:
    return _address(sender).rpartition("@")[2]


def _by_code(code: int) -> NotNow | Refused:
    return NotNow(f"smtp_{code}") if code < 500 else Refused(f"smtp_{code}")


@contextmanager
def _closing(client: SMTP) -> Iterator[SMTP]:
    """Closes without the courtesy of QUIT: it would only lengthen the time between the answer and our record of it."""
    try:
        yield client
    finally:
        client.close()
