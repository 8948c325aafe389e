"""What a match decides: when it begins, what happens on its way, and that it ends within the policy's length."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chassis.testing import given as history
from contracts import matching as events
from services.matching.domain import match_commands as ask
from services.matching.domain.approval import ProgrammePaused
from services.matching.domain.match_rhythm import Rhythm, day_is_over
from services.matching.domain.pairing import pairing
from tests.unit.matching.examples import HELPER, REQUESTER
from tests.unit.matching.matches import (
    BOTH,
    MAKE,
    OSLO,
    PAIR,
    agree,
    amend,
    at,
    begin_visit,
    check_in,
    end,
    ended,
    given,
    let_go,
    made,
    paused,
    resumed,
    visit_began,
    visit_ended,
    visit_overdue,
)

# beginning and end ----------------------------------------------------------------------------------------------------


def test_a_match_made_on_a_leap_day_ends_at_the_latest_on_28_february() -> None:
    assert history(pairing).when(MAKE) == [made()]


def test_a_match_without_a_length_has_no_last_day() -> None:
    endless = replace(MAKE, rhythm=replace(OSLO, max_length=None))
    assert history(pairing).when(endless) == [made(ends_on=None, ends_at=None, warn_at=None)]


def test_a_match_too_short_for_the_warning_is_warned_of_at_half_time() -> None:
    short = replace(MAKE, rhythm=replace(OSLO, max_length="P20D"))
    [begun] = history(pairing).when(short)
    assert isinstance(begun, events.MatchMade)
    assert (begun.ends_on, begun.warn_at) == (date(2020, 3, 20), at(3, 10, 8))


def test_a_match_is_made_once() -> None:
    assert history(pairing, made()).when(MAKE) == []
    assert history(pairing, made(), ended()).when(MAKE) == []


def test_a_match_can_end_at_any_time_and_is_let_go_at_once() -> None:
    assert history(pairing, made()).when(end()) == [ended(), let_go(at(6, 1))]


def test_where_the_policy_keeps_something_a_match_is_let_go_later_and_once() -> None:
    kept_until = at(6, 15, 22)
    later = ended(let_go_at=kept_until)
    assert history(pairing, made()).when(end(rhythm=replace(OSLO, retain_after_end="P14D"))) == [later]
    assert history(pairing, made(), later).when(ask.LetGo(at(6, 15))) == []
    assert history(pairing, made(), later).when(ask.LetGo(kept_until)) == [let_go(kept_until)]
    assert history(pairing, made(), later, let_go(kept_until)).when(ask.LetGo(at(7, 1))) == []


def test_a_match_ends_once() -> None:
    assert history(pairing, made(), ended()).when(end(reason="length")) == []


def test_a_late_timer_does_not_make_a_match_longer() -> None:
    now = at(3, 15, year=2021)
    late = ask.EndMatch("length", closing_talk=False, now=now, rhythm=OSLO)
    over = ended(reason="length", closing_talk=False, ended_on=date(2021, 2, 28), let_go_at=now)
    assert history(pairing, made()).when(late) == [over, let_go(now)]


def test_a_match_that_is_not_there_knows_nothing() -> None:
    for command in (end(), check_in(), ask.PauseMatch("helper", at(3, 1)), ask.EndVisit("visit-1", at(3, 1))):
        with pytest.raises(ask.MatchNotFound):
            history(pairing).when(command)


def test_a_day_is_over_at_midnight_of_the_place_also_when_its_clocks_change() -> None:
    assert day_is_over(date(2021, 3, 27), "Europe/Oslo") == datetime(2021, 3, 27, 23, tzinfo=UTC)
    assert day_is_over(date(2021, 3, 28), "Europe/Oslo") == datetime(2021, 3, 28, 22, tzinfo=UTC)


def test_what_is_due_comes_at_nine_in_the_morning_of_the_place_on_both_sides_of_a_clock_change() -> None:
    assert OSLO.check_in_at(date(2021, 2, 27)) == datetime(2021, 3, 27, 8, tzinfo=UTC)
    assert OSLO.check_in_at(date(2021, 2, 28)) == datetime(2021, 3, 28, 7, tzinfo=UTC)
    assert Rhythm(zone="Europe/Copenhagen").review_at(date(2019, 11, 30)) == datetime(2020, 2, 29, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "command",
    [
        check_in(now=at(7, 1)),
        amend("friend"),
        agree(),
        begin_visit(),
        ask.ReviewMatch("k", True, at(7, 1), OSLO),
        ask.PauseMatch("requester", at(7, 1)),
        ask.ResumeMatch("requester", at(7, 1), OSLO),
        ask.ExtendMatch(),
    ],
)
def test_after_the_end_nothing_is_kept_any_more(command: ask.Command) -> None:
    with pytest.raises(ask.MatchOver):
        history(pairing, made(), ended(), let_go(at(6, 1))).when(command)


def test_a_match_is_never_made_longer() -> None:
    with pytest.raises(ask.MaxLength) as refused:
        history(pairing, made()).when(ask.ExtendMatch())
    assert "private-contact" in refused.value.options
    with pytest.raises(ask.NoLastDay):
        history(pairing, made(ends_on=None, ends_at=None)).when(ask.ExtendMatch())


# needs and company ----------------------------------------------------------------------------------------------------


def test_needs_change_within_what_the_programme_offers() -> None:
    amended = events.SupportAmended(
        **PAIR, support_forms=("norwegian", "friend"), amended_by=REQUESTER, amended_at=at(3, 11)
    )
    assert history(pairing, made()).when(amend("friend", "norwegian")) == [amended]
    assert history(pairing, made(), amended).when(amend("norwegian", "friend")) == []
    with pytest.raises(ask.SupportFormUnknown):
        history(pairing, made()).when(amend("money"))


def test_company_is_agreed_for_a_time_ahead_and_not_in_a_rest() -> None:
    agreed = agree()
    assert history(pairing, made()).when(agreed) == [
        events.AccompanimentAgreed(
            **PAIR,
            accompaniment_id="accompaniment-1",
            when=agreed.when,
            where=agreed.where,
            agreed_by=HELPER,
            agreed_at=at(3, 11),
        )
    ]
    with pytest.raises(ask.AccompanimentInPast):
        history(pairing, made()).when(agree(happens_at=at(3, 11)))
    with pytest.raises(ProgrammePaused):
        history(pairing, made()).when(agree(programme_paused=True))
    with pytest.raises(ask.MatchRests):
        history(pairing, made(), paused("helper", at(3, 2))).when(agree())


# check-ins and reviews ------------------------------------------------------------------------------------------------


def test_a_check_in_says_how_and_whether_it_was_well() -> None:
    assert history(pairing, made()).when(check_in()) == [given()]
    assert history(pairing, made(), given()).when(check_in()) == []


def test_a_check_in_is_about_a_day_of_the_match_that_has_come() -> None:
    with pytest.raises(ask.CheckInInFuture):
        history(pairing, made()).when(check_in(happened_on=date(2020, 3, 12)))
    with pytest.raises(ask.CheckInBeforeStart):
        history(pairing, made()).when(check_in(happened_on=date(2020, 2, 28)))
    # 23:30 UTC is the next day in Oslo.
    night = datetime(2020, 3, 11, 23, 30, tzinfo=UTC)
    assert history(pairing, made()).when(check_in(happened_on=date(2020, 3, 12), now=night))


def test_a_gap_is_asked_about_once() -> None:
    asked = events.CheckInAsked(**BOTH, asked_on=date(2020, 3, 29))
    assert history(pairing, made()).when(ask.AskCheckIn(at(3, 29, 6), OSLO)) == []
    assert history(pairing, made()).when(ask.AskCheckIn(at(3, 29, 7), OSLO)) == [asked]
    assert history(pairing, made(), asked).when(ask.AskCheckIn(at(6, 1), OSLO)) == []
    again = history(pairing, made(), asked, given()).when(ask.AskCheckIn(at(4, 11, 7), OSLO))
    assert again == [events.CheckInAsked(**BOTH, asked_on=date(2020, 4, 11))]


def test_a_review_is_due_once_and_the_next_counts_from_it() -> None:
    due = events.ReviewDue(**BOTH, due_on=date(2020, 5, 29))
    reviewed = events.MatchReviewed(
        **PAIR,
        reviewed_by="k",
        reviewed_on=date(2020, 6, 5),
        goes_on=True,
        was_due_on=date(2020, 5, 29),
        review_at=at(9, 5, 7),
    )
    assert history(pairing, made()).when(ask.AskReview(at(5, 29, 6), OSLO)) == []
    assert history(pairing, made()).when(ask.AskReview(at(5, 29, 7), OSLO)) == [due]
    assert history(pairing, made(), due).when(ask.AskReview(at(8, 29), OSLO)) == []
    assert history(pairing, made(), due).when(ask.ReviewMatch("k", True, at(6, 5), OSLO)) == [reviewed]
    assert history(pairing, made(), due, reviewed).when(ask.AskReview(at(9, 4), OSLO)) == []
    assert history(pairing, made(), due, reviewed).when(ask.AskReview(at(9, 5, 7), OSLO)) == [
        events.ReviewDue(**BOTH, due_on=date(2020, 9, 5))
    ]


def test_the_end_is_near_once_also_in_a_rest() -> None:
    near = events.EndNear(**BOTH, ends_on=date(2021, 2, 28))
    warn = ask.WarnOfEnd(at(1, 29, 8, year=2021))
    assert history(pairing, made()).when(ask.WarnOfEnd(at(1, 29, 7, year=2021))) == []
    assert history(pairing, made(), paused("helper", at(3, 2))).when(warn) == [near]
    assert history(pairing, made(), near).when(warn) == []
    assert history(pairing, made(), ended()).when(warn) == []


# rests ----------------------------------------------------------------------------------------------------------------


def test_a_match_that_rests_is_asked_nothing_and_counts_anew_afterwards() -> None:
    rests = history(pairing, made(), paused("requester", at(3, 2)))
    assert rests.when(ask.AskCheckIn(at(6, 1), OSLO)) == []
    assert rests.when(ask.AskReview(at(6, 1), OSLO)) == []
    on = resumed(at(6, 1), check_in_at=at(7, 1, 7), review_at=at(9, 1, 7))
    assert rests.when(ask.ResumeMatch("requester", at(6, 1), OSLO)) == [on]
    awake = history(pairing, made(), paused("requester", at(3, 2)), on)
    assert awake.when(ask.AskCheckIn(at(6, 2), OSLO)) == []
    assert awake.when(ask.AskCheckIn(at(7, 1, 7), OSLO)) == [events.CheckInAsked(**BOTH, asked_on=date(2020, 7, 1))]


def test_each_ends_their_own_pause_and_a_coordinator_any_that_was_chosen() -> None:
    both = (made(), paused("requester", at(3, 2)), paused("helper", at(3, 3)))
    on = resumed(at(6, 1), check_in_at=at(7, 1, 7), review_at=at(9, 1, 7))
    lifted = events.PauseLifted(**PAIR, reason="helper", lifted_at=at(6, 1))
    assert history(pairing, *both).when(ask.ResumeMatch("helper", at(6, 1), OSLO)) == [lifted]
    assert history(pairing, *both, lifted).when(ask.ResumeMatch("helper", at(6, 1), OSLO)) == []
    assert history(pairing, *both, lifted).when(ask.ResumeMatch("requester", at(6, 1), OSLO)) == [on]
    assert history(pairing, *both).when(ask.ResumeMatch("coordinator", at(6, 1), OSLO)) == [on]
    assert history(pairing, made()).when(ask.ResumeMatch("helper", at(6, 1), OSLO)) == []


@pytest.mark.parametrize("reason", ["suspended", "block"])
def test_what_nobody_chose_nobody_ends_by_choice(reason: ask.Held) -> None:
    held = (made(), paused("helper", at(3, 2)), paused(reason, at(3, 3)))
    for by in ("requester", "helper", "coordinator"):
        with pytest.raises(ask.NeedsCoordinator):
            history(pairing, *held).when(ask.ResumeMatch(by, at(6, 1), OSLO))
    lift = ask.LiftPause(reason, at(6, 1), OSLO)
    lifted = events.PauseLifted(**PAIR, reason=reason, lifted_at=at(6, 1))
    on = resumed(at(6, 1), check_in_at=at(7, 1, 7), review_at=at(9, 1, 7))
    assert history(pairing, *held).when(lift) == [lifted]
    assert history(pairing, made(), paused(reason, at(3, 3))).when(lift) == [on]
    assert history(pairing, *held, lifted).when(lift) == []


# lone visits ----------------------------------------------------------------------------------------------------------


def test_one_lone_visit_at_a_time_within_24_hours() -> None:
    assert history(pairing, made()).when(begin_visit()) == [visit_began()]
    assert history(pairing, made(), visit_began()).when(begin_visit()) == []
    with pytest.raises(ask.VisitUnderWay):
        history(pairing, made(), visit_began()).when(begin_visit(visit_id="visit-2"))
    for until in (at(3, 11), at(3, 12, 13)):
        with pytest.raises(ask.VisitTooLong):
            history(pairing, made()).when(begin_visit(until=until))
    with pytest.raises(ask.MatchRests):
        history(pairing, made(), paused("block", at(3, 2))).when(begin_visit())


def test_a_visit_is_overdue_once_and_can_end_after_that() -> None:
    miss = ask.MissVisit("visit-1", at(3, 11, 15))
    assert history(pairing, made(), visit_began()).when(ask.MissVisit("visit-1", at(3, 11, 14))) == []
    assert history(pairing, made(), visit_began()).when(miss) == [visit_overdue()]
    assert history(pairing, made(), visit_began(), visit_overdue()).when(miss) == []
    out = visit_ended(at(3, 11, 16))
    assert history(pairing, made(), visit_began(), visit_overdue()).when(ask.EndVisit("visit-1", at(3, 11, 16))) == [
        out
    ]
    assert history(pairing, made(), visit_began(), out).when(miss) == []
    assert history(pairing, made(), visit_began(), out).when(ask.EndVisit("visit-1", at(3, 11, 17))) == []
    with pytest.raises(ask.VisitNotFound):
        history(pairing, made()).when(ask.EndVisit("visit-1", at(3, 11, 16)))


def test_a_visit_is_watched_to_its_end_though_the_match_has_ended_meanwhile() -> None:
    gone = (made(), visit_began(), ended(), let_go(at(6, 1)))
    assert history(pairing, *gone).when(ask.MissVisit("visit-1", at(6, 2))) == [visit_overdue()]
    assert history(pairing, *gone).when(ask.EndVisit("visit-1", at(6, 2))) == [visit_ended(at(6, 2))]
