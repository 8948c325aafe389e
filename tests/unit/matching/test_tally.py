"""What a tally decides: a running number that counts every match once."""

from chassis.testing import given
from contracts.matching import MatchCounted
from services.matching.domain.tally import CountMatch, tally
from tests.unit.matching.examples import PROGRAMME


def counted(match_id: str, number: int, *, milestone: bool = False) -> MatchCounted:
    return MatchCounted(programme=PROGRAMME, match_id=match_id, number=number, milestone=milestone)


def test_the_first_match_is_number_one() -> None:
    assert given(tally).when(CountMatch(PROGRAMME, "a", (100,))) == [counted("a", 1)]


def test_a_match_that_is_told_twice_counts_once() -> None:
    assert given(tally, counted("a", 1), counted("b", 2)).when(CountMatch(PROGRAMME, "a", ())) == []


def test_number_100_is_a_milestone_once() -> None:
    ninety_nine = given(tally, *(counted(f"match-{number}", number) for number in range(1, 100)))
    assert ninety_nine.when(CountMatch(PROGRAMME, "new", (100,))) == [counted("new", 100, milestone=True)]
