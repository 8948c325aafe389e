"""A programme that others may take over: its rules and its words, and nothing of who runs it now (S1.25)."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict

from contracts.policy import Approval, Mandate, Policy, Residence

_OF_WHO_RUNS_IT = {"status", "approved", "mandate", "part_of", "centres", "partners", "frame", "residence"}


class ResidenceMissing(ValueError):
    """The programme is for those who live in a municipality; whoever adopts it says in which."""


class ProgrammeTemplate(BaseModel):
    """`policy` holds the terms and every category, those added by staff too; no mandate, money, partner or place.

    `residence_grace_days` is set where only residents take part: the municipality is the adopter's own.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    template: Literal[1] = 1
    programme: str
    policy: Policy
    residence_grace_days: int | None = None

    def adopted(self, *, by: str, on: date, municipality: str | None = None, mandate: Mandate | None = None) -> Policy:
        """The policy of who takes it over, to begin as a pilot. Raises ResidenceMissing."""
        residence = None
        if self.residence_grace_days is not None:
            if municipality is None:
                raise ResidenceMissing()
            residence = Residence(municipality=municipality, grace_days=self.residence_grace_days)
        own = {"approved": Approval(by=by, on=on.isoformat()), "mandate": mandate, "residence": residence}
        return self.policy.model_copy(update=own)


def template_of(programme: str, policy: Policy) -> ProgrammeTemplate:
    rules = policy.model_dump(by_alias=True, exclude_defaults=True, exclude=_OF_WHO_RUNS_IT)
    days = None if policy.residence is None else policy.residence.grace_days
    return ProgrammeTemplate(programme=programme, policy=Policy.model_validate(rules), residence_grace_days=days)
