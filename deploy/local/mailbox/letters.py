"""The mails and text messages that came in: in memory, and each as a file that any mail program opens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail as it was handed over. `to` are the addresses of the envelope, not those of the heading."""

    id: str
    sender: str
    to: tuple[str, ...]
    subject: str
    received_at: datetime
    text: str


class Letters:
    """Newest last. What an earlier run kept in `directory` is read again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True)
        self._texts: set[str] = set()
        self._letters = [_parse(file.stem, file.read_bytes()) for file in sorted(directory.glob("*.eml"))]

    def all(self) -> list[Letter]:
        return list(self._letters)

    def keep(self, content: bytes, *, sender: str, to: list[str]) -> None:
        """Take one mail in; its id sorts by the time it came."""
        now = datetime.now(UTC)
        envelope = f"X-Mail-From: {sender}\r\nX-Rcpt-To: {', '.join(to)}\r\nX-Received-At: {now.isoformat()}\r\n"
        letter_id = f"{now:%Y%m%dT%H%M%S%f}-{uuid4().hex[:6]}"
        whole = envelope.encode("utf-8", "replace") + content
        draft = self._directory / f"{letter_id}.new"
        draft.write_bytes(whole)
        draft.replace(draft.with_suffix(".eml"))
        self._letters.append(_parse(letter_id, whole))

    def keep_text(self, text: str, *, to: str, text_id: str) -> None:
        """Take a text message in; the same id again is the same message."""
        if text_id in self._texts:
            return
        self._texts.add(text_id)
        mail = EmailMessage(policy=policy.SMTPUTF8)
        mail["Subject"] = "SMS"
        mail.set_content(text)
        self.keep(mail.as_bytes(), sender="sms", to=[to])


def _parse(letter_id: str, whole: bytes) -> Letter:
    mail = message_from_bytes(whole, policy=policy.default)
    assert isinstance(mail, EmailMessage)  # noqa: S101 (what this policy makes)
    body = mail.get_body(("plain", "html"))
    return Letter(
        id=letter_id,
        sender=str(mail["X-Mail-From"]),
        to=tuple(str(mail["X-Rcpt-To"]).split(", ")),
        subject=str(mail["Subject"] or ""),
        received_at=datetime.fromisoformat(str(mail["X-Received-At"])),
        text=str(body.get_content()).replace("\r\n", "\n") if body is not None else "",
    )
