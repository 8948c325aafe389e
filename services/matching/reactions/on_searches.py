"""What a search decides moves slot and match: agreed → confirm, dropped → release, settled → match, closed → end."""

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.keyring import Keyring, open_models
from chassis.reaction import Reaction
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import Wishes
from contracts.matching import (
    BothAgreed,
    ProposalDropped,
    ProposalRefused,
    SearchClosed,
    SearchSettled,
    TaskCompleted,
)
from services.matching.domain.helper import helper
from services.matching.domain.helper_commands import ConfirmSlot, ReleaseSlot
from services.matching.domain.match_commands import EndMatch, MakeMatch
from services.matching.domain.match_rhythm import Rhythm
from services.matching.domain.pairing import pairing
from services.matching.domain.search import search
from services.matching.policies import Policies


def on_searches(commands: CommandHandler, policies: Policies, keyring: Keyring, *, clock: Clock) -> Reaction:
    """Safe to repeat: ids are derived, a slot is confirmed or released once, a match is made and ended once.

    In one reaction, so that a search's closing is never handled before its settling: the match is there to be ended.
    """

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case BothAgreed() as agreed:
                await _confirm(agreed, cause)
            case ProposalRefused(helper_id=helper_id, proposal_id=proposal_id):
                await release(commands, cause, helper_id, ReleaseSlot(proposal_id, "not-proposed"))
            case ProposalDropped(helper_id=helper_id, proposal_id=proposal_id, reason=reason):
                await release(commands, cause, helper_id, ReleaseSlot(proposal_id, reason))
            case TaskCompleted(helper_id=helper_id, proposal_id=proposal_id):
                await release(commands, cause, helper_id, ReleaseSlot(proposal_id, "ended"))
            case SearchSettled() as settled:
                await _make(settled, cause)
            case SearchClosed(match_id=str(match_id), programme=programme):
                known = await policies.known(cause.tenant, programme)
                rhythm, withdrawn_at = Rhythm.of(known.policy), cause.origin.occurred_at
                end = EndMatch("withdrawn", closing_talk=False, now=withdrawn_at, rhythm=rhythm)
                stream = StreamId(cause.tenant, "match", match_id)
                await commands.handle(pairing, stream, end, context=Context.caused_by(cause, "end-match"))
            case _:
                return

    async def _confirm(agreed: BothAgreed, cause: RecordedEvent) -> None:
        known = await policies.known(cause.tenant, agreed.programme)
        now = clock.now()
        command = ConfirmSlot(agreed.proposal_id, now, known.at(now))
        stream = StreamId(cause.tenant, "helper", agreed.helper_id)
        await commands.handle(helper, stream, command, context=Context.caused_by(cause, "confirm-slot"))

    async def _make(settled: SearchSettled, cause: RecordedEvent) -> None:
        known = await policies.known(cause.tenant, settled.programme)
        sealed = (await commands.state(search, cause.stream)).state.wishes
        [wishes] = await open_models(keyring, cause.tenant, Wishes, [sealed])
        wished = () if wishes is None else wishes.support_forms
        command = MakeMatch(
            match_id=settled.match_id,
            request_id=settled.request_id,
            programme=settled.programme,
            requester_id=settled.person_id,
            helper_id=settled.helper_id,
            proposal_id=settled.proposal_id,
            needed_since=settled.needed_since,
            starts_on=known.day_of(cause.origin.occurred_at),
            rhythm=Rhythm.of(known.policy),
            policy_version=known.version,
            support_forms=tuple(form for form in known.policy.support_forms if form in wished),
        )
        stream = StreamId(cause.tenant, "match", settled.match_id)
        await commands.handle(pairing, stream, command, context=Context.caused_by(cause, "make-match"))

    return Reaction(
        "follow-searches",
        topics=(topics.MATCHING,),
        handles=(BothAgreed, ProposalRefused, ProposalDropped, TaskCompleted, SearchSettled, SearchClosed),
        react=react,
    )


async def release(commands: CommandHandler, cause: RecordedEvent, helper_id: str, command: ReleaseSlot) -> None:
    """Every way out of a proposal gives the slot back, once."""
    stream = StreamId(cause.tenant, "helper", helper_id)
    await commands.handle(helper, stream, command, context=Context.caused_by(cause, "release-slot"))
