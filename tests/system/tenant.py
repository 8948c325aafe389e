"""What the stories say over and over: somebody does something at a service, is refused, or sees it come true."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx

from chassis.clock import ShiftedClock
from tests.support.platform import Platform
from tests.support.referring import refer, statuses
from tests.support.tokens import in_a_day
from tests.support.town import STAFF, Json, NotAccepted
from tests.support.wait import eventually

ZONE = ZoneInfo("Europe/Oslo")
COORDINATOR = "coordinator-solveig"
# Somebody is asked again who has not heard yet of what another service did a moment ago.
_NOT_HEARD_YET = {"facts_too_old", "not_listed", "no_policy"}
OWN = ("matching:answer", "requests:read", "requests:write", "volunteering:apply", "messages:own")
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody known to the platform, and the address at which mail for them arrives."""

    person_id: str
    name: str
    email: str


@dataclass(slots=True)
class Tenant:
    """One tenant on the whole platform. `by` is the person who acts, else it is the coordinator."""

    platform: Platform
    tenant: str
    programme: str
    zone: ZoneInfo = ZONE
    look_every_seconds: float = 0.05
    _tokens: dict[tuple[str, ...], dict[str, str]] = field(default_factory=dict)

    # the clock --------------------------------------------------------------------------------------------------------

    @property
    def clock(self) -> ShiftedClock:
        return ShiftedClock(self.platform.place.directory / "clock")

    def move_to(self, year: int, month: int, day: int, *, hour: int = 9) -> None:
        """That hour of that day at the place, for every service."""
        self.clock.move_to(datetime(year, month, day, hour, tzinfo=self.zone))

    # HTTP -------------------------------------------------------------------------------------------------------------

    def bearer(self, subject: str, scopes: Sequence[str], person: str | None = None) -> dict[str, str]:
        who = (subject, *scopes)
        if who not in self._tokens:
            self._tokens[who] = self.platform.place.issuer.bearer(
                tenant=self.tenant, scopes=scopes, subject=subject, person=person, exp=in_a_day()
            )
        return self._tokens[who]

    async def ask(
        self,
        method: str,
        service: str,
        path: str,
        body: Json | None = None,
        *,
        by: Person | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:
        """Once, whatever the answer is."""
        if headers is None:
            headers = self.bearer(by.person_id, OWN, by.person_id) if by else self.bearer(COORDINATOR, STAFF)
        return await self.platform.services[service].client.request(method, path, json=body, headers=headers)

    async def do(
        self, service: str, path: str, body: Json | None = None, *, by: Person | None = None, despite: str = ""
    ) -> Json:
        """A command that is accepted, by and by. Raises NotAccepted when a rule says no.

        `despite` names a rule that says no until a service has heard what another did a moment ago.
        """
        headers = {**self._who(by), "Idempotency-Key": uuid4().hex}

        async def accepted() -> httpx.Response | None:
            answer = await self.ask("POST", service, path, body, headers=headers)
            is_early = answer.status_code >= 500 or _rule(answer) in {*_NOT_HEARD_YET, despite}
            return None if is_early or answer.status_code == httpx.codes.NOT_FOUND else answer

        answer = await eventually(accepted, timeout=_PATIENCE_SECONDS, every=self.look_every_seconds)
        assert answer is not None
        if not answer.is_success:
            raise NotAccepted(answer)
        found: Json = answer.json() if answer.content else {}
        return found

    async def refused(
        self,
        rule: str,
        service: str,
        path: str,
        body: Json | None = None,
        *,
        by: Person | None = None,
        status: int = 409,
    ) -> Json:
        """The problem document of a command that the rule of that name refuses, by and by."""

        async def said_no() -> Json:
            answer = await self.ask("POST", service, path, body, by=by)
            problem: Json = answer.json()
            assert (answer.status_code, problem.get("rule")) == (status, rule), problem
            return problem

        return await eventually(said_no, timeout=_PATIENCE_SECONDS, every=self.look_every_seconds)

    async def get(self, service: str, path: str, *, by: Person | None = None) -> Json:
        return await self.until(service, path, lambda _: True, by=by)

    async def until(self, service: str, path: str, is_so: Callable[[Json], Any], *, by: Person | None = None) -> Json:
        """What a path shows, once it is there and `is_so` is true of it."""

        async def so() -> Json | None:
            answer = await self.ask("GET", service, path, by=by)
            assert answer.status_code in (200, 404) or answer.status_code >= 500, answer.text
            found: Json | None = answer.json() if answer.is_success else None
            return found if found is not None and is_so(found) else None

        seen = await eventually(so, timeout=_PATIENCE_SECONDS, every=self.look_every_seconds)
        assert seen is not None
        return seen

    def _who(self, by: Person | None) -> dict[str, str]:
        return self.bearer(by.person_id, OWN, by.person_id) if by else self.bearer(COORDINATOR, STAFF)

    # Kafka and mail ---------------------------------------------------------------------------------------------------

    async def refer(self, *bodies: Json) -> None:
        """What the municipality's system writes."""
        await refer(self.platform.place, self.tenant, *bodies)

    async def statuses(self, number: str, *, at_least: int = 1) -> list[Json]:
        """What the municipality was told of its referral; each answer once."""
        return await statuses(self.platform.place, self.tenant, number, at_least=at_least)

    def mails(self, who: Person) -> list[EmailMessage]:
        """Every mail the person got, oldest first."""
        return [mail for mail in self.platform.mail.mails if who.email in str(mail["To"])]

    async def told(self, who: Person, occasion: str, *, status: str = "sent", at_least: int = 1) -> list[Json]:
        """The messages to a person of that occasion and status, once there are that many."""

        def about(found: Json) -> list[Json]:
            return [m for m in found["items"] if (m["occasion"], m["status"]) == (occasion, status)]

        path = f"/v1/messages?limit=200&recipient={who.person_id}"
        return about(await self.until("notifications", path, lambda found: len(about(found)) >= at_least))


def words_of(mail: EmailMessage) -> str:
    """What a mail says, as it is read."""
    body = mail.get_body(("plain", "html"))
    assert isinstance(body, EmailMessage)
    return f"{mail['Subject']}\n{body.get_content()}"


def _rule(answer: httpx.Response) -> str | None:
    return None if answer.is_success else answer.json().get("rule")
