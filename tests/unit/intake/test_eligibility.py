from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given as trying
from hypothesis.strategies import booleans, builds, dates, dictionaries, integers, just, none, one_of, sampled_from

from chassis.refusal import Refusal
from contracts.intake import MandateRenewed, ProgrammeClosed, ProgrammePaused
from contracts.policy import Mandate
from services.intake.domain.eligibility import (
    CIVIL_SOCIETY,
    BirthDateNeeded,
    GateUnanswered,
    GateUnknown,
    Wish,
    verdict,
)
from tests.unit.intake.oslo import NOW, TODAY, adopted, policy, programme_after

OSLO = programme_after(adopted())
TASKS = programme_after(
    adopted(
        policy(
            gates=[],
            min_age=0,
            mandate={"from": "2012-12-01", "to": "2022-12-31"},
            residence={"municipality": "Rudersdal"},
            categories=["garden", {"code": "visiting", "by": "pairing"}],
        )
    ),
    MandateRenewed(
        programme="oslo",
        mandate=Mandate.model_validate({"from": "2012-12-01", "to": "2030-12-31"}),
        renewed_by="board",
    ),
)


def paired(**fields: Any) -> Wish:
    return Wish(**{"origin": "referral", "today": TODAY, "age": 40, "gates": {"acute_over": True}, **fields})


def task(**fields: Any) -> Wish:
    return Wish(**{"origin": "staff", "today": TODAY, "category": "garden", "expected_duration": "PT2H", **fields})


def test_who_meets_every_rule_is_taken() -> None:
    assert (verdict(paired(), OSLO), verdict(task(), TASKS)) == (None, None)


def test_an_acute_phase_that_is_not_over_leads_to_acute_help_first() -> None:
    no = verdict(paired(gates={"acute_over": False}), OSLO)
    assert no is not None
    assert (no.rule, no.gate) == ("gate_not_confirmed", "acute_over")
    assert no.options == ("acute-help", "ask-later", CIVIL_SOCIETY)


def test_a_gate_nobody_answered_is_no_decline() -> None:
    with pytest.raises(GateUnanswered):
        verdict(paired(gates={}), OSLO)


def test_nobody_confirms_a_gate_for_themselves() -> None:
    with pytest.raises(GateUnanswered):
        verdict(paired(origin="self"), OSLO)


def test_an_answer_to_what_was_not_asked_is_refused() -> None:
    with pytest.raises(GateUnknown):
        verdict(paired(gates={"acute_over": True, "diagnosis": True}), OSLO)


@pytest.mark.parametrize(("age", "rule"), [(17, "min_age"), (18, None)])
def test_the_age_limit_is_met_on_the_birthday(age: int, rule: str | None) -> None:
    no = verdict(paired(age=age), OSLO)
    assert (no.rule if no else None) == rule


def test_an_age_limit_needs_a_birth_date() -> None:
    with pytest.raises(BirthDateNeeded):
        verdict(paired(age=None), OSLO)


@pytest.mark.parametrize(
    ("until", "rule"),
    [(None, None), (TODAY, None), (TODAY - timedelta(days=1), "residents_only"), (date.min, "residents_only")],
)
def test_who_counts_as_living_here_may_ask_until_the_last_day(until: date | None, rule: str | None) -> None:
    no = verdict(task(resident_until=until), TASKS)
    assert (no.rule if no else None) == rule


@pytest.mark.parametrize(
    ("wish", "rule"),
    [
        (task(category="care", expected_duration=None), "category_unknown"),
        (task(expected_duration=None), "not_concrete"),  # care every day, no end
        (task(category=None), "not_concrete"),
        (task(expected_duration="P1Y"), None),
        (task(expected_duration="P13M"), "not_concrete"),
        (task(expected_duration="P9999Y"), "not_concrete"),  # every day, for ever
        (task(expected_duration=None, latest_date=TODAY + timedelta(days=366)), None),
        (task(expected_duration=None, latest_date=TODAY + timedelta(days=367)), "not_concrete"),
        (task(expected_duration=None, latest_date=TODAY), None),
        (task(latest_date=TODAY - timedelta(days=1)), "latest_date_passed"),
        (task(category="visiting", expected_duration=None), None),  # bounded by the programme
    ],
)
def test_a_task_is_concrete_and_bounded(wish: Wish, rule: str | None) -> None:
    no = verdict(wish, TASKS)
    assert (no.rule if no else None) == rule


@pytest.mark.parametrize(("day", "rule"), [(date(2030, 12, 31), None), (date(2031, 1, 1), "mandate_expired")])
def test_a_mandate_holds_through_its_last_day(day: date, rule: str | None) -> None:
    no = verdict(task(today=day), TASKS)
    assert (no.rule if no else None) == rule


def test_a_programme_on_pause_or_closed_takes_nobody() -> None:
    pause = ProgrammePaused(programme="oslo", paused_at=NOW)
    end = ProgrammeClosed(programme="oslo", closed_on=TODAY, reason="merged")
    found = [verdict(paired(), programme_after(adopted(), event)) for event in (pause, end)]
    assert [(no.rule, no.is_not_now) for no in found if no] == [("programme_paused", True), ("programme_closed", True)]


def test_a_programme_by_referral_takes_nobody_who_asks_alone() -> None:
    by_referral = programme_after(adopted(policy(gates=[], min_age=0, referral_needed=True)))
    found = [verdict(Wish(origin=origin, today=TODAY), by_referral) for origin in ("self", "staff", "referral")]
    assert [no.rule if no else None for no in found] == ["referral_needed", None, None]


WISHES = builds(
    Wish,
    origin=sampled_from(["referral", "self", "staff"]),
    today=dates(min_value=date(2011, 1, 1), max_value=date(2032, 1, 1)),
    age=one_of(none(), integers(0, 110)),
    resident_until=sampled_from([None, date.min, TODAY]),
    category=sampled_from([None, "garden", "visiting", "care"]),
    expected_duration=sampled_from([None, "PT2H"]),
    latest_date=one_of(none(), dates(min_value=date(2011, 1, 1), max_value=date(2032, 1, 1))),
    gates=dictionaries(just("acute_over"), booleans()),
)


@trying(wish=WISHES)
def test_every_decline_keeps_two_ways_open_and_one_is_not_municipal(wish: Wish) -> None:
    for programme in (OSLO, TASKS):
        try:
            no = verdict(wish, programme)
        except Refusal:
            continue
        if no is not None:
            assert len(set(no.options)) >= 2
            assert CIVIL_SOCIETY in no.options
