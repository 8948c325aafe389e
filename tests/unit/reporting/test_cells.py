"""Small groups of people: neither shown nor to be worked out."""

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis.strategies import dictionaries, integers, sampled_from

from services.reporting.figures.cells import Breakdown, Cell, breakdown, part_of

COUNTS = dictionaries(sampled_from("abcdefgh"), integers(0, 20), max_size=8)
LEAST = integers(1, 10)


def shown(found: Breakdown) -> dict[str, int | None]:
    return {cell.group: cell.count for cell in found.cells}


def test_large_groups_are_shown() -> None:
    assert breakdown({"friends": 7, "web": 5}, 5) == Breakdown(
        min_cell=5, withheld=False, cells=[Cell(group="friends", count=7), Cell(group="web", count=5)]
    )


def test_a_small_group_takes_the_next_smallest_with_it() -> None:
    assert shown(breakdown({"friends": 30, "web": 12, "shelter": 1}, 5)) == {
        "friends": 30,
        "web": None,
        "shelter": None,
    }


def test_two_small_groups_take_a_third_when_together_they_are_still_few() -> None:
    assert shown(breakdown({"a": 30, "b": 12, "c": 1, "d": 2}, 5)) == {"a": 30, "b": None, "c": None, "d": None}


def test_two_small_groups_that_are_many_together_hide_nothing_else() -> None:
    assert shown(breakdown({"a": 30, "b": 12, "c": 3, "d": 2}, 5)) == {"a": 30, "b": 12, "c": None, "d": None}


def test_where_all_are_few_not_even_the_groups_are_named() -> None:
    assert breakdown({"acute_over": 1, "residents_only": 3}, 5) == Breakdown(min_cell=5, withheld=True, cells=[])


def test_nobody_is_not_a_secret() -> None:
    assert breakdown({"acute_over": 0}, 5) == Breakdown(min_cell=5, withheld=False, cells=[])


@given(COUNTS, LEAST)
def test_no_group_under_the_limit_is_ever_shown(counts: dict[str, int], least: int) -> None:
    assert [count for count in shown(breakdown(counts, least)).values() if count is not None and count < least] == []


def test_groups_of_one_size_are_hidden_together_since_which_of_them_is_hidden_would_tell() -> None:
    assert shown(breakdown({"a": 5, "b": 5, "c": 2, "d": 9}, 3)) == {"a": None, "b": None, "c": None, "d": 9}


def test_small_groups_of_one_size_take_another_since_their_sum_would_tell() -> None:
    assert shown(breakdown({"a": 1, "b": 1, "c": 3, "d": 9}, 2)) == {"a": None, "b": None, "c": None, "d": 9}


def test_where_nothing_is_left_to_show_not_even_the_groups_are_named() -> None:
    assert breakdown({"a": 1, "b": 1, "c": 1}, 2) == Breakdown(min_cell=2, withheld=True, cells=[])


GROUPS = 4


def divisions(total: int, groups: int = GROUPS) -> Iterator[tuple[int, ...]]:
    """Every way in which so many people may fall into so many groups."""
    if groups == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in divisions(total - first, groups - 1):
            yield (first, *rest)


def told(division: tuple[int, ...], least: int) -> str:
    return breakdown(dict(zip("abcd", division, strict=True)), least).model_dump_json()


@pytest.mark.requirement("S0.9")
@pytest.mark.parametrize("least", range(2, 7))
@pytest.mark.parametrize("total", range(1, 17))
def test_who_knows_the_sum_and_this_rule_cannot_work_out_a_hidden_group(total: int, least: int) -> None:
    """Everybody who sees an answer may try every division that would give it: none of the hidden groups is certain."""
    possible: dict[str, list[tuple[int, ...]]] = {}
    for division in divisions(total):
        possible.setdefault(told(division, least), []).append(division)
    for answer, alike in possible.items():
        found = Breakdown.model_validate_json(answer)
        hidden = [i for i, group in enumerate("abcd") if found.withheld or shown(found).get(group, 0) is None]
        assert all(len({division[i] for division in alike}) > 1 for i in hidden), (answer, alike)


@given(COUNTS, LEAST)
@settings(max_examples=300)
def test_hidden_groups_are_enough_people_of_more_than_one_size(counts: dict[str, int], least: int) -> None:
    found = breakdown(counts, least)
    hidden = [counts[group] for group, count in shown(found).items() if count is None]
    assert not hidden or (sum(hidden) >= least and len(set(hidden)) > 1)


@given(integers(0, 30), integers(0, 30), integers(1, 10))
def test_what_few_share_or_nearly_all_share_is_not_told(part: int, rest: int, least: int) -> None:
    assert part_of(part, part + rest, least) == (part if part >= least and rest >= least else None)


@given(COUNTS, LEAST)
def test_what_is_shown_is_true_and_nobody_is_left_out(counts: dict[str, int], least: int) -> None:
    found = breakdown(counts, least)
    assert all(count == counts[group] for group, count in shown(found).items() if count is not None)
    assert found.withheld or set(shown(found)) == {group for group, count in counts.items() if count}


@given(COUNTS)
def test_with_a_limit_of_one_everything_is_shown(counts: dict[str, int]) -> None:
    assert shown(breakdown(counts, 1)) == {group: count for group, count in counts.items() if count}
