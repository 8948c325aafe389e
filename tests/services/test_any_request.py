"""A request in the hands of three, in any order: one owner, one waiting date, and an end that is one (S2.31, S3.3)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pymongo import AsyncMongoClient

from tests.services.intake_front import STAFF, Front, front_of, running_intake
from tests.support.stack import Addresses

Json = dict[str, Any]
STAFF_NAMES = ("staff-1", "staff-2", "staff-3")
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)


@dataclass(frozen=True, slots=True)
class Try:
    """Somebody of the staff does something; `to` is whom they ask."""

    who: str
    step: str
    to: str | None = None

    @property
    def body(self) -> Json | None:
        bodies: dict[str, Json] = {"hand-over": {"to": self.to}, "parking": {}, "amendment": {"what": "Now this."}}
        return bodies.get(self.step)


@dataclass(slots=True)
class Expected:
    """The rules once more, in the simplest words: which answer each try gets."""

    status: str = "posted"
    owner: str | None = None
    asked: str | None = None
    declined_by: str | None = None
    bounces: int = 0
    is_escalated: bool = False

    def answer(self, tried: Try) -> str | None:
        """The rule that says no, or None; then what was tried has happened."""
        if self.status == "withdrawn":
            return None if tried.step == "withdrawal" else "request_over"
        match tried.step:
            case "take-up":
                return self._take_up(tried.who)
            case "parking":
                self.status = "parked"
            case "resumption":
                self.status = "posted" if self.owner is None else "taken-up"
            case "withdrawal":
                self.status, self.asked = "withdrawn", None
            case "hand-over":
                return self._ask(tried)
            case "hand-over/acceptance":
                return self._accept(tried.who)
            case "hand-over/decline":
                return self._decline(tried.who)
            case _:
                pass
        return None

    def _take_up(self, who: str) -> str | None:
        if self.status == "parked":
            return "request_parked"
        if self.owner not in (None, who):
            return "already_taken_up"
        self.status, self.owner = "taken-up", who
        return None

    def _ask(self, tried: Try) -> str | None:
        if self.owner is None:
            return "no_owner_yet"
        if self.owner != tried.who:
            return "not_the_owner"
        if self.owner == tried.to:
            return "hand_over_to_owner"
        if self.asked not in (None, tried.to):
            return "hand_over_open"
        if self.asked is None:
            self.asked, self.declined_by = tried.to, None
        return None

    def _accept(self, who: str) -> str | None:
        if self.asked is None and self.owner == who:
            return None
        if self.asked != who:
            return "no_hand_over"
        self.owner, self.asked, self.is_escalated = who, None, False
        return None

    def _decline(self, who: str) -> str | None:
        if self.asked is None and self.declined_by == who:
            return None
        if self.asked != who:
            return "no_hand_over"
        self.asked, self.declined_by, self.bounces = None, who, self.bounces + 1
        self.is_escalated = self.is_escalated or self.bounces > 2
        return None

    @property
    def waiting_for(self) -> list[str]:
        if self.status == "withdrawn":
            return []
        return ["hand-over"] * (self.asked is not None) + ["escalated"] * self.is_escalated


names = st.sampled_from(STAFF_NAMES)
alone = st.sampled_from(["take-up", "take-up", "parking", "resumption", "amendment"])
answers = st.sampled_from(["hand-over/acceptance", "hand-over/decline", "hand-over/decline"])
tries = st.one_of(
    st.builds(Try, names, alone),
    st.builds(Try, names, answers),
    st.builds(Try, names, st.just("hand-over"), names),
    st.builds(Try, names, st.just("hand-over"), names),
)
courses = st.tuples(
    st.lists(tries, min_size=5, max_size=25),
    st.lists(st.one_of(st.just(Try("staff-1", "withdrawal")), tries), max_size=4),
).map(lambda parts: [Try("staff-1", "take-up"), *parts[0], *parts[1]])


@pytest.fixture(scope="module")
async def front(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Front]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield await front_of(service)


@pytest.mark.requirement("S3.3", "S2.31", "S2.8")
@pytest.mark.timeout(300)
@settings(max_examples=20, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(course=courses)
async def test_a_request_has_one_owner_and_one_waiting_date_in_any_order(front: Front, course: list[Try]) -> None:
    wish = {"programme": "walking-friends", "person_id": await front.register(), "what": "A friend."}
    asked = wish | {"gates": {"acute_over": True}, "needed_since": "2026-01-15"}
    last = await front.post("/v1/requests", asked)
    path, expected = last.headers["Location"], Expected()
    for tried in course:
        bearer = front.service.bearer(front.tenant, *STAFF, subject=tried.who)
        answer = await front.post(f"{path}/{tried.step}", tried.body, headers=bearer)
        rule = expected.answer(tried)
        if rule is not None:
            assert (answer.status_code in (409, 422), answer.json()["rule"]) == (True, rule), tried
            continue
        assert answer.status_code == 200, (tried, answer.text)
        assert (answer.json()["status"], answer.json()["owner"]) == (expected.status, expected.owner), tried
        last = answer
    shown = (await front.get(path, after=last)).json()
    assert (shown["status"], shown["owner"], shown["waiting_since"]) == (
        expected.status,
        expected.owner,
        "2026-01-15",
    )
    assert (shown["hand_over_to"], shown["bounces"], shown["waiting_for"]) == (
        expected.asked,
        expected.bounces,
        expected.waiting_for,
    )
