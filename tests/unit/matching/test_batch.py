"""A suggestion for a whole waiting list is the best one there is, whatever the order of what it is made from."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.intake import LanguageSkill, Wishes
from services.matching.ranking.batch import NOBODY, Waiting, assign
from services.matching.ranking.columns import Snapshot
from services.matching.ranking.criteria import Candidate, Question
from services.matching.ranking.explain import rank_plainly
from services.matching.ranking.own_process import assign_elsewhere
from services.matching.ranking.table import HelperTable
from tests.unit.matching.test_ranking import CANDIDATES, QUESTIONS, TODAY, V, question

SOMALI = Wishes(languages=(LanguageSkill(code="so", level="b1"),))


def waits(asked: Question, *, days: int = 0) -> Waiting:
    return Waiting(asked, TODAY - timedelta(days=days))


def table_of(*candidates: Candidate) -> HelperTable:
    table = HelperTable()
    for candidate in candidates:
        table.put(candidate)
    return table


def suggested(table: HelperTable, *waiting: Waiting) -> list[str | None]:
    return [None if row == NOBODY else table.ids[row] for row in assign(table, waiting).rows]


def worth(table: HelperTable, waiting: list[Waiting], helper_ids: list[str | None]) -> float:
    """What a suggestion is worth to all of them; an impossible one is worth nothing."""
    total = 0.0
    for one, helper_id in zip(waiting, helper_ids, strict=True):
        if helper_id is not None:
            [row] = [row for row in range(len(table)) if table.ids[row] == helper_id]
            [ranked] = rank_plainly(table.candidates([row], one.question), one.question, limit=1)
            total += ranked.score + one.served
    return total


def test_who_suits_two_goes_where_all_are_served_best() -> None:
    speaks = replace(V, helper_id="speaks", languages={"so": 7})
    speaks_a_little = replace(V, helper_id="a-little", languages={"so": 2})
    table = table_of(speaks, speaks_a_little)
    first = waits(question(request_id="r1", wishes=SOMALI))
    only_well = waits(question(request_id="r2", wishes=SOMALI, proposed=frozenset({"a-little"})))
    assert suggested(table, first, only_well) == ["a-little", "speaks"]


@pytest.mark.requirement("S2.31")
def test_where_helpers_are_too_few_who_waits_longest_is_given_one() -> None:
    table = table_of(V)
    waiting = [waits(question(request_id=f"r{days}"), days=days) for days in (3, 200, 40)]
    assert suggested(table, *waiting) == [None, "v", None]


def test_nobody_is_an_answer() -> None:
    table = table_of(replace(V, listed=False), replace(V, helper_id="full", taken=1))
    found = assign(table, [waits(question())])
    assert (found.rows, found.suits) == ([NOBODY], [False])
    assert assign(HelperTable(), []).rows == []


def test_a_helper_is_suggested_as_often_as_there_are_free_places() -> None:
    table = table_of(replace(V, capacity=3, taken=1))
    waiting = [waits(question(request_id=f"r{number}")) for number in range(4)]
    found = assign(table, waiting)
    assert (sorted(found.rows), found.suits) == ([NOBODY, NOBODY, 0, 0], [True] * 4)


@pytest.mark.requirement("S1.16")
def test_among_equals_who_was_not_chosen_for_longest_is_suggested() -> None:
    long_ago = V.free_since - timedelta(days=500)
    table = table_of(V, replace(V, helper_id="long-ago", free_since=long_ago), replace(V, helper_id="w"))
    assert suggested(table, waits(question())) == ["long-ago"]


@pytest.mark.long
@given(st.lists(CANDIDATES, max_size=4), st.lists(QUESTIONS, max_size=3))
@settings(max_examples=150)
def test_nothing_is_worth_more_than_what_is_suggested(candidates: list[Candidate], asked: list[Question]) -> None:
    table = table_of(*candidates)
    waiting = [waits(replace(one, request_id=f"r{number}")) for number, one in enumerate(asked)]
    places = [one for candidate in candidates for one in [candidate.helper_id] * candidate.capacity]
    free = {
        table.ids[row]: max(0, int(table.column("capacity")[row] - table.column("taken")[row]))
        for row in range(len(table))
    }
    possible = [
        worth_of(table, waiting, list(chosen))
        for chosen in set(permutations([*places, *[None] * len(waiting)], len(waiting)))
        if all(chosen.count(one) <= free[one] for one in set(chosen) - {None} if one is not None)
    ]
    assert worth(table, waiting, suggested(table, *waiting)) == pytest.approx(max(possible), abs=1e-6)


def worth_of(table: HelperTable, waiting: list[Waiting], helper_ids: list[str | None]) -> float:
    try:
        return worth(table, waiting, helper_ids)
    except ValueError:  # a hard rule stands against one of them
        return 0.0


def crowd(count: int) -> list[Candidate]:
    random = Random(7)  # noqa: S311
    return [
        replace(
            V,
            helper_id=f"helper-{number:03}",
            capacity=random.randint(1, 2),
            languages={"so": random.randint(1, 7)},
            interests=frozenset(random.sample(["chess", "garden", "walks", "films"], 2)),
        )
        for number in range(count)
    ]


def a_list(count: int) -> list[Waiting]:
    words = ["chess", "garden", "walks", "films"]
    return [
        waits(question(request_id=f"r{number}", wishes=replace_interest(words[number % 4])), days=number % 50)
        for number in range(count)
    ]


def replace_interest(word: str) -> Wishes:
    return SOMALI.model_copy(update={"interests": (word,)})


def test_the_order_of_requests_and_rows_changes_nothing() -> None:
    helpers, waiting = crowd(60), a_list(120)
    table, other = table_of(*helpers), table_of(*reversed(helpers))
    once = dict(zip((one.question.request_id for one in waiting), suggested(table, *waiting), strict=True))
    waiting.reverse()
    again = dict(zip((one.question.request_id for one in waiting), suggested(other, *waiting), strict=True))
    assert once == again


def test_a_snapshot_answers_as_the_table_does() -> None:
    table, waiting = table_of(*crowd(77)), a_list(100)
    snapshot = Snapshot.of(table, [one.question for one in waiting])
    assert assign(snapshot, waiting) == assign(table, waiting)


@pytest.mark.long
async def test_a_process_of_its_own_answers_the_same() -> None:
    table, waiting = table_of(*crowd(40)), a_list(120)
    assert await assign_elsewhere(table, waiting) == assign(table, waiting)
