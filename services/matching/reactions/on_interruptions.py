"""What comes into a match from outside: the helper is suspended or leaves, or the two are to be kept apart.

A match that runs is paused at once and a coordinator has a task; nobody is told why (S2.9). Leaving ends it.
"""

from collections.abc import Callable

from chassis.command_handler import CommandHandler, Context
from chassis.reaction import Reaction
from contracts import topics
from contracts.envelope import RecordedEvent, StreamId, derive_id
from contracts.intake import PairFreed, PairHeld, VolunteerLeft, VolunteerReinstated, VolunteerSuspended
from contracts.matching import HelperListed, HelperUnlisted, MatchMade
from services.matching.domain.guard import BarPair, UnbarPair, guard
from services.matching.domain.helper import helper
from services.matching.domain.match_commands import (
    Command,
    EndMatch,
    LiftPause,
    MatchNotFound,
    MatchOver,
    PauseMatch,
)
from services.matching.made_matches import HelpersMatches, MadeMatch, MadeMatches
from services.matching.pairs import Pairs

Interruption = Callable[[MadeMatch], Command]


def suspended(found: MadeMatch) -> Command:
    return PauseMatch("suspended", found.now)


def reinstated(found: MadeMatch) -> Command:
    return LiftPause("suspended", found.now, found.rhythm)


def left(found: MadeMatch) -> Command:
    return EndMatch("helper", closing_talk=False, now=found.now, rhythm=found.rhythm)


def kept_apart(found: MadeMatch) -> Command:
    return PauseMatch("block", found.now)


def set_free(found: MadeMatch) -> Command:
    return LiftPause("block", found.now, found.rhythm)


def helpers_interrupt(commands: CommandHandler, made_matches: MadeMatches, known: HelpersMatches) -> Reaction:
    """Safe to repeat: ids are derived from event and match, a pause for one reason is one pause.

    Intake's own order decides. A match that is made just then is found from the helper's stream: who is taken off the
    list there is looked for again, and a new match looks at the list (`new_matches_look`).
    """

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case VolunteerSuspended(person_id=person_id, programme=programme):
                await interrupt(cause, person_id, programme, suspended)
            case VolunteerReinstated(person_id=person_id, programme=programme):
                await interrupt(cause, person_id, programme, reinstated)
            case VolunteerLeft(person_id=person_id, programme=programme):
                await interrupt(cause, person_id, programme, left)
            case (
                HelperUnlisted(person_id=person_id, programme=programme)
                | HelperListed(person_id=person_id, programme=programme)
            ):
                now = await listing_now(commands, cause.tenant, person_id, programme)
                if now is not None:
                    await interrupt(cause, person_id, programme, now)
            case _:
                return

    async def interrupt(cause: RecordedEvent, person_id: str, programme: str, ask: Interruption) -> None:
        since = cause.origin.recorded_at
        for match_id in await known.of_helper(cause.tenant, person_id, programme, known_since=since):
            await _ask(made_matches, cause, match_id, ask)

    handles = (VolunteerSuspended, VolunteerReinstated, VolunteerLeft, HelperUnlisted, HelperListed)
    return Reaction("helpers-interrupt", topics=(topics.INTAKE, topics.MATCHING), handles=handles, react=react)


def pairs_interrupt(commands: CommandHandler, made_matches: MadeMatches, pairs: Pairs) -> Reaction:
    """Safe to repeat: what intake said earlier than what was heard last is not heard again.

    Barred first, then looked for: the pair's own stream knows every proposal that brought the two together, and a match
    that is made later finds the pair barred.
    """

    async def react(cause: RecordedEvent) -> None:
        stream = StreamId(cause.tenant, "guard", cause.stream.id)
        is_held = isinstance(cause.event, PairHeld)
        command = (BarPair if is_held else UnbarPair)(cause.position)
        context = Context.caused_by(cause, "interrupted-pair")
        outcome = await commands.handle(guard, stream, command, context=context)
        if outcome.state.is_barred is is_held:
            for engagement in await pairs.engaged(cause.tenant, cause.stream.id):
                match_id = derive_id(cause.tenant, "match", engagement.proposal_id)
                await _ask(made_matches, cause, match_id, kept_apart if is_held else set_free)

    return Reaction("pairs-interrupt", topics=(topics.INTAKE,), handles=(PairHeld, PairFreed), react=react)


def new_matches_look(commands: CommandHandler, made_matches: MadeMatches, pairs: Pairs) -> Reaction:
    """Safe to repeat. What came before the match was there to be found is found by the match."""

    async def react(cause: RecordedEvent) -> None:
        match cause.event:
            case MatchMade() as made:
                if await pairs.are_barred(cause.tenant, made.requester_id, made.helper_id):
                    await _ask(made_matches, cause, made.match_id, kept_apart)
                ask = await listing_now(commands, cause.tenant, made.helper_id, made.programme)
                if ask in (suspended, left):
                    await _ask(made_matches, cause, made.match_id, ask)
            case _:
                return

    return Reaction("new-matches-look", topics=(topics.MATCHING,), handles=(MatchMade,), react=react)


async def listing_now(commands: CommandHandler, tenant: str, person_id: str, programme: str) -> Interruption | None:
    """What the helper's own stream says now; a lapsed approval interrupts no match."""
    listings = (await commands.state(helper, StreamId(tenant, "helper", person_id))).state.listings
    listing = listings.get(programme)
    if listing is None or listing.away == "lapsed":
        return None
    return {"suspended": suspended, "left": left, None: reinstated}[listing.away]


async def _ask(made_matches: MadeMatches, cause: RecordedEvent, match_id: str, ask: Interruption) -> None:
    try:
        found = await made_matches.find(cause.tenant, match_id)
        context = Context.caused_by(cause, f"{ask.__name__}-{match_id}")
        await made_matches.ask(found, ask(found), context=context)
    except (MatchNotFound, MatchOver):
        return
