"""Small groups of people: neither shown nor to be worked out."""

from hypothesis import given
from hypothesis.strategies import dictionaries, integers, sampled_from

from services.reporting.figures.cells import Breakdown, Cell, breakdown

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


@given(COUNTS, LEAST)
def test_who_knows_the_sum_cannot_work_out_a_hidden_group(counts: dict[str, int], least: int) -> None:
    found = breakdown(counts, least)
    hidden = [group for group, count in shown(found).items() if count is None]
    assert len(hidden) != 1
    assert not hidden or sum(counts[group] for group in hidden) >= least


@given(COUNTS, LEAST)
def test_what_is_shown_is_true_and_nobody_is_left_out(counts: dict[str, int], least: int) -> None:
    found = breakdown(counts, least)
    assert all(count == counts[group] for group, count in shown(found).items() if count is not None)
    assert found.withheld or set(shown(found)) == {group for group, count in counts.items() if count}


@given(COUNTS)
def test_with_a_limit_of_one_everything_is_shown(counts: dict[str, int]) -> None:
    assert shown(breakdown(counts, 1)) == {group: count for group, count in counts.items() if count}
