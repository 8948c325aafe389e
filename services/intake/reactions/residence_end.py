"""Somebody moved away: an open request of theirs ends with the days of grace, with the ways that are left (S1.24)."""

from collections.abc import Iterable
from datetime import datetime

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from chassis.timers import CancelTimer, FiredTimer, Postponed, SetTimer, TimerPlan
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import RequestMet, RequestPosted, RequestWithdrawn, ResidenceChanged
from contracts.topics import INTAKE
from services.intake.domain.calendar import end_of
from services.intake.domain.request import ReassessResidence, request
from services.intake.domain.residence import may_stay_until
from services.intake.facts import language_of, lived, programme_in_force, registered_person
from services.intake.projections.requests import requests, requests_of
from services.intake.wording import Wording


class Residence:
    """Asks open requests whether their person still lives where the programme is for, each against its policy in force.

    Safe to repeat: command ids are derived, and a request ends once. Whoever leaves ends all of theirs anyway.
    """

    def __init__(
        self, commands: CommandHandler, reading: ReadModels, *, keyring: Keyring, clock: Clock, wording: Wording
    ) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._clock = clock
        self._wording = wording

    async def fire(self, fired: FiredTimer) -> None:
        """Raises Postponed until the first of the days of grace to end."""
        asked = [fired.key] if "person_id" not in fired.payload else await self._open(fired)
        due = [day for request_id in asked if (day := await self._one(fired, request_id)) is not None]
        if due:
            raise Postponed(min(due))

    async def _open(self, fired: FiredTimer) -> list[str]:
        """Raises FactsTooOld while a request may be missing that was posted before the move was known."""
        if await self._reading.facts_as_of(requests) < fired.due_at:
            raise FactsTooOld("what they asked for")
        theirs = await requests_of(self._reading, fired.tenant, fired.payload["person_id"])
        return [asked.request_id for asked in theirs if asked.is_open]

    async def _one(self, fired: FiredTimer, request_id: str) -> datetime | None:
        """The instant at which it is to be asked again; None where no end is known, or it has ended."""
        tenant, now, stream = fired.tenant, self._clock.now(), StreamId(fired.tenant, "request", request_id)
        known = (await self._commands.state(request, stream)).state
        programme = await programme_in_force(self._commands, tenant, known.programme)
        if known.status.is_final or programme.policy.residence is None:
            return None
        somebody = await registered_person(self._commands, tenant, known.person_id)
        last_day = may_stay_until(programme.policy, await lived(self._keyring, tenant, somebody))
        if last_day is None:
            return None
        due_at = end_of(last_day, zone=programme.policy.zone)
        if now < due_at:
            return due_at
        language = language_of(somebody, programme.policy)
        command = ReassessResidence(programme, now, last_day, self._wording.options(language))
        await self._commands.handle(request, stream, command, context=fired.context(request_id))
        return None


def residence_ends(residence: Residence) -> TimerPlan:
    """Fires at once, after a move and for whoever asks after it, and then on the day."""
    return TimerPlan(
        name="residence-ends",
        topics=(INTAKE,),
        handles=(ResidenceChanged, RequestPosted, RequestWithdrawn, RequestMet),
        plan=_plan,
        fire=residence.fire,
    )


def _plan(recorded: RecordedEvent) -> Iterable[SetTimer | CancelTimer]:
    key, at_once = recorded.stream.id, recorded.origin.recorded_at
    match recorded.event:
        case ResidenceChanged(person_id=person_id):
            return [SetTimer(f"person:{key}", at_once, {"person_id": person_id})]
        case RequestPosted():
            return [SetTimer(key, at_once, {})]
        case _:
            return [CancelTimer(key)]
