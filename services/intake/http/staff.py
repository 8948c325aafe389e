"""Roles over HTTP: granted, taken back, listed; and a login that comes to mean a person here (S1.9, S3.52)."""

import secrets
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, Field, model_validator

from chassis.auth import Principal
from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.grants import holder_of
from chassis.http import CommandBody, Commanded, Id, Router, answer, caller, commanded_by
from chassis.keyring import Keyring
from contracts.envelope import StreamId
from contracts.roles import Role
from services.intake.domain.invitation import InviteLogin, LinkLogin, invitation
from services.intake.domain.staff import STAFF, Command, GrantNotFound, GrantRole, Held, Staff, TakeRoleBack, staff
from services.intake.facts import registered_person
from services.intake.http.answers import Done
from services.intake.http.programmes import Code

MANAGE, OWN, JOIN = "roles:manage", "roles:own", "persons:join"
_INVITED_FOR = timedelta(days=14)
Managing = Annotated[Commanded, commanded_by(MANAGE)]


class LoginBody(CommandBody):
    """Who logs in where: the name of a configured issuer, "" where there is one only, and its id of somebody."""

    issuer: Annotated[str, Field(max_length=60)] = ""
    subject: Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,255}$")]


class RoleBody(CommandBody):
    """To one of: a `login`, a `holder` as /v1/me/roles shows it, a person here. No programme: in all of them."""

    role: Role
    holder: Id | None = None
    login: LoginBody | None = None
    person_id: Id | None = None
    programme: Code | None = None
    place: Id | None = None
    until: AwareDatetime | None = None

    @model_validator(mode="after")
    def _to_one(self) -> "RoleBody":
        if sum(one is not None for one in (self.holder, self.login, self.person_id)) != 1:
            raise ValueError("one of holder, login and person_id")
        return self


class LinkBody(CommandBody):
    invitation: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{20,64}$")]


class RoleView(BaseModel):
    """`holder` is a keyed hash of a login, or a person's pseudonym."""

    grant_id: str
    holder: str
    role: Role
    programme: str | None
    place: str | None
    until: AwareDatetime | None

    @classmethod
    def of(cls, grant_id: str, held: Held) -> "RoleView":
        bounds = {"programme": held.programme, "place": held.place, "until": held.until}
        return cls(grant_id=grant_id, holder=held.holder, role=held.role, **bounds)


class Roles(BaseModel):
    items: list[RoleView]


class OwnRoles(Roles):
    """`holder` is what somebody is told who is to grant a role to this login."""

    holder: str


class Invited(BaseModel):
    """The code is shown once; here it is kept as a keyed hash."""

    invitation: str
    expires_at: AwareDatetime


def staff_routers(commands: CommandHandler, keyring: Keyring, clock: Clock) -> list[APIRouter]:
    roles, logins = Router(tags=["roles"]), Router(tags=["logins"])
    _add_changes(roles, commands, keyring, clock)
    _add_lists(roles, commands, clock)
    _add_logins(logins, commands, keyring, clock)
    return [roles, logins]


def _add_changes(router: APIRouter, commands: CommandHandler, keyring: Keyring, clock: Clock) -> None:
    async def run(command: Command, ask: Commanded, response: Response) -> Done:
        stream = StreamId(ask.principal.tenant, "staff", STAFF)
        outcome = await commands.handle(staff, stream, command, context=ask.context, expected_version=ask.if_match)
        answer(response, outcome, location=f"/v1/roles/{command.grant_id}")
        return Done(id=command.grant_id, version=outcome.version)

    @router.post("/v1/roles", status_code=201)
    async def grant_role(body: RoleBody, ask: Managing, response: Response) -> Done:
        """403 `role_beyond_own` for more than the caller may do there, `role_to_yourself` for one's own."""
        command = GrantRole(
            grant_id=ask.new_id("grant"),
            holder=_holder(keyring, ask.principal.tenant, body),
            role=body.role,
            granter=_names(ask.principal),
            may=ask.principal.scopes,
            now=clock.now(),
            programme=body.programme,
            place=body.place,
            until=body.until,
        )
        return await run(command, ask, response)

    @router.post("/v1/roles/{grant_id}/taking-back")
    async def take_role_back(
        grant_id: Id, ask: Annotated[Commanded, commanded_by(MANAGE, OWN)], response: Response
    ) -> Done:
        """By whoever may grant it, or given up by its holder. 409 `last_administrator`."""
        who = ask.principal
        held = (await _staff_of(commands, who.tenant)).grant(grant_id)
        if held is None or not (who.has(MANAGE) or held.holder in _names(who)):
            raise GrantNotFound()
        return await run(TakeRoleBack(grant_id, _names(who), who.scopes, clock.now()), ask, response)


def _add_lists(router: APIRouter, commands: CommandHandler, clock: Clock) -> None:
    @router.get("/v1/roles")
    async def list_roles(who: Annotated[Principal, caller(MANAGE, by_programme=True)]) -> Roles:
        """All that hold now, in the programmes in which the caller may grant them."""
        seen, held = who.programmes_for(MANAGE), await _live(commands, who.tenant, clock.now())
        return Roles(items=[RoleView.of(name, one) for name, one in held if seen is None or one.programme in seen])

    @router.get("/v1/me/roles")
    async def my_roles(who: Annotated[Principal, caller(OWN, by_programme=True)]) -> OwnRoles:
        """What was granted to this login, and by what name it is granted more."""
        held, names = await _live(commands, who.tenant, clock.now()), _names(who)
        return OwnRoles(items=[RoleView.of(name, one) for name, one in held if one.holder in names], holder=who.holder)


async def _staff_of(commands: CommandHandler, tenant: str) -> Staff:
    return (await commands.state(staff, StreamId(tenant, "staff", STAFF))).state


async def _live(commands: CommandHandler, tenant: str, now: datetime) -> list[tuple[str, Held]]:
    held = (await _staff_of(commands, tenant)).held.items()
    return [(grant_id, one) for grant_id, one in held if one.until is None or one.until > now]


def _add_logins(router: APIRouter, commands: CommandHandler, keyring: Keyring, clock: Clock) -> None:
    @router.post("/v1/persons/{person_id}/invitations", status_code=201)
    async def invite(person_id: Id, ask: Annotated[Commanded, commanded_by("people:write")]) -> Invited:
        """A code for one login within two weeks: whoever brings it is this person. Given by hand or by letter."""
        tenant, expires_at = ask.principal.tenant, clock.now() + _INVITED_FOR
        await registered_person(commands, tenant, person_id)
        code = secrets.token_urlsafe(24)
        command = InviteLogin(person_id, expires_at)
        await commands.handle(invitation, _stream(keyring, tenant, code), command, context=ask.context)
        return Invited(invitation=code, expires_at=expires_at)

    @router.post("/v1/me/login")
    async def link(body: LinkBody, ask: Annotated[Commanded, commanded_by(JOIN)]) -> Done:
        """This login means the person who was invited, within seconds. 409 `code_not_valid`."""
        tenant, login = ask.principal.tenant, ask.principal.holder
        stream = _stream(keyring, tenant, body.invitation)
        outcome = await commands.handle(invitation, stream, LinkLogin(login, clock.now()), context=ask.context)
        return Done(id=str(outcome.state.person_id), version=outcome.version)


def _stream(keyring: Keyring, tenant: str, code: str) -> StreamId:
    return StreamId(tenant, "invitation", keyring.fingerprint(tenant, "invitation", code)[:32])


def _names(who: Principal) -> frozenset[str]:
    """By which the caller holds roles."""
    return frozenset({who.holder} if who.person_id is None else {who.holder, who.person_id})


def _holder(keyring: Keyring, tenant: str, body: RoleBody) -> str:
    if body.login is not None:
        return holder_of(keyring, tenant, issuer=body.login.issuer, subject=body.login.subject)
    return str(body.holder or body.person_id)
