"""A programme is data: every file is a policy, and a field nobody knows is an error."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from contracts.base import JsonObject
from contracts.policy import Policy

PROGRAMMES = Path(__file__).parents[2] / "deploy" / "programmes"


def test_every_programme_of_ours_is_a_policy() -> None:
    policies = {
        path.stem: Policy.model_validate(yaml.safe_load(path.read_text())) for path in PROGRAMMES.glob("*.yaml")
    }
    stored = {
        name: Policy.model_validate_json(policy.model_dump_json(by_alias=True)) for name, policy in policies.items()
    }

    assert len(policies) >= 5
    assert stored == policies


def test_a_programme_nobody_wrote_rules_for_has_the_defaults() -> None:
    policy = Policy.model_validate({})

    assert (policy.capacity, policy.review, policy.warn_days, policy.min_cell) == (1, "P3M", 30, 5)


@pytest.mark.parametrize(
    ("written", "field"),
    [
        ({"maximum_length": "P1Y"}, "maximum_length"),
        ({"roles": {"walker": {"certificates": "police"}}}, "roles.walker.certificates"),
        ({"gates": [{"code": "ok", "confirmed_by": "coordinator"}]}, "gates.0.otherwise"),
        ({"capacity": 0}, "capacity"),
        ({"max_length": "one year"}, "max_length"),
        ({"mandate": {"from": "2026-01-01", "to": "2025-01-01"}}, "mandate"),
        ({"categories": [{"code": "shopping", "safeguards": ["dog"]}]}, "categories.0.safeguards.0"),
    ],
)
def test_a_rule_that_is_written_wrongly_is_refused_by_its_field(written: JsonObject, field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Policy.model_validate(written)

    assert [".".join(map(str, fault["loc"])) for fault in refused.value.errors()] == [field]


def test_approval_without_a_person_needs_its_reason() -> None:
    with pytest.raises(ValidationError, match="say why"):
        Policy.model_validate({"roles": {"member": {"approval": "registration"}}})


def test_a_short_form_is_the_long_one() -> None:
    short = Policy.model_validate({"categories": ["walks"], "kinds": ["meal"], "partners": ["Fjordby sentral"]})

    assert short == Policy.model_validate(
        {
            "categories": [{"code": "walks"}],
            "kinds": [{"code": "meal"}],
            "partners": [{"organisation": "Fjordby sentral"}],
        }
    )


@pytest.mark.parametrize(
    ("day", "mandated"),
    [
        (date(2026, 7, 31), False),
        (date(2026, 8, 1), True),
        (datetime(2028, 7, 31, 23, 59, tzinfo=UTC), True),
        (date(2028, 8, 1), False),
    ],
)
def test_a_mandate_holds_on_its_first_and_its_last_day(day: date, mandated: bool) -> None:
    policy = Policy.model_validate({"mandate": {"from": "2026-08-01", "to": "2028-07-31"}})

    assert policy.is_mandated(day) is mandated
