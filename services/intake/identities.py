"""What people bear and what others block meet here, under keyed fingerprints; who meets is held at once (S2.9).

Done in the request that says it, after the person's own commit, and once more by the reaction on that commit, should
the request have stopped between the two. Safe to repeat and in any order: see domain/identity.py and counterpart.py.
The commits carry no id of the request or the person behind it: on the topic a pair must not point at who made it.
"""

import unicodedata
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.keyring import Keyring, PersonErased
from chassis.refusal import Refusal
from contracts.envelope import StreamId, derive_id
from contracts.intake import PAIR, BlockKind, CounterpartBlocked, pair_value
from contracts.sealed import Redacted
from services.intake.domain.counterpart import Command, EndBlock, SuspectBlock, counterparts
from services.intake.domain.identity import Block, BlockIdentity, ForgetIdentity, SeeIdentity, UnblockIdentity, identity
from services.intake.domain.person import Person
from services.intake.phone import PhoneInvalid, e164, without_country


class BlockUnclear(Refusal):
    rule, status = "block_unclear", 422
    sentence = "Give a telephone number, an e-mail address, or a name with a birth date, and only one of them."

    def __init__(self, field: str) -> None:
        super().__init__()
        self.field = field


@dataclass(frozen=True, slots=True)
class Said:
    """What may be said of somebody, in clear; `birth_date` is an ISO 8601 date. Never kept."""

    name: str | None = None
    birth_date: str | None = None
    email: str | None = None
    phone: str | None = None


class Identities:
    def __init__(self, commands: CommandHandler, keyring: Keyring, clock: Clock) -> None:
        self._commands = commands
        self._keyring = keyring
        self._clock = clock

    async def seen(self, tenant: str, person_id: str, said: Said) -> None:
        """Whoever blocked what is said here is kept apart from this person."""
        for kind, value in _borne(said):
            fingerprint = self._fingerprint(tenant, kind, value)
            stream = StreamId(tenant, "identity", fingerprint)
            context = _context(tenant, "seen", fingerprint, person_id)
            met = await self._commands.handle(identity, stream, SeeIdentity(person_id), context=context)
            for block in met.state.blocks_against(person_id):
                await self._suspect(tenant, block, person_id)

    def blocked_fingerprint(self, tenant: str, said: Said) -> tuple[BlockKind, str]:
        """Raises BlockUnclear unless it is exactly one thing that can be compared, PhoneInvalid."""
        if said.phone is not None:
            e164(said.phone)
        found = list(_borne(said))
        if (said.name is None) != (said.birth_date is None):
            raise BlockUnclear("name" if said.name is None else "birth_date")
        if len(found) != 1:
            raise BlockUnclear(found[-1][0] if found else "phone")
        [(kind, value)] = found
        return kind, self._fingerprint(tenant, kind, value)

    async def blocked(self, tenant: str, block: CounterpartBlocked) -> None:
        """Everybody known to bear it is kept apart from who blocked."""
        fingerprint = await self._keyring.open(tenant, block.fingerprint)
        if isinstance(fingerprint, Redacted):
            return
        command = BlockIdentity(block.block_id, block.person_id, block.kind)
        context = _context(tenant, "blocked", block.block_id)
        stream = StreamId(tenant, "identity", fingerprint)
        met = (await self._commands.handle(identity, stream, command, context=context)).state
        if block.block_id in met.lifted:
            return
        for bearer in met.bearers_beside(block.person_id):
            await self._suspect(tenant, Block(block.block_id, block.person_id, block.kind), bearer)

    async def unblocked(self, tenant: str, block: CounterpartBlocked) -> None:
        """Whoever bears it is kept apart no longer, unless another block does."""
        fingerprint = await self._keyring.open(tenant, block.fingerprint)
        if isinstance(fingerprint, Redacted):
            return
        stream = StreamId(tenant, "identity", fingerprint)
        context = _context(tenant, "unblocked", block.block_id)
        met = (await self._commands.handle(identity, stream, UnblockIdentity(block.block_id), context=context)).state
        for bearer in met.bearers_beside(block.person_id):
            pair = self._pair(tenant, block.person_id, bearer)
            await self._on_pair(tenant, EndBlock(pair, block.block_id), "ended")

    async def forget(self, tenant: str, person_id: str, known: Person) -> None:
        """No fingerprint leads to them any more, and nobody is kept apart by their blocks (S2.3).

        Only while their key is there; repeated after it has gone, there is nothing left to find.
        """
        for block in known.live_blocks:
            await self.unblocked(tenant, block)
        fingerprints = await self._keyring.open_many(tenant, [block.fingerprint for block in known.blocks.values()])
        borne = [self._fingerprint(tenant, *one) for said in await self._said(tenant, known) for one in _borne(said)]
        for fingerprint in [*borne, *fingerprints]:
            if not isinstance(fingerprint, Redacted):
                stream = StreamId(tenant, "identity", fingerprint)
                context = _context(tenant, "forgotten", fingerprint, person_id)
                await self._commands.handle(identity, stream, ForgetIdentity(person_id), context=context)

    async def _said(self, tenant: str, known: Person) -> list[Said]:
        """All that was ever said of them and can be compared."""
        if known.registered is None:
            return []
        registered = known.registered
        tokens = [registered.name, registered.birth_date]
        tokens += [token for contact in known.contacts for token in (contact.email, contact.phone)]
        there = [token for token in tokens if token is not None]
        opened = iter(await self._keyring.open_many(tenant, there))
        texts = [None if token is None else _text(next(opened)) for token in tokens]
        contacts = zip(texts[2::2], texts[3::2], strict=True)
        return [Said(name=texts[0], birth_date=texts[1]), *(Said(email=mail, phone=phone) for mail, phone in contacts)]

    async def _suspect(self, tenant: str, block: Block, bearer: str) -> None:
        try:
            people = await self._keyring.seal(tenant, block.person_id, [block.person_id, bearer])
        except PersonErased:
            return  # who blocked is gone, and with them what it protected
        pair = self._pair(tenant, block.person_id, bearer)
        command = SuspectBlock(pair, block.block_id, block.kind, people, self._clock.now())
        await self._on_pair(tenant, command, "suspected")

    async def _on_pair(self, tenant: str, command: SuspectBlock | EndBlock, purpose: str) -> None:
        context = _context(tenant, purpose, command.pair, command.block_id)
        wanted: Command = command
        await self._commands.handle(counterparts, StreamId(tenant, "pair", command.pair), wanted, context=context)

    def _pair(self, tenant: str, one: str, other: str) -> str:
        return self._keyring.fingerprint(tenant, PAIR, pair_value(one, other))

    def _fingerprint(self, tenant: str, kind: BlockKind, value: str) -> str:
        return self._keyring.fingerprint(tenant, f"counterpart/{kind}", value)


def _borne(said: Said) -> Iterator[tuple[BlockKind, str]]:
    """What can be compared of it, written so that the same is the same however it was typed.

    A country code, or what stands behind a plus in a mailbox's name, is easily left out or put in. That two differ in
    nothing else is for a person to look at: held in vain costs less than not held.
    """
    if said.phone is not None:
        with suppress(PhoneInvalid):  # what reaches nobody tells nobody apart
            yield "phone", without_country(e164(said.phone))
    if said.email is not None:
        mailbox, _, domain = _folded(said.email).rpartition("@")
        yield "email", f"{mailbox.partition('+')[0]}@{domain}"
    if said.name is not None and said.birth_date is not None:
        yield "name", f"{_folded(said.name)}\n{said.birth_date}"


def _text(opened: object) -> str | None:
    return opened if isinstance(opened, str) else None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _context(tenant: str, *parts: str) -> Context:
    """The same command, however it came about; `actor` and ids say nothing of who stands behind it."""
    command_id = derive_id("identities", tenant, *parts)
    return Context(command_id=command_id, actor="identities", correlation_id=command_id)
