"""An invented programme in the manner of the five, and what its tests are told over and over."""

from datetime import UTC, date, datetime
from typing import Any

from contracts.base import Event
from contracts.intake import ConsentScope, Profile, ProgrammeAdopted, Wishes
from contracts.policy import Policy
from contracts.sealed import Sealed
from services.intake.domain.programme import Programme, programme

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)
PERSON = "person-1"

PAIRING: dict[str, Any] = {
    "gates": [{"code": "acute_over", "confirmed_by": "referrer or coordinator", "otherwise": "acute-help"}],
    "min_age": 18,
    "roles": {
        "friend": {
            "hours": 12,
            "modules": ["measure", "role"],
            "confidentiality": "v1",
            "certificate": "police",
            "talk": True,
        },
        "guide": {"hours": 3},
    },
}


def sealed(text: str = "token") -> Sealed[str]:
    return Sealed(subject=PERSON, token=text)


def sealed_profile(text: str = "profile") -> Sealed[Profile]:
    return Sealed(subject=PERSON, token=text)


def sealed_wishes(text: str = "wishes") -> Sealed[Wishes]:
    return Sealed(subject=PERSON, token=text)


def sealed_scope(text: str = "scope") -> Sealed[ConsentScope]:
    return Sealed(subject=PERSON, token=text)


def policy(**fields: Any) -> Policy:
    return Policy.model_validate({**PAIRING, **fields})


def adopted(adopted_policy: Policy | None = None, *, version: int = 1, on: date = TODAY) -> ProgrammeAdopted:
    return ProgrammeAdopted(
        programme="oslo",
        policy=adopted_policy or policy(),
        policy_version=version,
        adopted_by="board",
        adopted_on=on,
    )


def programme_after(*events: Event) -> Programme:
    """The programme as a command gets it, after these events on its stream."""
    return programme.fold(events or [adopted()])
