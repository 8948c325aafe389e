"""A task is open: every member whom it may suit hears of it, as each wants to, and not who asks (S1.13, S1.14)."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.keyring import Keyring
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.intake import PAIR, pair_value
from contracts.matching import TenderOpened
from contracts.notifications import Details
from contracts.topics import MATCHING
from services.notifications.domain.message import TellOf, message
from services.notifications.domain.mornings import next_eight
from services.notifications.domain.occasions import Notice
from services.notifications.projections.areas import areas, areas_of
from services.notifications.projections.members import Member, listed_members, members
from services.notifications.projections.pairs import held_among, pairs
from services.notifications.projections.programmes import programme_of
from services.notifications.projections.recipients import recipient_of, recipients
from services.notifications.reactions.tell import tell_of

_FACTS = (members, areas, pairs, recipients)
_HALF_A_DAY = timedelta(hours=12)
# Told beside each other: appends that come together share a write.
_AT_ONCE = 32


def tell_members(commands: CommandHandler, reading: ReadModels, keyring: Keyring, clock: Clock) -> Reaction:
    """Safe to repeat: news at once has an id derived from the event, news in the morning one of the morning."""

    async def react(cause: RecordedEvent) -> None:
        opened = cause.event
        if not isinstance(opened, TenderOpened):
            return
        if min([await reading.facts_as_of(facts) for facts in _FACTS]) < cause.origin.recorded_at:
            raise FactsTooOld()
        zone = (await programme_of(reading, cause.tenant, opened.programme)).zone
        morning = next_eight(max(clock.now(), opened.opens_at), zone=zone)
        room = asyncio.Semaphore(_AT_ONCE)

        async def tell(member: Member) -> None:
            async with room:
                if member.how == "at-once":
                    await tell_of(commands, clock, notice=_at_once(opened, member), cause=cause)
                else:
                    await _tell_in_the_morning(commands, member, cause, morning)

        async with asyncio.TaskGroup() as group:
            for member in await _audience(reading, keyring, cause.tenant, opened):
                group.create_task(tell(member))

    return Reaction(name="tell-members", topics=(MATCHING,), handles=(TenderOpened,), react=react)


async def _audience(reading: ReadModels, keyring: Keyring, tenant: str, opened: TenderOpened) -> list[Member]:
    """Members in the wished areas, or who stand ready for such tasks; never who asks, nor whom they must not meet.

    Nobody, while who asks wants to be left in peace: then the board does not show it either (S3.30).
    """
    asker = await recipient_of(reading, tenant, opened.person_id)
    if asker is not None and asker.mode == "fristed":
        return []
    found = [
        one for one in await listed_members(reading, tenant, opened.programme) if one.person_id != opened.person_id
    ]
    if opened.audience.offering:
        found = [one for one in found if opened.category in one.offers.values()]
    if opened.audience.areas:
        wished = {area.strip().casefold() for area in opened.audience.areas}
        at_home = await areas_of(reading, keyring, tenant, [one.person_id for one in found])
        found = [one for one in found if at_home.get(one.person_id, "").strip().casefold() in wished]
    tokens = {
        one.person_id: keyring.fingerprint(tenant, PAIR, pair_value(opened.person_id, one.person_id)) for one in found
    }
    held = await held_among(reading, tenant, tokens.values())
    return [one for one in found if tokens[one.person_id] not in held]


def _at_once(opened: TenderOpened, member: Member) -> Notice:
    return Notice(
        member.person_id,
        opened.programme,
        "tender-open",
        opened.closes_at,
        Details(until=opened.closes_at),
        about=opened.tender_id,
        not_before=opened.opens_at,
    )


async def _tell_in_the_morning(
    commands: CommandHandler, member: Member, cause: RecordedEvent, morning: datetime
) -> None:
    """One message a morning, however many tasks are new; whether any is still open is asked when it is sent."""
    message_id = derive_id("message", "tender-news", member.programme, morning.isoformat(), member.person_id)
    notice = Notice(member.person_id, member.programme, "tender-news", morning + _HALF_A_DAY, Details())
    command = TellOf.of(notice, message_id=message_id, cause_id=cause.event_id, now=morning)
    context = replace(Context.caused_by(cause, f"tell-{message_id}"), actor="reaction-tell")
    await commands.handle(message, StreamId(cause.tenant, "message", message_id), command, context=context)
