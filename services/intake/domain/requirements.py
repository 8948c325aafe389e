"""What a volunteer shows before approval for a role, as a list of named policies (S2.22-S2.27, S4.5, S4.19).

Each policy answers one question about what was shown; a role asks only for what its programme's policy names.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from math import fsum

from contracts.intake import CertificateShown, GuidanceGiven, InterviewHeld, TrainingAttended
from contracts.policy import Policy, RoleRequirements


def total_hours(sessions: Iterable[TrainingAttended | GuidanceGiven]) -> float:
    """To the hundredth: 24 half hours are 12.0."""
    return round(fsum(session.hours for session in sessions), 2)


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody showed so far, whether they applied or not.

    `sessions` has the newest attendance of each session, `signed` every text version signed, `certificates` the last
    seen of each kind, `interview` the last talk.
    """

    sessions: Mapping[str, TrainingAttended] = field(default_factory=dict)
    signed: frozenset[str] = frozenset()
    certificates: Mapping[str, CertificateShown] = field(default_factory=dict)
    interview: InterviewHeld | None = None

    @property
    def hours(self) -> float:
        """Hours attended over all sessions, to the hundredth: 24 half hours are 12.0 (S2.22)."""
        return total_hours(self.sessions.values())

    @property
    def modules(self) -> frozenset[str]:
        return frozenset(module for session in self.sessions.values() for module in session.modules)


@dataclass(frozen=True, slots=True)
class Requirement:
    """`is_asked` tells whether a role has it at all, `is_met` whether what was shown is enough on that day."""

    name: str
    is_asked: Callable[[RoleRequirements], bool]
    is_met: Callable[[RoleRequirements, Shown, date], bool]


def _has_certificate(needs: RoleRequirements, shown: Shown, today: date) -> bool:
    seen = shown.certificates.get(needs.certificate or "")
    return seen is not None and (seen.valid_until is None or today <= seen.valid_until)


REQUIREMENTS: Sequence[Requirement] = (
    Requirement("hours", lambda needs: needs.hours > 0, lambda needs, shown, _: shown.hours >= needs.hours),
    Requirement(
        "modules", lambda needs: bool(needs.modules), lambda needs, shown, _: shown.modules.issuperset(needs.modules)
    ),
    Requirement(
        "confidentiality",
        lambda needs: needs.confidentiality is not None,
        lambda needs, shown, _: needs.confidentiality in shown.signed,
    ),
    Requirement("certificate", lambda needs: needs.certificate is not None, _has_certificate),
    Requirement(
        "talk",
        lambda needs: needs.talk,
        lambda _, shown, __: shown.interview is not None and shown.interview.outcome == "suitable",
    ),
)


def missing(policy: Policy, roles: Iterable[str], shown: Shown, *, today: date) -> tuple[str, ...]:
    """The names of requirements that any of the roles has and that are not met, in the order of the list."""
    needs = [policy.roles[role] for role in roles]
    return tuple(
        requirement.name
        for requirement in REQUIREMENTS
        if any(requirement.is_asked(need) and not requirement.is_met(need, shown, today) for need in needs)
    )


def met(policy: Policy, roles: Iterable[str], shown: Shown, *, today: date) -> tuple[str, ...]:
    """The names of requirements that the roles have and that are met for all of them."""
    needs = [policy.roles[role] for role in roles]
    asked = {requirement.name for requirement in REQUIREMENTS if any(requirement.is_asked(need) for need in needs)}
    gone = missing(policy, roles, shown, today=today)
    return tuple(requirement.name for requirement in REQUIREMENTS if requirement.name in asked.difference(gone))


def valid_until(policy: Policy, roles: Iterable[str], shown: Shown) -> date | None:
    """The last day on which every certificate that the roles ask for is valid; None when nothing runs out."""
    kinds = {policy.roles[role].certificate for role in roles}
    ends = [seen.valid_until for kind, seen in shown.certificates.items() if kind in kinds and seen.valid_until]
    return min(ends, default=None)


def newest_texts(policy: Policy) -> frozenset[str]:
    """The confidentiality texts that may be signed now (S2.24)."""
    return frozenset(needs.confidentiality for needs in policy.roles.values() if needs.confidentiality is not None)
