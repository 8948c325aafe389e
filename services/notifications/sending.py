"""Sends what is due: prepares all words, claims the attempt, calls the sender, notes the answer (0011)."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from typing import Literal
from uuid import uuid4

from prometheus_client import Counter

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context, Outcome
from chassis.keyring import Keyring
from chassis.observability import REGISTRY
from chassis.read_models import ReadModels
from chassis.refusal import NotFound, Refusal
from chassis.timers import FiredTimer
from chassis.transient import until_done
from contracts.envelope import StreamId
from contracts.notifications import MessageDue, SendingBegan
from contracts.sealed import Redacted
from services.notifications.domain.message import (
    BeginSending,
    Command,
    Message,
    NoteNotNow,
    NoteRefused,
    NoteSent,
    NoteUnknown,
    Status,
    message,
)
from services.notifications.domain.waits import is_sent_now
from services.notifications.projections.programmes import Programme, programme_of, programmes
from services.notifications.projections.recipients import Recipient, recipient_of, recipients
from services.notifications.rendering import Templates, values_of
from services.notifications.senders.port import Accepted, Mail, NotNow, Refused, Sender, Unknown

_DRAIN_SECONDS = 30.0

_ANSWERS = Counter(
    "kobling_messages_answered", "What the sender said of a mail", ["service", "answer"], registry=REGISTRY
)


class StillSending(Refusal):
    rule, status, retryable = "still_sending", 503, True
    sentence = "An attempt to send this message has begun and has no outcome yet."


class Sending:
    """One attempt at one message. Safe to call at any time and as often as wanted: the message's stream decides."""

    def __init__(
        self,
        commands: CommandHandler,
        reading: ReadModels,
        *,
        keyring: Keyring,
        sender: Sender,
        templates: Templates,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._sender = sender
        self._templates = templates
        self._clock = clock

    async def send(self, fired: FiredTimer) -> None:
        """Raises StillSending or FactsTooOld, both to be tried again, and NotFound for a message nobody made."""
        stream = StreamId(fired.tenant, "message", fired.key)
        state = (await self._commands.state(message, stream)).state
        if state.due is None:
            raise NotFound()
        if state.status.is_final:
            return
        # Freshness first: the facts are then at least as new as it says.
        facts_as_of = min([await self._reading.facts_as_of(facts) for facts in (recipients, programmes)])
        programme = await programme_of(self._reading, fired.tenant, state.due.programme)
        recipient = await recipient_of(self._reading, fired.tenant, state.due.recipient_id)
        now, mail = self._clock.now(), None
        if is_sent_now(state.due.useful_until, now=now, is_paused=programme.is_paused):
            mail = await self._prepared(fired.tenant, state.due, recipient=recipient, programme=programme)
        begin = BeginSending(
            now=now,
            contact="email" if isinstance(mail, Mail) else mail,
            is_paused=programme.is_paused,
            facts_as_of=facts_as_of,
        )
        attempt = _Attempt(stream, state.due, mail if isinstance(mail, Mail) else None, fired.context())
        await _uninterrupted(self._attempt(attempt, begin))

    async def _prepared(
        self, tenant: str, due: MessageDue, *, recipient: Recipient, programme: Programme
    ) -> Mail | Literal["no-contact", "redacted"]:
        """The whole mail, so that nothing is left to do between the claim and the sender."""
        if recipient.email is None:
            return "no-contact"
        email, *names = await self._keyring.open_many(tenant, [recipient.email, *filter(None, [recipient.name])])
        if isinstance(email, Redacted):
            return "redacted"
        language = recipient.language
        values = values_of(due.details, language=language, zone=programme.zone)
        values["name"] = next((name for name in names if not isinstance(name, Redacted)), None)
        values["programme"] = programme.called(language) or due.programme
        words = self._templates.render(due.occasion, language, values)
        return Mail(due.message_id, email, language, words.subject, words.text, words.html)

    async def _attempt(self, attempt: "_Attempt", begin: BeginSending) -> None:
        begun = await self._handle(attempt, begin)
        claim = next((event for event in begun.events if isinstance(event, SendingBegan)), None)
        if claim is None or attempt.mail is None:
            if begun.state.status is Status.SENDING:
                raise StillSending()
            return
        note = await self._told(attempt.mail, attempt.due, claim.attempt)
        await until_done(lambda: self._handle(attempt, note), what="message_outcome")

    async def _told(self, mail: Mail, due: MessageDue, attempt: int) -> Command:
        answer = await self._sender.send(mail)
        _ANSWERS.labels("notifications", type(answer).__name__.lower()).inc()
        now = self._clock.now()
        match answer:
            case Accepted():
                return NoteSent(now=now, attempt=attempt, template=due.occasion, language=mail.language)
            case NotNow(rule=rule):
                return NoteNotNow(now=now, attempt=attempt, rule=rule)
            case Refused(rule=rule):
                return NoteRefused(attempt=attempt, rule=rule)
            case Unknown():
                return NoteUnknown(now=now, attempt=attempt)

    async def _handle(self, attempt: "_Attempt", command: Command) -> Outcome[Message]:
        # A fresh id for each try: a repeated one would answer with the claim of the try before.
        context = replace(attempt.context, command_id=str(uuid4()))
        return await self._commands.handle(message, attempt.stream, command, context=context)


@dataclass(frozen=True, slots=True)
class _Attempt:
    stream: StreamId
    due: MessageDue
    mail: Mail | None
    context: Context


async def _uninterrupted(work: Coroutine[None, None, None]) -> None:
    """A service that is stopped between claim and outcome finishes first, so that only a crash leaves a claim open."""
    working = asyncio.create_task(work)
    try:
        await asyncio.shield(working)
    except asyncio.CancelledError:
        await asyncio.wait({working}, timeout=_DRAIN_SECONDS)
        working.cancel()
        raise
