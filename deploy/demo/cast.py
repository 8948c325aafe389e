"""The invented people of a run. Every run brings new ones, so that a second run goes on with what is there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils import uuid7

Json = dict[str, Any]

TENANT = PROGRAMME = "oslo"
COORDINATOR = "demo-coordinator"
WAITED_DAYS = 21

_HELPERS = ("Runa Eksempel", "Tora Oppdiktet", "Sigrid Prøve", "Åse Eksempel", "Liv Oppdiktet")
_PARTICIPANTS = ("Amina Oppdiktet", "Solveig Eksempel", "Maja Prøve", "Inger Oppdiktet", "Fatima Eksempel")

_COORDINATOR_SCOPES = (
    "programmes:manage programmes:read people:read people:write requests:read requests:write volunteering:manage "
    "matching:read matching:manage figures:read messages:read"
)


@dataclass(frozen=True, slots=True)
class Cast:
    """`run` is new for each run and stands in every id the sender gives."""

    run: str
    helper_id: str
    helper_name: str
    participant_name: str

    @property
    def helper_mail(self) -> str:
        return f"helper-{self.run}@example.org"

    @property
    def participant_mail(self) -> str:
        return f"participant-{self.run}@example.org"

    def referral(self, number: str, **changes: Any) -> Json:
        """What the municipality knows of the participant, under its own number."""
        person = {
            "reference": f"citizen-{number}-{self.run}",
            "name": self.participant_name,
            "birth_date": "1988-05-17",
            "language": "nn",
            "languages": [{"code": "nb", "level": "b1"}, {"code": "so", "level": "native"}],
            "email": self.participant_mail,
        }
        return {
            "referral_id": f"{number}-{self.run}",
            "programme": PROGRAMME,
            "person": person,
            "what": "Somebody to practise Norwegian and walk with, once a week.",
            "wishes": {
                "languages": [{"code": "so", "level": "b1"}],
                "support_forms": ["norwegian", "guide"],
                "day_parts": ["evening"],
            },
            "gates": {"acute_over": True},
            "needed_since": (date.today() - timedelta(days=WAITED_DAYS)).isoformat(),  # noqa: DTZ011 (the sender's day)
            "agreed_with_person": True,
            **changes,
        }


def new_cast() -> Cast:
    now = datetime.now(UTC)
    place = int(now.timestamp())
    return Cast(
        run=now.strftime("%y%m%d%H%M%S"),
        helper_id=str(UUID(str(uuid7()))),
        helper_name=_HELPERS[place % len(_HELPERS)],
        participant_name=_PARTICIPANTS[place % len(_PARTICIPANTS)],
    )


def coordinator(tenant: str) -> Json:
    """Somebody who answers for a programme in a tenant."""
    return {"subject": f"{tenant}-{COORDINATOR}", "tenant": tenant, "scopes": _COORDINATOR_SCOPES.split()}


_OWN_SCOPES = "requests:read requests:write volunteering:apply matching:answer messages:own programmes:read"


def human(subject: str, person_id: str, *, name: str, who: str) -> Json:
    """Somebody whom whoever watches the demo can choose to be."""
    return {**person(subject, person_id, *_OWN_SCOPES.split()), "name": name, "who": who}


def person(subject: str, person_id: str, *scopes: str) -> Json:
    """Somebody who logs in as themselves."""
    return {"subject": subject, "tenant": TENANT, "scopes": list(scopes), "person": person_id}
