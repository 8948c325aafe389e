"""Roles that were granted: the read model every service keeps of them, and the rights a caller has by them.

A role that was taken back stops biting when its event is folded here, and at most `REMEMBERED_SECONDS` after that.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol, cast

from chassis.auth import Grant, Principal
from chassis.clock import Clock
from chassis.forgetting import Names, forgetting
from chassis.keyring import Keyring
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from chassis.refusal import Refusal
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent

REMEMBERED_SECONDS = 2.0
_FRESH = timedelta(seconds=60)
_MAX_REMEMBERED = 20_000

Roles = Mapping[str, frozenset[str]]


class RolesNotKnown(Refusal):
    """What was taken back may not have come here yet: then no granted role counts."""

    rule, sentence, status = "roles_not_known", "Who may do what is not known here right now. Try again.", 503
    retryable = True


class Granted(Protocol):
    """What an event says that grants a role; `holder` is a keyed hash of a login, or a person's pseudonym."""

    holder: str
    grant_id: str
    role: str
    programme: str | None
    place: str | None
    until: datetime | None


class TakenBack(Protocol):
    holder: str
    grant_id: str


class Linked(Protocol):
    """What an event says that ties a login to a person here."""

    login: str
    person_id: str


def holder_of(keyring: Keyring, tenant: str, *, issuer: str, subject: str) -> str:
    """By what roles of a login are kept: the issuer's id of somebody is personal data, and stands nowhere."""
    return keyring.fingerprint(tenant, "login", f"{issuer} {subject}")[:32]


def grants_projection(
    *,
    topics: tuple[str, ...],
    granted: type[Event],
    taken_back: type[Event],
    linked: type[Event],
    forgotten: type[Event],
    names: Names,
) -> Projection:
    """One document for each holder of roles: `grants` by their ids, and `logins` that are tied to a person.

    `granted`, `taken_back` and `linked` have the fields of the protocols above; `forgotten` takes away the documents
    `names` gives.
    """

    def keys(recorded: RecordedEvent) -> Iterable[str]:
        event: Any = recorded.event
        holder = event.person_id if recorded.event.event_type == linked.event_type else event.holder
        return (f"{recorded.tenant}/{holder}",)

    def fold(body: JsonObject | None, recorded: RecordedEvent, _key: str) -> JsonObject | None:
        body = body or {"grants": {}, "logins": []}
        if isinstance(recorded.event, granted):
            event = cast(Granted, recorded.event)
            bounds = {"programme": event.programme, "place": event.place, "until": event.until}
            body["grants"][event.grant_id] = {"role": event.role, **bounds}
        elif isinstance(recorded.event, taken_back):
            body["grants"].pop(cast(TakenBack, recorded.event).grant_id, None)
        else:
            link = cast(Linked, recorded.event)
            body |= {"person_id": link.person_id, "logins": sorted({*body["logins"], link.login})}
        return body

    projection = Projection(
        name="grants",
        version=1,
        topics=topics,
        handles=(granted, taken_back, linked),
        keys=keys,
        fold=fold,
        indexes=(IndexSpec(("logins",)),),
    )
    return forgetting(projection, topics=topics, on=(forgotten,), names=names)


class StoredGrants:
    """Who a caller is here and what was granted to them, remembered for two seconds."""

    def __init__(
        self,
        reading: ReadModels,
        projection: Projection,
        *,
        keyring: Keyring,
        clock: Clock,
        roles: Roles,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reading, self._projection = reading, projection
        self._keyring, self._clock, self._roles = keyring, clock, roles
        self._monotonic = monotonic
        self._remembered: dict[tuple[str, str, str | None], tuple[float, str | None, list[JsonObject]]] = {}
        self._looked_at, self._is_fresh = float("-inf"), False

    async def known(self, principal: Principal) -> Principal:
        """The caller with what is granted to them now, and with their pseudonym when their login is tied to one.

        Raises RolesNotKnown where roles were granted and it was not heard for a minute whether they still are.
        """
        who = holder_of(self._keyring, principal.tenant, issuer=principal.issuer, subject=principal.subject)
        principal = principal.named(who)
        person_id, found = await self._found(principal)
        if person_id is not None and principal.when_linked is not None:
            principal = principal.as_person(person_id)
        now = self._clock.now()
        held = [grant for grant in map(self._grant, found) if grant.until is None or grant.until > now]
        if not held:
            return principal
        if not await self._fresh():
            raise RolesNotKnown()
        return principal.holding(held)

    async def _found(self, principal: Principal) -> tuple[str | None, list[JsonObject]]:
        key = (principal.tenant, principal.holder, principal.person_id)
        read_at, person_id, found = self._remembered.get(key, (float("-inf"), None, []))
        now = self._monotonic()
        if now - read_at >= REMEMBERED_SECONDS:
            person_id, found = await self._read(principal)
            if len(self._remembered) >= _MAX_REMEMBERED:
                self._remembered.clear()
            self._remembered[key] = (now, person_id, found)
        return person_id, found

    async def _read(self, principal: Principal) -> tuple[str | None, list[JsonObject]]:
        login, person_id = principal.holder, principal.person_id
        holders = [{"_id": f"{principal.tenant}/{login}"}, {"logins": login}]
        if person_id is not None:
            holders.append({"_id": f"{principal.tenant}/{person_id}"})
        grants: list[JsonObject] = []
        for one in await self._reading.find(self._projection, principal.tenant, {"$or": holders}, limit=0):
            grants.extend(one["grants"].values())
            if login in one["logins"] and principal.when_linked is not None:
                person_id = one["person_id"]
        return person_id, grants

    async def _fresh(self) -> bool:
        now = self._monotonic()
        if now - self._looked_at >= REMEMBERED_SECONDS:
            self._is_fresh = self._clock.now() - await self._reading.facts_as_of(self._projection) < _FRESH
            self._looked_at = now
        return self._is_fresh

    def _grant(self, body: JsonObject) -> Grant:
        """A role that this code does not know opens nothing."""
        scopes = self._roles.get(body["role"], frozenset())
        return Grant(body["role"], scopes, body["programme"], body["place"], body["until"])
