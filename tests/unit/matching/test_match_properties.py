"""Whatever is asked of a match in whatever order: its last day stands, one visit at a time, and the end is the end."""

from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chassis.refusal import Refusal
from contracts import matching as events
from contracts.base import Event
from services.matching.domain import match_commands as ask
from services.matching.domain.match_state import Match
from services.matching.domain.pairing import pairing
from tests.unit.matching.matches import MAKE, OSLO, agree, amend, at, begin_visit, check_in, end
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

MOMENTS = [at(3, 1), at(3, 29, 7), at(5, 29, 7), at(6, 30), at(1, 29, 8, year=2021), at(2, 28, 23, year=2021)]
VISITS = ("visit-1", "visit-2")

COMMANDS: list[ask.Command] = [
    MAKE,
    *(end(reason=reason, now=now) for reason in ("length", "helper") for now in (at(6, 1), at(2, 28, 23, year=2021))),
    *(amend(*forms) for forms in (("talk",), ("guide", "friend"), ("money",))),
    *(agree(programme_paused=is_paused) for is_paused in (False, True)),
    *(check_in(check_in_id=name, now=now) for name in ("check-in-1", "check-in-2") for now in MOMENTS[1:]),
    *(
        begin_visit(visit_id=name, now=now, until=now + timedelta(hours=hours))
        for name in VISITS
        for now in MOMENTS
        for hours in (2, 25)
    ),
    *(
        kind(name, now + timedelta(hours=3))
        for kind in (ask.EndVisit, ask.MissVisit)
        for name in VISITS
        for now in MOMENTS
    ),
    *(ask.ReviewMatch("k", goes_on, now, OSLO) for goes_on in (True, False) for now in MOMENTS),
    *(ask.PauseMatch(why, now) for why in ("requester", "helper", "suspended", "block") for now in MOMENTS),
    *(ask.ResumeMatch(by, now, OSLO) for by in ("requester", "helper", "coordinator") for now in MOMENTS),
    *(ask.LiftPause(why, now, OSLO) for why in ("suspended", "block") for now in MOMENTS),
    *(kind(now, OSLO) for kind in (ask.AskCheckIn, ask.AskReview) for now in MOMENTS),
    *(kind(now) for kind in (ask.WarnOfEnd, ask.LetGo) for now in MOMENTS),
    ask.ExtendMatch(),
]
HISTORIES = st.lists(st.sampled_from(COMMANDS), max_size=40).map(lambda later: [MAKE, *later])


@given(HISTORIES)
def test_repeating_an_accepted_command_changes_nothing(commands: list[ask.Command]) -> None:
    repeating_changes_nothing(pairing, commands)


@given(HISTORIES)
def test_every_history_folds_the_same_from_its_stored_form(commands: list[ask.Command]) -> None:
    history_folds_from_storage(pairing, commands)


@given(HISTORIES)
def test_the_last_day_never_moves_and_after_the_end_only_a_visit_is_watched(commands: list[ask.Command]) -> None:
    history = played(commands)
    [begun] = [event for event in history if isinstance(event, events.MatchMade)]
    ends = [number for number, event in enumerate(history) if isinstance(event, events.MatchEnded)]
    assert len(ends) <= 1
    for number in ends:
        over = history[number]
        assert isinstance(over, events.MatchEnded)
        assert begun.ends_on is not None
        assert over.ended_on <= begun.ends_on
        after = history[number + 1 :]
        watched = (events.MatchLetGo, events.LoneVisitEnded, events.LoneVisitOverdue)
        assert all(isinstance(event, watched) for event in after)
        assert count(after, events.MatchLetGo) == 1


@given(HISTORIES)
def test_one_visit_is_open_at_most_and_each_is_overdue_at_most_once(commands: list[ask.Command]) -> None:
    open_visits: set[str] = set()
    overdue: list[str] = []
    for event in played(commands):
        match event:
            case events.LoneVisitBegan(visit_id=name):
                open_visits.add(name)
            case events.LoneVisitEnded(visit_id=name):
                open_visits.remove(name)
            case events.LoneVisitOverdue(visit_id=name):
                overdue.append(name)
            case _:
                pass
        assert len(open_visits) <= 1
    assert len(overdue) == len(set(overdue))


@given(HISTORIES)
def test_nothing_is_asked_in_a_rest_and_the_end_comes_near_once(commands: list[ask.Command]) -> None:
    history = played(commands)
    assert count(history, events.EndNear) <= 1
    causes: set[str] = set()
    for event in history:
        match event:
            case events.MatchPaused(reason=reason):
                causes.add(reason)
            case events.PauseLifted(reason=reason):
                causes.remove(reason)
                assert causes
            case events.MatchResumed():
                assert causes
                causes.clear()
            case events.CheckInAsked() | events.ReviewDue() | events.LoneVisitBegan() | events.AccompanimentAgreed():
                assert not causes
            case _:
                pass


def played(commands: list[ask.Command]) -> list[Event]:
    history: list[Event] = []
    state = Match()
    for command in commands:
        try:
            made = pairing.decide(command, state)
        except Refusal:
            continue
        history.extend(made)
        state = pairing.fold(made, state)
    return history


def count(history: list[Event], kind: type[Any]) -> int:
    return sum(isinstance(event, kind) for event in history)
