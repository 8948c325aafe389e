"""What no rest holds back: a match is warned of its end, ends, and is let go; a lone visit is missed (S2.16, S4.13)."""

from collections.abc import Iterable

from chassis.timers import CancelTimer, FiredTimer, SetTimer, TimerPlan
from contracts import topics
from contracts.envelope import RecordedEvent
from contracts.matching import (
    EndNear,
    LoneVisitBegan,
    LoneVisitEnded,
    LoneVisitOverdue,
    MatchEnded,
    MatchLetGo,
    MatchMade,
)
from services.matching.domain.match_commands import EndMatch, LetGo, MissVisit, WarnOfEnd
from services.matching.made_matches import MadeMatches


def matches_end(made_matches: MadeMatches) -> TimerPlan:
    """When the last day is over at the programme's place; nothing prolongs it."""

    async def fire(fired: FiredTimer) -> None:
        found = await made_matches.find(fired.tenant, fired.key, not_before=fired.due_at)
        command = EndMatch("length", closing_talk=False, now=found.now, rhythm=found.rhythm)
        await made_matches.ask(found, command, context=fired.context())

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case MatchMade(match_id=match_id, ends_at=ends_at, ends_on=ends_on) if ends_at and ends_on:
                yield SetTimer(match_id, ends_at, {"ends_on": ends_on.isoformat()})
            case MatchEnded(match_id=match_id):
                yield CancelTimer(match_id)
            case _:
                return

    return TimerPlan("matches-end", topics=(topics.MATCHING,), handles=(MatchMade, MatchEnded), plan=plan, fire=fire)


def ends_come_near(made_matches: MadeMatches) -> TimerPlan:
    """Some days before, also in a pause: the end is no surprise (S2.16)."""

    async def fire(fired: FiredTimer) -> None:
        found = await made_matches.find(fired.tenant, fired.key, not_before=fired.due_at)
        await made_matches.ask(found, WarnOfEnd(found.now), context=fired.context())

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case MatchMade(match_id=match_id, warn_at=warn_at) if warn_at:
                yield SetTimer(match_id, warn_at, {})
            case MatchEnded(match_id=match_id) | EndNear(match_id=match_id):
                yield CancelTimer(match_id)
            case _:
                return

    handles = (MatchMade, MatchEnded, EndNear)
    return TimerPlan("ends-come-near", topics=(topics.MATCHING,), handles=handles, plan=plan, fire=fire)


def matches_are_let_go(made_matches: MadeMatches) -> TimerPlan:
    """When the time for which the policy keeps what was followed up is over (S2.17)."""

    async def fire(fired: FiredTimer) -> None:
        found = await made_matches.find(fired.tenant, fired.key, not_before=fired.due_at)
        await made_matches.ask(found, LetGo(found.now), context=fired.context())

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case MatchEnded(match_id=match_id, let_go_at=let_go_at) if let_go_at:
                yield SetTimer(match_id, let_go_at, {})
            case MatchLetGo(match_id=match_id):
                yield CancelTimer(match_id)
            case _:
                return

    handles = (MatchEnded, MatchLetGo)
    return TimerPlan("matches-are-let-go", topics=(topics.MATCHING,), handles=handles, plan=plan, fire=fire)


def lone_visits_are_missed(made_matches: MadeMatches) -> TimerPlan:
    """Somebody alone in a home has not said that it is over; what rests or ends otherwise does not matter (S4.13)."""

    async def fire(fired: FiredTimer) -> None:
        found = await made_matches.find(fired.tenant, fired.payload["match_id"], not_before=fired.due_at)
        await made_matches.ask(found, MissVisit(fired.key, found.now), context=fired.context())

    def plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
        match recorded.event:
            case LoneVisitBegan(visit_id=visit_id, until=until, match_id=match_id):
                yield SetTimer(visit_id, until, {"match_id": match_id})
            case LoneVisitEnded(visit_id=visit_id) | LoneVisitOverdue(visit_id=visit_id):
                yield CancelTimer(visit_id)
            case _:
                return

    handles = (LoneVisitBegan, LoneVisitEnded, LoneVisitOverdue)
    return TimerPlan("lone-visits-are-missed", topics=(topics.MATCHING,), handles=handles, plan=plan, fire=fire)
