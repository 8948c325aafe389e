"""The port of a sender. Its promise is the suite in tests/services/test_notifications_senders.py."""

from dataclasses import dataclass
from typing import Protocol

from contracts.intake import MessageLanguage


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail or text message as it goes out; of a text message only `text` is read.

    `message_id` is the same in every attempt, so that a repeated one is known as one. A disguised mail does not tell
    who sends it.
    """

    message_id: str
    recipient: str
    language: MessageLanguage
    subject: str
    text: str
    html: str
    is_disguised: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The server answered for it."""


@dataclass(frozen=True, slots=True)
class NotNow:
    """Certainly not out: the server was not reached, or asked to be tried later. `rule` is a fixed word."""

    rule: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The server will never take this mail."""

    rule: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Handed over, and no answer: it may or may not be out."""


Answer = Accepted | NotNow | Refused | Unknown


class Sender(Protocol):
    async def send(self, mail: Mail) -> Answer:
        """Answers within 60 s and raises nothing: every fault of the way is one of the four answers."""
