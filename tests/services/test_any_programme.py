"""Programmes nobody wrote yet: whatever a policy asks, approval is refused with exactly what is missing (S2.22-S2.27).

The rules are said here once more, without the code that decides them, and asked over HTTP on the real engines.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
import yaml
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from pymongo import AsyncMongoClient

from tests.services.intake_front import Front, front_of, running_intake
from tests.support.stack import Addresses

Json = dict[str, Any]
Step = tuple[str, Json]
"""The last part of a volunteering's path, and what is sent there."""

MODULES = ("measure", "violence", "shelter", "role", "town", "talking")
NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Every example plays through a service: shrinking one takes minutes, and each is short enough to read."""
SIX_MONTHS: Json = yaml.safe_load("""
roles:
  companion: {hours: 9, modules: [role, town], confidentiality: v1, talk: true}
capacity: 2
max_length: P6M
""")


@dataclass(frozen=True, slots=True)
class Journey:
    """Somebody wants these roles of this programme, and shows what it asks in this order."""

    policy: Json
    roles: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(slots=True)
class Ledger:
    """What was shown so far."""

    hours: dict[str, float] = field(default_factory=dict)
    modules: set[str] = field(default_factory=set)
    texts: set[str] = field(default_factory=set)
    certificates: set[str] = field(default_factory=set)
    has_talked: bool = False

    def note(self, step: str, body: Json) -> None:
        match step:
            case "training":
                self.hours[body["session"]] = body["hours"]
                self.modules.update(body["modules"])
            case "confidentiality":
                self.texts.add(body["text_version"])
            case "certificate":
                self.certificates.add(body["kind"])
            case _:
                self.has_talked = True

    def missing(self, asked: Sequence[Json]) -> list[str]:
        """For all of these roles, in the order in which they are said."""
        gaps = {
            "hours": any(sum(self.hours.values()) < role.get("hours", 0) for role in asked),
            "modules": any(set(role.get("modules", ())) - self.modules for role in asked),
            "confidentiality": any({role.get("confidentiality")} - self.texts - {None} for role in asked),
            "certificate": any({role.get("certificate")} - self.certificates - {None} for role in asked),
            "talk": any(role.get("talk") for role in asked) and not self.has_talked,
        }
        return [name for name, is_missing in gaps.items() if is_missing]


requirements = st.fixed_dictionaries(
    {
        "hours": st.integers(0, 120).map(lambda halves: halves / 2),
        "modules": st.lists(st.sampled_from(MODULES), max_size=6, unique=True),
        "confidentiality": st.sampled_from([None, "v1", "v7"]),
        "certificate": st.sampled_from([None, "police", "children"]),
        "talk": st.booleans(),
    }
)
policies: st.SearchStrategy[Json] = st.fixed_dictionaries(
    {
        "roles": st.fixed_dictionaries({"one": requirements, "two": requirements}),
        "capacity": st.integers(1, 9),
        "max_length": st.sampled_from([None, "P42D", "P6M", "P1Y", "P2Y"]),
    }
)


@st.composite
def journeys(draw: st.DrawFn, policy: Json | None = None) -> Journey:
    made = draw(policies) if policy is None else policy
    roles = draw(st.lists(st.sampled_from(sorted(made["roles"])), min_size=1, unique=True))
    steps = draw(st.permutations(list(_everything(draw, [made["roles"][role] for role in roles]))))
    return Journey(made, tuple(roles), tuple(steps))


def _everything(draw: st.DrawFn, asked: Sequence[Json]) -> list[Step]:
    """All that these roles ask for; the hours fall on several sessions, and so do the modules."""
    sessions: list[Json] = []
    left = max(int(role.get("hours", 0) * 2) for role in asked)
    while left:
        halves = draw(st.integers(min(left, 24), min(left, 48)))
        sessions.append({"session": f"evening-{len(sessions)}", "hours": halves / 2, "modules": []})
        left -= halves
    for module in sorted({module for role in asked for module in role.get("modules", ())}):
        if not sessions or draw(st.booleans()):
            sessions.append({"session": f"evening-{len(sessions)}", "hours": 0, "modules": []})
        draw(st.sampled_from(sessions))["modules"].append(module)
    texts = {str(role["confidentiality"]) for role in asked if role.get("confidentiality")}
    kinds = {str(role["certificate"]) for role in asked if role.get("certificate")}
    return [
        *(("training", session) for session in sessions if session["hours"] or session["modules"]),
        *(("confidentiality", {"text_version": text}) for text in sorted(texts)),
        *(("certificate", {"kind": kind, "purpose": "volunteering"}) for kind in sorted(kinds)),
        *([("interview", {"outcome": "suitable"})] if any(role.get("talk") for role in asked) else []),
    ]


@pytest.fixture(scope="module")
async def front(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Front]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield await front_of(service)


@pytest.mark.requirement("S2.22", "S2.23", "S2.24", "S2.25", "S2.26", "S2.27", "S4.19", "S4.5")
@pytest.mark.timeout(300)
@settings(max_examples=20, phases=NO_SHRINKING, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(journey=st.one_of(journeys(), journeys(SIX_MONTHS)))
@example(journey=Journey({"roles": {"one": {}}}, ("one",), ()))
async def test_approval_is_refused_with_exactly_what_is_missing_until_nothing_is(
    front: Front, journey: Journey
) -> None:
    programme = f"any-{uuid4().hex[:12]}"
    await front.adopt(programme, journey.policy)
    body = {"programme": programme, "person_id": await front.register(), "roles": sorted(journey.policy["roles"])}
    path = (await front.post("/v1/volunteerings", body)).headers["Location"]
    asked, ledger = [journey.policy["roles"][role] for role in journey.roles], Ledger()
    for step, shown in journey.steps:
        missing = ledger.missing(asked)
        assert missing, "every step shows something that is asked"
        refused = await front.post(f"{path}/approval", {"roles": journey.roles})
        assert (refused.status_code, [gap["code"] for gap in refused.json()["missing"]]) == (409, missing)
        answer = await front.post(f"{path}/{step}", shown)
        assert answer.status_code == 200, answer.text
        assert answer.json()["approved_roles"] == []
        ledger.note(step, shown)
    assert ledger.missing(asked) == []
    approved = await front.post(f"{path}/approval", {"roles": journey.roles})
    assert (approved.status_code, approved.json()["approved_roles"]) == (200, sorted(journey.roles)), approved.text
