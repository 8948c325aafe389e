"""A tender that closes with nobody to choose lapses; a task ends when its helper is suspended or leaves."""

from collections.abc import Iterable
from datetime import timedelta

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from chassis.refusal import FactsTooOld
from chassis.timers import CancelTimer, FiredTimer, Postponed, SetTimer, TimerPlan
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import (
    ContactAgreed,
    HelperUnlisted,
    HelpTakenBack,
    ProposalDropped,
    SearchClosed,
    SearchSettled,
    TenderLapsed,
    TenderOpened,
    TenderStopped,
)
from services.matching.domain.helper import helper
from services.matching.domain.search import search
from services.matching.domain.search_commands import DropProposal
from services.matching.domain.search_state import Search
from services.matching.domain.tender_commands import LapseTender
from services.matching.policies import Policies

# While a pause has no end yet, the closing has no day.
_LOOK_AGAIN = timedelta(hours=1)


def tenders_lapse(commands: CommandHandler, policies: Policies, clock: Clock) -> TimerPlan:
    """At its closing, which a pause of the programme moves by as long as it lasts (S1.13, S2.29)."""

    async def fire(fired: FiredTimer) -> None:
        # The clock may stand a little before the due time that was rounded up to the millisecond.
        now, tender_id = max(clock.now(), fired.due_at), fired.payload["tender_id"]
        known = await policies.known(fired.tenant, fired.payload["programme"])
        if known.as_of < fired.due_at:
            raise FactsTooOld("whether the programme was paused before the closing")
        stream = StreamId(fired.tenant, "search", fired.key)
        lapse = LapseTender(tender_id, now, known.pauses)
        tender = (await commands.handle(search, stream, lapse, context=fired.context())).state.tenders[tender_id]
        if not tender.has_closed(now, known.pauses):
            raise Postponed(known.pauses.moved(tender.opens_at, tender.closes_at) or now + _LOOK_AGAIN)

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case TenderOpened(request_id=request_id, closes_at=closes_at) as opened:
                payload = {"tender_id": opened.tender_id, "programme": opened.programme}
                yield SetTimer(request_id, closes_at, payload)
            case (
                TenderLapsed(request_id=request_id)
                | TenderStopped(request_id=request_id)
                | ContactAgreed(request_id=request_id)
                | SearchSettled(request_id=request_id)
                | SearchClosed(request_id=request_id)
            ):
                yield CancelTimer(request_id)
            case _:
                return

    handles = (TenderOpened, TenderLapsed, TenderStopped, ContactAgreed, SearchSettled, SearchClosed)
    return TimerPlan("tenders-lapse", topics=(topics.MATCHING,), handles=handles, plan=plan, fire=fire)


def on_tenders(commands: CommandHandler, policies: Policies, clock: Clock) -> Reaction:
    """Safe to repeat: ids are derived, a tender lapses once, a task is dropped once."""

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case HelpTakenBack() | ProposalDropped():
                found = (await commands.state(search, cause.stream)).state
                if found.tender is not None:
                    known = await policies.known(cause.tenant, found.programme)
                    lapse = LapseTender(found.tender.tender_id, clock.now(), known.pauses)
                    context = Context.caused_by(cause, "lapse-tender")
                    await commands.handle(search, cause.stream, lapse, context=context)
            case HelperUnlisted(person_id=person_id, programme=programme, reason=reason) if reason != "lapsed":
                await _end_tasks(cause, person_id, programme)
            case _:
                return

    async def _end_tasks(cause: RecordedEvent, person_id: str, programme: str) -> None:
        """A confirmed place is a match, which is followed elsewhere, or a task, which has only its search."""
        slots = (await commands.state(helper, cause.stream)).state.slots
        for proposal_id, slot in slots.items():
            stream = StreamId(cause.tenant, "search", slot.request_id)
            found = (await commands.state(search, stream)).state
            if slot.programme == programme and _is_task(found, proposal_id):
                drop = DropProposal(proposal_id, person_id, "facts")
                context = Context.caused_by(cause, f"end-task-{proposal_id}")
                await commands.handle(search, stream, drop, context=context)

    handles = (HelpTakenBack, ProposalDropped, HelperUnlisted)
    return Reaction("follow-tenders", topics=(topics.MATCHING,), handles=handles, react=react)


def _is_task(found: Search, proposal_id: str) -> bool:
    proposal = found.proposals.get(proposal_id)
    return proposal is not None and proposal.safeguards is not None
