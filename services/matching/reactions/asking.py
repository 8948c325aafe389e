"""Check-ins and reviews are asked when they are due, unless the programme or one of the two rests (S2.29, S3.30).

A rest is an overlay: what comes due meanwhile is held back, and shortly after the rest what is due *then* is asked,
once. Nothing that went stale is made up for, and nothing here moves the last day of a match.
"""

from collections.abc import Callable, Iterable
from datetime import timedelta

from chassis.command_handler import Context
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts import topics
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import ModeChosen, ProgrammePaused, ProgrammeResumed
from contracts.matching import (
    CheckInAsked,
    CheckInGiven,
    MatchEnded,
    MatchMade,
    MatchPaused,
    MatchResumed,
    MatchReviewed,
    ReviewDue,
)
from services.matching.domain.match_commands import AskCheckIn, AskReview
from services.matching.made_matches import MadeMatch, MadeMatches
from services.matching.projections.matches import live_matches
from services.matching.projections.modes import StoredModes

# What holds an ask back may be known this late; what a rest held back is asked only when that time is over.
_KNOWN_WITHIN = timedelta(minutes=1)
_AFTER_A_REST = timedelta(minutes=2)


class Asking:
    """Asks of one match, or of all that a rest held back."""

    def __init__(self, made_matches: MadeMatches, reading: ReadModels, modes: StoredModes) -> None:
        self._made_matches = made_matches
        self._reading = reading
        self._modes = modes

    async def ask(self, fired: FiredTimer, match_id: str, kind: type[AskCheckIn] | type[AskReview]) -> None:
        """Safe to repeat: it is asked once, and only when it is due."""
        found = await self._made_matches.find(fired.tenant, match_id, not_before=fired.due_at)
        if not await self._rests(found):
            await self._made_matches.ask(found, kind(found.now, found.rhythm), context=_context(fired, match_id, kind))

    async def ask_all(self, fired: FiredTimer, query: JsonObject) -> None:
        """What is due now in these matches."""
        for found in await live_matches(self._reading, fired.tenant, query):
            await self.ask(fired, found["match_id"], AskCheckIn)
            await self.ask(fired, found["match_id"], AskReview)

    async def _rests(self, found: MadeMatch) -> bool:
        if found.now - found.known.as_of > _KNOWN_WITHIN:
            raise FactsTooOld("whether the programme is paused")
        made = found.made
        return found.known.paused or await self._modes.any_in_peace(
            found.stream.tenant, made.requester_id, made.helper_id
        )


def _context(fired: FiredTimer, match_id: str, kind: type[AskCheckIn] | type[AskReview]) -> Context:
    return fired.context(f"{kind.__name__}-{match_id}")


def check_ins_are_asked(asking: Asking) -> TimerPlan:
    """When the lightest rhythm of the programme has passed without a word, once (S3.65)."""

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case (
                MatchMade(match_id=match_id, check_in_at=due_at)
                | CheckInGiven(match_id=match_id, check_in_at=due_at)
                | MatchResumed(match_id=match_id, check_in_at=due_at)
            ) if due_at is not None:
                yield SetTimer(match_id, due_at, {})
            case MatchPaused(match_id=match_id) | MatchEnded(match_id=match_id) | CheckInAsked(match_id=match_id):
                yield CancelTimer(match_id)
            case _:
                return

    handles = (MatchMade, CheckInGiven, MatchResumed, MatchPaused, MatchEnded, CheckInAsked)
    return _plan("check-ins-are-asked", handles, plan, asking, AskCheckIn)


def reviews_are_due(asking: Asking) -> TimerPlan:
    """Every so often as the policy says, counted from the last one (S3.26, S3.29)."""

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case (
                MatchMade(match_id=match_id, review_at=due_at)
                | MatchReviewed(match_id=match_id, review_at=due_at)
                | MatchResumed(match_id=match_id, review_at=due_at)
            ) if due_at is not None:
                yield SetTimer(match_id, due_at, {})
            case MatchPaused(match_id=match_id) | MatchEnded(match_id=match_id) | ReviewDue(match_id=match_id):
                yield CancelTimer(match_id)
            case _:
                return

    handles = (MatchMade, MatchReviewed, MatchResumed, MatchPaused, MatchEnded, ReviewDue)
    return _plan("reviews-are-due", handles, plan, asking, AskReview)


def asked_after_a_pause(asking: Asking) -> TimerPlan:
    """What the pause of a programme held back (S2.29)."""

    async def fire(fired: FiredTimer) -> None:
        await asking.ask_all(fired, {"programme": fired.key})

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case ProgrammeResumed(programme=programme, resumed_at=resumed_at):
                yield SetTimer(programme, resumed_at + _AFTER_A_REST, {})
            case ProgrammePaused(programme=programme):
                yield CancelTimer(programme)
            case _:
                return

    handles = (ProgrammeResumed, ProgrammePaused)
    return TimerPlan("asked-after-a-pause", topics=(topics.INTAKE,), handles=handles, plan=plan, fire=fire)


def asked_after_fristed(asking: Asking) -> TimerPlan:
    """What was held back while one of the two was left in peace (S3.30)."""

    async def fire(fired: FiredTimer) -> None:
        await asking.ask_all(fired, {"$or": [{"requester_id": fired.key}, {"helper_id": fired.key}]})

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case ModeChosen(person_id=person_id, mode="udvikling", chosen_at=chosen_at):
                yield SetTimer(person_id, chosen_at + _AFTER_A_REST, {})
            case ModeChosen(person_id=person_id):
                yield CancelTimer(person_id)
            case _:
                return

    return TimerPlan("asked-after-fristed", topics=(topics.INTAKE,), handles=(ModeChosen,), plan=plan, fire=fire)


def _plan(
    name: str,
    handles: tuple[type, ...],
    plan: Callable[[RecordedEvent], Iterable[SetTimer | CancelTimer]],
    asking: Asking,
    kind: type[AskCheckIn] | type[AskReview],
) -> TimerPlan:
    async def fire(fired: FiredTimer) -> None:
        await asking.ask(fired, fired.key, kind)

    return TimerPlan(name, topics=(topics.MATCHING,), handles=handles, plan=plan, fire=fire)
