"""Sends what is due: prepares all words, claims the attempt, calls the sender, notes the answer (0011)."""

import asyncio
from collections.abc import Coroutine, Mapping
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
from contracts.notifications import Medium, MessageDue, SendingBegan
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
from services.notifications.domain.nudges import CountNudge, EnoughNudges, nudges
from services.notifications.domain.reach import NUDGES, is_sent_now
from services.notifications.letters import FACTS, Addressee, Letter, reached
from services.notifications.projections.affairs import is_over
from services.notifications.projections.programmes import programme_of
from services.notifications.rendering import DISGUISE, Templates
from services.notifications.senders.port import Accepted, Mail, NotNow, Refused, Sender, Unknown

_DRAIN_SECONDS = 30.0

_ANSWERS = Counter(
    "kobling_messages_answered",
    "What the sender said of a message",
    ["service", "medium", "answer"],
    registry=REGISTRY,
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
        senders: Mapping[Medium, Sender],
        templates: Templates,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._senders = senders
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
        facts_as_of = min([await self._reading.facts_as_of(facts) for facts in FACTS])
        person = await self._addressee(fired.tenant, state.due)
        now, letter, reach = self._clock.now(), None, person.reach(state.due, self._clock.now())
        if is_sent_now(state.due, reach, now=now):
            letter = await self._prepared(fired.tenant, state.due, person)
        if isinstance(letter, Letter) and state.due.occasion in NUDGES:
            reach = replace(reach, is_capped=await self._is_capped(fired, state.due))
        begin = BeginSending(
            now=now,
            contact=letter.medium if isinstance(letter, Letter) else letter,
            reach=reach,
            facts_as_of=facts_as_of,
        )
        attempt = _Attempt(stream, state.due, letter if isinstance(letter, Letter) else None, fired.context())
        await _uninterrupted(self._attempt(attempt, begin))

    async def _addressee(self, tenant: str, due: MessageDue) -> Addressee:
        return Addressee(
            recipient=await reached(self._reading, tenant, due),
            programme=await programme_of(self._reading, tenant, due.programme),
            is_over=await is_over(self._reading, tenant, due),
        )

    async def _is_capped(self, fired: FiredTimer, due: MessageDue) -> bool:
        """Counts it, unless the week is full. A retry of the same message is not a second one."""
        stream = StreamId(fired.tenant, "nudges", due.recipient_id)
        command = CountNudge(due.message_id, self._clock.now())
        context = replace(fired.context("count"), command_id=str(uuid4()))
        try:
            await self._commands.handle(nudges, stream, command, context=context)
        except EnoughNudges:
            return True
        return False

    async def _prepared(
        self, tenant: str, due: MessageDue, person: Addressee
    ) -> Letter | Literal["no-contact", "redacted"]:
        """All words, so that nothing is left to do between the claim and the sender."""
        recipient, medium = person.recipient, person.recipient.medium
        if recipient.address is None or medium is None:
            return "no-contact"
        wanted = [recipient.address]
        if recipient.name is not None and not recipient.is_told_little:
            wanted.append(recipient.name)
        address, *names = await self._keyring.open_many(tenant, wanted)
        if isinstance(address, Redacted):
            return "redacted"
        name = next((name for name in names if not isinstance(name, Redacted)), None)
        words = self._templates.disguised(recipient.language)
        if not recipient.is_told_little:
            words = self._templates.render(due.occasion, recipient.language, person.values(due, name))
        return Letter(
            medium,
            DISGUISE if recipient.is_told_little else due.occasion,
            Mail(
                due.message_id,
                address,
                recipient.language,
                words.subject,
                words.text,
                words.html,
                is_disguised=recipient.is_told_little,
            ),
        )

    async def _attempt(self, attempt: "_Attempt", begin: BeginSending) -> None:
        begun = await self._handle(attempt, begin)
        claim = next((event for event in begun.events if isinstance(event, SendingBegan)), None)
        if claim is None or attempt.letter is None:
            if begun.state.status is Status.SENDING:
                raise StillSending()
            return
        note = await self._told(attempt.letter, claim.attempt)
        await until_done(lambda: self._handle(attempt, note), what="message_outcome")

    async def _told(self, letter: Letter, attempt: int) -> Command:
        mail = letter.mail
        answer = await self._senders[letter.medium].send(mail)
        _ANSWERS.labels("notifications", letter.medium, type(answer).__name__.lower()).inc()
        now = self._clock.now()
        match answer:
            case Accepted():
                return NoteSent(
                    now=now,
                    attempt=attempt,
                    medium=letter.medium,
                    template=letter.template,
                    language=mail.language,
                    is_disguised=mail.is_disguised,
                )
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
    letter: Letter | None
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
