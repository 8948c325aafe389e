"""Chances are shared (S1.16): equals take turns at being first, and who was chosen comes after who was not."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from math import sqrt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.matching.ranking.batch import Waiting, assign
from services.matching.ranking.rank import rank
from services.matching.ranking.table import HelperTable
from tests.unit.matching.test_ranking import NOW, TODAY, V, question

IDS = st.lists(st.text("abcdef0123456789-", min_size=1, max_size=20), min_size=2, max_size=10, unique=True)


def equals(ids: list[str]) -> HelperTable:
    """Helpers who differ in nothing but their ids."""
    table = HelperTable()
    for helper_id in ids:
        table.put(replace(V, helper_id=helper_id))
    return table


@pytest.mark.long
@pytest.mark.requirement("S1.16")
@given(IDS, st.text("abcdef", min_size=1, max_size=8))
@settings(max_examples=15)
def test_each_of_equals_is_first_about_as_often_as_every_other(ids: list[str], series: str) -> None:
    table, usual = equals(ids), 200
    asked = [question(request_id=f"{series}-{number}") for number in range(usual * len(ids))]
    firsts = Counter(rank(table, one, limit=1)[0].helper_id for one in asked)
    assert max(abs(firsts[helper_id] - usual) for helper_id in ids) < 6 * sqrt(usual)


@pytest.mark.requirement("S1.16")
def test_each_of_equals_is_suggested_about_as_often_as_every_other() -> None:
    table, usual = equals([f"helper-{number}" for number in range(5)]), 60
    lists = [Waiting(question(request_id=f"request-{number}"), TODAY) for number in range(5 * usual)]
    given_to = Counter(assign(table, [one]).rows[0] for one in lists)
    assert max(abs(given_to[row] - usual) for row in range(5)) < 6 * sqrt(usual)


@pytest.mark.requirement("S1.16")
@given(IDS)
@settings(max_examples=30)
def test_nobody_is_chosen_again_before_everybody_else_was(ids: list[str]) -> None:
    table = equals(ids)
    chosen: list[str] = []
    for day in range(1, 3 * len(ids) + 1):
        now = NOW + timedelta(days=day)
        asked = question(request_id=f"request-{day}", now=now, today=now.date())
        chosen.append(rank(table, asked, limit=1)[0].helper_id)
        table.put(replace(V, helper_id=chosen[-1], free_since=now))
    rounds = [chosen[first : first + len(ids)] for first in range(0, len(chosen), len(ids))]
    assert [sorted(one) for one in rounds] == [sorted(ids)] * 3
