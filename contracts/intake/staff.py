"""Who may do what: roles granted and taken back, and logins tied to people (S1.9, S3.52). Stored, version with care."""

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.roles import Role


@event("intake.role-granted", version=1)
class RoleGranted(Event):
    """In one programme or in all, at one place or at all, until a moment or until it is taken back.

    `holder` is a keyed hash of a login, which leads to nobody outside the platform, or the pseudonym of a person here.
    """

    grant_id: str
    holder: str
    role: Role
    programme: str | None = None
    place: str | None = None
    until: AwareDatetime | None = None
    granted_at: AwareDatetime


@event("intake.role-taken-back", version=1)
class RoleTakenBack(Event):
    """By whoever may grant it, or given up by its holder."""

    grant_id: str
    holder: str
    taken_back_at: AwareDatetime


@event("intake.login-invited", version=1, internal=True)
class LoginInvited(Event):
    """Whoever brings the code of this stream's id, which is a keyed hash of it, logs in as this person from then on."""

    person_id: str
    expires_at: AwareDatetime


@event("intake.login-linked", version=1)
class LoginLinked(Event):
    """`login` is a keyed hash of issuer and id; no national number is kept."""

    login: str
    person_id: str
    linked_at: AwareDatetime
