"""Somebody leaves without a trace: what is live with them here ends first, and then intake hears of it (S2.3).

Matches end as `erased`; nobody is told more than that they ended. Their search closes, their offers and places go.
"""

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import ErasureAsked
from contracts.matching import ReleaseBegun
from services.matching.domain.activity import CloseActivity, activity
from services.matching.domain.erasure import begun, erasure, released
from services.matching.domain.helper import Helper, helper
from services.matching.domain.helper_commands import UnlistHelper
from services.matching.domain.match_commands import EndMatch
from services.matching.domain.offers import TakeBackOffer
from services.matching.domain.pairing import pairing
from services.matching.domain.search import search
from services.matching.domain.search_commands import CloseSearch
from services.matching.domain.search_state import Status
from services.matching.domain.session import session
from services.matching.domain.session_commands import SessionBegun, SessionOver, WithdrawSignUp
from services.matching.made_matches import MadeMatches
from services.matching.projections.activities import activities, activities_led_by
from services.matching.projections.matches import live_matches
from services.matching.projections.searches import searches
from services.matching.projections.sessions import sessions


class Releasing:
    """Safe to repeat, from any point on: ids are derived, and what has ended stays ended."""

    def __init__(self, commands: CommandHandler, reading: ReadModels, made_matches: MadeMatches, clock: Clock) -> None:
        self._commands = commands
        self._reading = reading
        self._made_matches = made_matches
        self._clock = clock

    async def react(self, cause: RecordedEvent) -> None:
        """First it is said that they are leaving, and then looked for what is live: what is written later hears of it.

        Raises FactsTooOld, which is tried again, until places and matches have all been given back.
        """
        person_id, tenant = cause.stream.id, cause.tenant
        receipt = StreamId(tenant, erasure.category, person_id)
        if isinstance(cause.event, ErasureAsked):
            context = Context.caused_by(cause, "release-begun")
            await self._commands.handle(erasure, receipt, begun(person_id, self._clock.now()), context=context)
            return
        await self._end_matches(cause, person_id)  # first: leaving the list would end them as the helper's wish
        helping = await self._stop_helping(cause, person_id)
        await self._close_searches(cause, person_id)
        await self._withdraw_sign_ups(cause, person_id)
        led = await self._close_activities(cause, person_id)
        if (await self._commands.state(helper, StreamId(tenant, "helper", person_id))).state.slots:
            raise FactsTooOld("a place of theirs")
        offered = tuple(sorted({*helping.offers.live, *helping.offers.taken_back}))
        context = Context.caused_by(cause, "person-released")
        answer = released(person_id, self._clock.now(), offer_ids=offered, activity_ids=led)
        await self._commands.handle(erasure, receipt, answer, context=context)

    async def _stop_helping(self, cause: RecordedEvent, person_id: str) -> Helper:
        stream = StreamId(cause.tenant, "helper", person_id)
        state = (await self._commands.state(helper, stream)).state
        for programme in state.listings:
            context = Context.caused_by(cause, f"unlist-{programme}")
            await self._commands.handle(helper, stream, UnlistHelper(programme, "left"), context=context)
        for offer_id in state.offers.live:
            context = Context.caused_by(cause, f"take-back-{offer_id}")
            await self._commands.handle(helper, stream, TakeBackOffer(offer_id), context=context)
        return state

    async def _close_searches(self, cause: RecordedEvent, person_id: str) -> None:
        """A settled one has a match or a task: that ends too."""
        if await self._reading.facts_as_of(searches) < cause.origin.recorded_at:
            raise FactsTooOld("their searches")
        for found in await self._reading.find(searches, cause.tenant, {"person_id": person_id}, limit=0):
            stream = StreamId(cause.tenant, "search", found["request_id"])
            known = (await self._commands.state(search, stream)).state
            if known.match_id is not None:
                match = (await self._commands.state(pairing, StreamId(cause.tenant, "match", known.match_id))).state
                if match.made is None:
                    raise FactsTooOld("a match that is being made")
            if known.status not in (Status.ABSENT, Status.CLOSED):
                context = Context.caused_by(cause, f"close-{found['request_id']}")
                await self._commands.handle(search, stream, CloseSearch("withdrawn"), context=context)

    async def _withdraw_sign_ups(self, cause: RecordedEvent, person_id: str) -> None:
        if await self._reading.facts_as_of(sessions) < cause.origin.recorded_at:
            raise FactsTooOld("what they signed up for")
        query = {"enrolled": person_id, "state": "coming"}
        for found in await self._reading.find(sessions, cause.tenant, query, limit=0):
            stream = StreamId(cause.tenant, "session", found["session_id"])
            context = Context.caused_by(cause, f"withdraw-{found['session_id']}")
            try:
                await self._commands.handle(session, stream, WithdrawSignUp(person_id), context=context)
            except (SessionBegun, SessionOver):
                continue  # it has been; heads are counted without names

    async def _close_activities(self, cause: RecordedEvent, person_id: str) -> tuple[str, ...]:
        """What they led: its words go with the key, so nobody can lead it on; who had signed up is told by its end.

        Answers the ids of all they ever led.
        """
        if await self._reading.facts_as_of(activities) < cause.origin.recorded_at:
            raise FactsTooOld("what they lead")
        led = await activities_led_by(self._reading, cause.tenant, person_id, limit=0)
        for found in led:
            stream = StreamId(cause.tenant, "activity", found["activity_id"])
            context = Context.caused_by(cause, f"close-{found['activity_id']}")
            await self._commands.handle(activity, stream, CloseActivity(self._clock.now()), context=context)
        return tuple(sorted(found["activity_id"] for found in led))

    async def _end_matches(self, cause: RecordedEvent, person_id: str) -> None:
        theirs = {"$or": [{"requester_id": person_id}, {"helper_id": person_id}]}
        since = cause.origin.recorded_at
        for found in await live_matches(self._reading, cause.tenant, theirs, known_since=since):
            made = await self._made_matches.find(cause.tenant, found["match_id"])
            end = EndMatch("erased", closing_talk=False, now=made.now, rhythm=made.rhythm)
            context = Context.caused_by(cause, f"end-{found['match_id']}")
            await self._made_matches.ask(made, end, context=context)


def on_erasures(releasing: Releasing) -> Reaction:
    both = (topics.INTAKE, topics.MATCHING)
    return Reaction("release-people", topics=both, handles=(ErasureAsked, ReleaseBegun), react=releasing.react)
