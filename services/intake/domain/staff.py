"""Who may do what in a tenant: one stream for all its roles, so that the last administrator cannot leave by a race."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chassis.decider import Decider
from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import RoleGranted, RoleTakenBack
from contracts.roles import SCOPES, Role

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GrantRole:
    """`granter` are the names by which the caller holds roles, `may` what the caller may do where the role is for."""

    grant_id: str
    holder: str
    role: Role
    granter: frozenset[str]
    may: frozenset[str]
    now: datetime
    programme: str | None = None
    place: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class TakeRoleBack:
    """`may` is None for whoever gives up a role of their own."""

    grant_id: str
    taker: frozenset[str]
    may: frozenset[str]
    now: datetime


Command = GrantRole | TakeRoleBack


# refusals -------------------------------------------------------------------------------------------------------------


class GrantNotFound(Refusal):
    """Also what another's looks like, to whoever may not grant it."""

    rule, sentence, status = "grant_not_found", "No role was granted here by that id.", 404


class RoleToYourself(Refusal):
    rule, sentence, status = "role_to_yourself", "Nobody grants a role to themselves.", 403


class RoleBeyondOwn(Refusal):
    rule, sentence, status = "role_beyond_own", "You can only pass on what you may do yourself.", 403


class LastAdministrator(Refusal):
    rule, sentence = "last_administrator", "Somebody has to be able to grant roles here."


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Held:
    holder: str
    role: Role
    programme: str | None
    place: str | None
    until: datetime | None

    def is_administrator(self, now: datetime) -> bool:
        """Of the whole tenant, now."""
        is_wide = self.programme is None and self.place is None
        return self.role == "administrator" and is_wide and (self.until is None or self.until > now)


@dataclass(frozen=True, slots=True)
class Staff:
    """`held` by the ids of grants; `ended` are the ids of those that were taken back."""

    held: Mapping[str, Held] = field(default_factory=dict)
    ended: Mapping[str, Held] = field(default_factory=dict)

    def grant(self, grant_id: str) -> Held | None:
        return self.held.get(grant_id) or self.ended.get(grant_id)


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Staff) -> Sequence[Event]:
    match command:
        case GrantRole():
            return _grant(command, state)
        case TakeRoleBack():
            return _take_back(command, state)


def _grant(command: GrantRole, state: Staff) -> Sequence[Event]:
    wished = Held(command.holder, command.role, command.programme, command.place, command.until)
    if command.grant_id in state.ended or command.grant_id in state.held or wished in state.held.values():
        return []
    if command.holder in command.granter:
        raise RoleToYourself()
    if not SCOPES[command.role] <= command.may | {"roles:own"}:
        raise RoleBeyondOwn(missing=sorted(SCOPES[command.role] - command.may))
    return [
        RoleGranted(
            grant_id=command.grant_id,
            holder=command.holder,
            role=command.role,
            programme=command.programme,
            place=command.place,
            until=command.until,
            granted_at=command.now,
        )
    ]


def _take_back(command: TakeRoleBack, state: Staff) -> Sequence[Event]:
    found = state.grant(command.grant_id)
    if found is None:
        raise GrantNotFound()
    if command.grant_id in state.ended:
        return []
    if found.holder not in command.taker and not SCOPES[found.role] <= command.may | {"roles:own"}:
        raise RoleBeyondOwn(missing=sorted(SCOPES[found.role] - command.may))
    others = (held for grant_id, held in state.held.items() if grant_id != command.grant_id)
    if found.is_administrator(command.now) and not any(held.is_administrator(command.now) for held in others):
        raise LastAdministrator(options=["grant_another_administrator"])
    return [RoleTakenBack(grant_id=command.grant_id, holder=found.holder, taken_back_at=command.now)]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Staff, event: Event) -> Staff:
    match event:
        case RoleGranted(grant_id=grant_id):
            held = Held(event.holder, event.role, event.programme, event.place, event.until)
            return replace(state, held={**state.held, grant_id: held})
        case RoleTakenBack(grant_id=grant_id):
            left = {known: held for known, held in state.held.items() if known != grant_id}
            return replace(state, held=left, ended={**state.ended, grant_id: state.held[grant_id]})
        case _:
            return state


staff: Decider[Command, Staff] = Decider("staff", Staff(), decide, evolve)
STAFF = "roles"
"""The id of the one stream of each tenant."""
