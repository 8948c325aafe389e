"""Ranking: the kernel says what plain words say, and it moves with nothing but the wishes."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.intake import LanguageSkill, Wishes
from contracts.policy import Weights
from services.matching.ranking.criteria import Candidate, Question, Terms, rotation, salt
from services.matching.ranking.explain import explain, rank_plainly, why_not
from services.matching.ranking.kernel import best
from services.matching.ranking.rank import look_at, pass_over, rank
from services.matching.ranking.table import HelperTable

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
TODAY = NOW.date()

TERMS = Terms(version=2, roles=frozenset({"ressursvenn"}), weights=Weights(lived_experience=1))
V = Candidate(
    helper_id="v",
    listed=True,
    roles=frozenset({"ressursvenn"}),
    capacity=1,
    taken=0,
    policy_version=2,
    until=None,
    free_since=NOW,
)


def question(**different: Any) -> Question:
    usual = {
        "request_id": "request-18",
        "requester_id": "p",
        "wishes": Wishes(),
        "category": None,
        "terms": TERMS,
        "today": TODAY,
        "now": NOW,
    }
    return Question(**{**usual, **different})


def codes(candidate: Candidate, **different: Any) -> dict[str, float]:
    return {reason.code: reason.points for reason in explain(candidate, question(**different)).reasons}


@pytest.mark.parametrize(
    ("candidate", "rule"),
    [
        (replace(V, helper_id="p"), "same_person"),
        (replace(V, listed=False), "not_listed"),
        (replace(V, until=TODAY - timedelta(days=1)), "approval_expired"),
        (replace(V, policy_version=1), "approval_outdated"),
        (replace(V, taken=1), "no_free_slot"),
        (replace(V, roles=frozenset({"speaker"})), "role_does_not_fit"),
        (replace(V, in_peace=True), "fristed"),
    ],
)
def test_every_hard_rule_has_a_name(candidate: Candidate, rule: str) -> None:
    assert why_not(candidate, question()) == (rule,)


def test_who_was_proposed_before_is_not_listed_again() -> None:
    assert why_not(V, question(proposed=frozenset({"v"}))) == ("proposed_before",)


def test_a_category_for_authorities_suits_no_helper() -> None:
    assert why_not(V, question(terms=replace(TERMS, category_fits=False))) == ("category_does_not_fit",)


def test_all_rules_that_stand_against_a_helper_are_named() -> None:
    assert why_not(replace(V, listed=False, taken=1), question()) == ("not_listed", "no_free_slot")


@pytest.mark.requirement("S2.12")
def test_a_language_counts_by_how_well_it_is_spoken() -> None:
    wishes = Wishes(languages=(LanguageSkill(code="so", level="b1"), LanguageSkill(code="nb", level="a2")))
    assert codes(replace(V, languages={"so": 3, "nb": 7}), wishes=wishes) == {"languages": 3.0}
    assert codes(replace(V, languages={"nb": 7}), wishes=wishes) == {"languages": 1.5}
    assert codes(replace(V, languages={"so": 1}), wishes=wishes) == {"languages": 0.375}
    assert codes(V, wishes=wishes) == {}


@pytest.mark.requirement("S3.20")
def test_what_the_request_is_about_counts_as_an_interest() -> None:
    gardener = replace(V, interests=frozenset({"garden"}))
    assert codes(gardener, category="garden", wishes=Wishes(interests=("Chess ",))) == {"interests": 0.5}


@pytest.mark.requirement("S2.18")
def test_every_wished_form_of_support_counts_its_share() -> None:
    helper = replace(V, support_forms=frozenset({"talk", "guide"}))
    assert codes(helper, wishes=Wishes(support_forms=("talk", "guide"))) == {"support_forms": 2.0}
    assert codes(helper, wishes=Wishes(support_forms=("talk", "norwegian"))) == {"support_forms": 1.0}


@pytest.mark.requirement("S1.17")
def test_near_postcodes_count_in_part() -> None:
    points = [codes(replace(V, area=area), wishes=Wishes(area="2950")) for area in ("2950", "2955", "2970", "2100")]
    assert points == [{"area": 1.0}, {"area": 0.75}, {"area": 0.5}, {"area": 0.25}]
    assert codes(replace(V, area="Vedbæk"), wishes=Wishes(area="Vedbæk")) == {"area": 1.0}
    assert codes(replace(V, area="Vedbæk"), wishes=Wishes(area="2950")) == {}


@pytest.mark.requirement("S2.6")
def test_gender_is_asked_only_when_it_was_wished() -> None:
    wished = question(wishes=Wishes(gender="woman"))
    assert why_not(replace(V, gender="woman"), wished) == ()
    assert why_not(replace(V, gender="man"), wished) == ("gender_not_wished",)
    assert why_not(V, wished) == ("gender_not_wished",)
    assert why_not(V, question()) == ()


@pytest.mark.requirement("S1.16")
def test_who_waited_longer_to_be_chosen_counts_more_up_to_a_year() -> None:
    assert codes(replace(V, free_since=NOW - timedelta(days=73))) == {"waited_to_be_chosen": 0.2}
    assert codes(replace(V, free_since=NOW - timedelta(days=1000))) == {"waited_to_be_chosen": 1.0}


@pytest.mark.requirement("S2.13", "S4.16")
def test_lived_experience_counts_only_on_both_peoples_own_word() -> None:
    told = frozenset({"v"})
    assert codes(V, wishes=Wishes(lived_experience=True), experienced=told) == {"lived_experience": 1.0}
    assert codes(V, wishes=Wishes(lived_experience=True)) == {}
    assert codes(V, experienced=told) == {}


@pytest.mark.requirement("S2.11", "S3.31")
def test_ranking_has_no_place_for_age_origin_or_a_special_category() -> None:
    looked_at = {field.name for field in fields(Candidate)}
    assert looked_at == {
        "helper_id", "listed", "roles", "capacity", "taken", "policy_version", "until", "free_since",
        "languages", "interests", "support_forms", "day_parts", "area", "gender", "in_peace",
    }  # fmt: skip
    assert set(Wishes.model_fields) == {
        "languages", "interests", "support_forms", "day_parts", "area", "gender", "lived_experience",
    }  # fmt: skip


def test_who_is_not_in_the_table_is_not_listed() -> None:
    assert look_at(HelperTable(), "nobody", question()).why_not == ("not_listed",)


WORDS = st.frozensets(st.sampled_from(["chess", "garden", "talk", "walks"]), max_size=3)
LANGUAGES = st.sampled_from(["nb", "so", "ar"])
AREAS = st.none() | st.sampled_from(["0150", "0151", "2950", "Vedbæk", "Sandefjord"])
CANDIDATES = st.builds(
    Candidate,
    helper_id=st.sampled_from([f"helper-{number}" for number in range(80)]),
    listed=st.sampled_from([True, True, True, False]),
    roles=st.frozensets(st.sampled_from(["ressursvenn", "speaker"]), max_size=2),
    capacity=st.integers(1, 2),
    taken=st.integers(0, 2),
    policy_version=st.integers(1, 3),
    until=st.none() | st.dates(TODAY - timedelta(days=2), TODAY + timedelta(days=2)),
    free_since=st.sampled_from([NOW - timedelta(days=days, microseconds=days) for days in (0, 1, 80, 500)]),
    languages=st.dictionaries(LANGUAGES, st.integers(1, 7)),
    interests=WORDS,
    support_forms=WORDS,
    day_parts=st.frozensets(st.sampled_from(["day", "afternoon", "evening"])),
    area=AREAS,
    gender=st.none() | st.sampled_from(["woman", "man", "other"]),
    in_peace=st.sampled_from([False, False, False, True]),
)
WISHES = st.builds(
    Wishes,
    languages=st.lists(st.builds(LanguageSkill, code=LANGUAGES), max_size=3).map(tuple),
    interests=WORDS.map(tuple),
    support_forms=WORDS.map(tuple),
    day_parts=st.frozensets(st.sampled_from(["day", "afternoon", "evening"])).map(tuple),
    area=AREAS,
    gender=st.none() | st.sampled_from(["woman", "man", "other"]),
    lived_experience=st.booleans(),
)
POINTS = st.floats(0, 10, allow_subnormal=False)
QUESTIONS = st.builds(
    Question,
    request_id=st.sampled_from(["request-1", "request-2"]),
    requester_id=st.sampled_from(["helper-0", "p"]),
    wishes=WISHES,
    category=st.none() | st.just("garden"),
    terms=st.builds(
        Terms,
        version=st.integers(1, 2),
        roles=st.sampled_from([frozenset(), frozenset({"ressursvenn"})]),
        weights=st.builds(Weights, languages=POINTS, interests=POINTS, area=POINTS, lived_experience=POINTS),
        category_fits=st.sampled_from([True, True, True, False]),
    ),
    today=st.just(TODAY),
    now=st.just(NOW),
    proposed=st.frozensets(st.just("helper-1")),
    experienced=st.frozensets(st.sampled_from(["helper-2", "helper-3", "gone"])),
    kept_apart=st.frozensets(st.sampled_from(["helper-4", "gone"])),
    requester_in_peace=st.sampled_from([False, False, False, True]),
)
CHANGES = st.lists(CANDIDATES | st.sampled_from([f"helper-{number}" for number in range(80)]), max_size=120)


def played(changes: list[Candidate | str]) -> tuple[HelperTable, dict[str, Candidate]]:
    """A table and a plain dictionary that went through the same changes; an id alone means: removed."""
    table = HelperTable()
    plain: dict[str, Candidate] = {}
    for change in changes:
        if isinstance(change, str):
            table.remove(change)
            plain.pop(change, None)
        else:
            table.put(change)
            plain[change.helper_id] = change
    return table, plain


@pytest.mark.long
@given(CHANGES, QUESTIONS, st.integers(1, 30))
def test_the_kernel_says_what_plain_words_say(changes: list[Candidate | str], asked: Question, limit: int) -> None:
    table, plain = played(changes)
    assert rank(table, asked, limit=limit) == rank_plainly(plain.values(), asked, limit=limit)
    assert list(best(table, asked, limit=limit).scores) == [
        ranked.score for ranked in rank_plainly(plain.values(), asked, limit=limit)
    ]
    for candidate in plain.values():
        assert look_at(table, candidate.helper_id, asked) == explain(candidate, asked)


@given(CHANGES, QUESTIONS)
@pytest.mark.requirement("S2.30")
def test_everybody_is_ranked_or_passed_over_with_a_reason(changes: list[Candidate | str], asked: Question) -> None:
    """Save who asks, and who is nobody to them."""
    table, plain = played(changes)
    ranked = {one.helper_id for one in rank(table, asked, limit=100)}
    others = pass_over(table, asked, limit=100)
    assert sorted([*ranked, *(one.helper_id for one in others)]) == sorted(
        plain.keys() - {asked.requester_id} - asked.kept_apart
    )
    assert others == [explain(plain[one.helper_id], asked) for one in others]
    assert all(one.why_not for one in others)
    is_ready = [plain[one.helper_id].listed for one in others]
    assert is_ready == sorted(is_ready, reverse=True)
    assert pass_over(table, asked, limit=2) == others[:2]


@given(CHANGES, QUESTIONS)
def test_the_order_does_not_depend_on_who_came_into_the_table_first(
    changes: list[Candidate | str], asked: Question
) -> None:
    table, plain = played(changes)
    other, _ = played(list(reversed(plain.values())))
    assert rank(table, asked, limit=30) == rank(other, asked, limit=30)


def test_equals_take_turns_from_request_to_request() -> None:
    table = HelperTable()
    for number in range(20):
        table.put(replace(V, helper_id=f"helper-{number:02}"))
    firsts = {rank(table, question(request_id=f"request-{n}"), limit=1)[0].helper_id for n in range(200)}
    assert len(firsts) == 20


def test_among_equals_who_was_not_chosen_for_longer_comes_first() -> None:
    table = HelperTable()
    long_ago, longer_ago = NOW - timedelta(days=400), NOW - timedelta(days=500)
    table.put(replace(V, helper_id="a", free_since=long_ago))
    table.put(replace(V, helper_id="b", free_since=longer_ago))
    assert [ranked.helper_id for ranked in rank(table, question(), limit=2)] == ["b", "a"]


def test_the_rotation_is_known_to_the_bit() -> None:
    assert rotation(salt("helper"), salt("request")) == rotation(salt("helper"), salt("request"))
    assert rotation(0, 0) == 0xE220A8397B1DCDAF  # the first number of splitmix64 with seed 0


def test_a_helper_until_the_last_day_is_a_candidate() -> None:
    table = HelperTable()
    table.put(replace(V, until=date(2026, 3, 1)))
    assert [ranked.helper_id for ranked in rank(table, question(), limit=5)] == ["v"]
