"""Intake alone: nobody answers, so after seven days somebody has to look; and a crash between any two steps (S2.3)."""

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, cast

import pytest

from chassis.command_handler import CommandHandler
from chassis.erasures import ErasureLedger
from chassis.keyring import Keyring
from chassis.refusal import FactsTooOld
from chassis.service import Runtime
from contracts import matching, notifications, reporting
from contracts.base import Event
from contracts.envelope import Origin, RecordedEvent, StreamId
from contracts.sealed import Redacted, Sealed
from services.intake.app import build
from services.intake.domain.person import person
from services.intake.identities import Identities
from services.intake.leaving import Leaving
from tests.services.intake_front import Front, front_of, referral
from tests.support.service import Place, Running, running_service
from tests.support.wait import eventually

pytestmark = [pytest.mark.requirement("S2.3"), pytest.mark.timeout(120)]


@pytest.fixture
async def service(place: Place) -> AsyncIterator[Running]:
    await place.make_topics()
    async with running_service("intake", build, place) as running:
        yield running


async def test_what_takes_longer_than_seven_days_is_on_the_list_of_those_who_look(service: Running) -> None:
    front = await front_of(service)
    person_id = await front.register()
    asked = await front.post(f"/v1/persons/{person_id}/erasure")
    assert asked.status_code == 202

    service.place.move_clock(timedelta(days=7, hours=1))

    await front.shown(f"/v1/persons/{person_id}/erasure", is_overdue=True, key_destroyed_at=None)
    [late] = (await front.get("/v1/erasures", overdue=True)).json()["items"]
    assert late["waiting_for"] == ["intake", "matching", "notifications", "reporting"]

    await _answer(front, person_id)
    done = await front.shown(f"/v1/persons/{person_id}/erasure", is_overdue=False, waiting_for=[])
    assert done["erased_at"] is not None
    assert (await front.get("/v1/erasures")).json()["items"] == []


async def test_a_person_asks_for_themselves_and_for_nobody_else(service: Running) -> None:
    front = await front_of(service)
    person_id, other = await front.register(), await front.register()

    assert (await front.post(f"/v1/persons/{other}/erasure", person=person_id)).status_code == 404
    first = await front.post(f"/v1/persons/{person_id}/erasure", person=person_id)
    again = await front.post(f"/v1/persons/{person_id}/erasure", person=person_id)

    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json()
    elsewhere = await front_of(service)
    assert (await elsewhere.post(f"/v1/persons/{person_id}/erasure")).status_code == 404
    assert (await elsewhere.get(f"/v1/persons/{person_id}/erasure")).status_code == 404


async def test_nothing_new_begins_for_who_is_leaving(service: Running) -> None:
    front = await front_of(service)
    person_id = await front.register()
    await front.post(f"/v1/persons/{person_id}/erasure")

    wish = {"programme": "neighbours", "person_id": person_id, "what": "Help in the garden.", "category": "garden"}
    refused = await front.post("/v1/requests", wish | {"expected_duration": "PT2H", "latest_date": "2030-01-01"})
    assert (refused.status_code, refused.json()["rule"]) == (409, "person_leaving")


async def test_who_is_leaving_is_referred_by_nobody(service: Running) -> None:
    front = await front_of(service, refers=True)
    first = await front.post("/v1/referrals", referral("17", person_reference="citizen-1"))
    assert first.status_code < 300, first.text
    [known] = (await eventually(lambda: _listed(front)))["items"]
    await front.post(f"/v1/persons/{known['person_id']}/erasure")

    refused = await front.post("/v1/referrals", referral("18", person_reference="citizen-1"))

    assert (refused.status_code, refused.json()["rule"]) == (409, "person_leaving")


async def _listed(front: Front) -> dict[str, Any] | None:
    found: dict[str, Any] = (await front.get("/v1/persons")).json()
    return found if found["items"] else None


async def test_a_crash_between_any_two_steps_only_delays_the_end(service: Running) -> None:
    """Every call to the store, the keyring and the ledger is once the last one of its process."""
    front, runtime = await front_of(service), service.application.runtime
    for crash_at in range(1, 60):
        person_id = await front.register(contact={"language": "nb", "email": "ida@example.org"})
        wish = {
            "programme": "walking-friends",
            "person_id": person_id,
            "what": "A walk.",
            "gates": {"acute_over": True},
        }
        asked = await front.post("/v1/requests", wish)
        assert asked.status_code == 201
        await front.shown(f"/v1/requests/{asked.json()['request_id']}", person_id=person_id)
        assert (await front.post(f"/v1/persons/{person_id}/erasure")).status_code == 202
        cause = _released(front.tenant, person_id)
        calls = _Calls(left=crash_at)
        crashed = False
        try:
            await _until_fresh(partial(_leaving(runtime, calls).destroy_key, cause, person_id))
        except _Crash:
            crashed = True
            await _until_fresh(partial(_leaving(runtime, _Calls(left=-1)).destroy_key, cause, person_id))

        state = (await runtime.commands.state(person, StreamId(front.tenant, "person", person_id))).state
        assert state.farewell is not None
        assert state.farewell.destroyed is not None
        assert len(state.farewell.destroyed.requests) == 1
        assert state.registered is not None
        name: Sealed[Any] = state.registered.name
        assert isinstance(await runtime.keyring.open(front.tenant, name), Redacted)
        assert [one.person_id for one in await runtime.erasures.all()].count(person_id) == 1
        if not crashed:
            assert crash_at > _FEWEST_CALLS
            return
    pytest.fail("it never came to its end undisturbed")


_FEWEST_CALLS = 8


class _Crash(BaseException):
    """The process is gone: nothing catches it."""


@dataclass(slots=True)
class _Calls:
    """`left` until the process is gone; below zero it never is."""

    left: int


class _Mortal:
    """What it stands for, in a process that dies after so many calls."""

    def __init__(self, inner: Any, calls: _Calls) -> None:
        self._inner, self._calls = inner, calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not inspect.iscoroutinefunction(found):
            return found

        async def call(*given: Any, **named: Any) -> Any:
            answer = await found(*given, **named)
            self._calls.left -= 1
            if self._calls.left == 0:
                raise _Crash
            return answer

        return call


def _leaving(runtime: Runtime, calls: _Calls) -> Leaving:
    commands, keyring = cast(CommandHandler, _Mortal(runtime.commands, calls)), _Mortal(runtime.keyring, calls)
    return Leaving(
        commands,
        runtime.read_models,
        keyring=cast(Keyring, keyring),
        ledger=cast(ErasureLedger, _Mortal(runtime.erasures, calls)),
        identities=Identities(commands, cast(Keyring, keyring), runtime.clock),
        clock=runtime.clock,
    )


def _released(tenant: str, person_id: str) -> RecordedEvent:
    now = datetime.now(UTC)
    released = matching.PersonReleased(person_id=person_id, released_at=now)
    origin = Origin(occurred_at=now, recorded_at=now, correlation_id="c", actor="test")
    return RecordedEvent(StreamId(tenant, "matching-erasure", person_id), 1, released, origin)


async def _until_fresh(step: Callable[[], Awaitable[None]]) -> None:
    async def done() -> bool:
        try:
            await step()
        except FactsTooOld:
            return False
        return True

    await eventually(done)


async def _answer(front: Front, person_id: str) -> None:
    """What the other three would say, each on a stream of its own; a receipt follows the key."""
    now = datetime.now(UTC)
    origin = Origin(occurred_at=now, recorded_at=now, correlation_id="c", actor="test")

    async def say(service: str, event: Event, *, first: int = 1) -> None:
        stream = StreamId(front.tenant, f"{service}-erasure", person_id)
        await front.place.publish(service, stream, [event], origin=origin, first=first)

    await say("matching", matching.PersonReleased(person_id=person_id, released_at=now))
    await front.shown(f"/v1/persons/{person_id}/erasure", waiting_for=["matching", "notifications", "reporting"])
    await say("matching", matching.PersonPurged(person_id=person_id, purged_at=now), first=2)
    await say("notifications", notifications.PersonPurged(person_id=person_id, purged_at=now))
    await say("reporting", reporting.PersonPurged(person_id=person_id, purged_at=now))
