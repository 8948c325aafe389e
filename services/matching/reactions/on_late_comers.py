"""What begins with somebody while they leave without a trace ends as soon as it is heard of (S2.3).

Between the look at what is live and the key's end, an offer, a sign-up or an activity may still be written. Each is
heard of here: written before the release began, it is found by the release; written after, it finds the release begun.
"""

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.matching import ActivityProposed, Enrolled, OfferMade, ReleaseBegun
from services.matching.domain.activity import CloseActivity, activity
from services.matching.domain.erasure import erasure
from services.matching.domain.helper import helper
from services.matching.domain.offers import TakeBackOffer
from services.matching.domain.session import session
from services.matching.domain.session_commands import SessionBegun, SessionOver, WithdrawSignUp


def on_late_comers(commands: CommandHandler, clock: Clock) -> Reaction:
    """Safe to repeat: ids are derived, and what has ended stays ended."""

    async def is_leaving(tenant: str, person_id: str) -> bool:
        given = (await commands.state(erasure, StreamId(tenant, erasure.category, person_id))).state
        return ReleaseBegun.event_type in given

    async def react(cause: RecordedEvent) -> None:
        context = Context.caused_by(cause, "too-late")
        match cause.event:
            case OfferMade(person_id=person_id, offer_id=offer_id) if await is_leaving(cause.tenant, person_id):
                await commands.handle(helper, cause.stream, TakeBackOffer(offer_id), context=context)
            case ActivityProposed(lead_id=lead_id) if await is_leaving(cause.tenant, lead_id):
                await commands.handle(activity, cause.stream, CloseActivity(clock.now()), context=context)
            case Enrolled(person_id=person_id) if await is_leaving(cause.tenant, person_id):
                try:
                    await commands.handle(session, cause.stream, WithdrawSignUp(person_id), context=context)
                except (SessionBegun, SessionOver):
                    return  # it has been; heads are counted without names
            case _:
                return

    return Reaction(
        "end-what-comes-late", topics=(topics.MATCHING,), handles=(OfferMade, ActivityProposed, Enrolled), react=react
    )
