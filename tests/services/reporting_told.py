"""What other services tell reporting, in a few words, and the figures asked over HTTP."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from chassis.rebuild import collection_name
from contracts.base import Event, JsonObject
from contracts.envelope import Origin, StreamId
from contracts.intake import (
    LivedExperienceTold,
    ProgrammeAdopted,
    RequestDeclined,
    RequestPosted,
    TrainingAttended,
    VolunteerApproved,
)
from contracts.matching import CheckInGiven, MatchEnded, MatchMade, MatchReviewed
from contracts.policy import Policy
from contracts.sealed import Sealed
from tests.support.service import Place, Running
from tests.support.wait import eventually

AT = datetime(2017, 11, 20, 9, tzinfo=UTC)
DAY = AT.date()
AS_OF = date(2017, 11, 30)


class History:
    """What other services said, in their order; told when everything is."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._streams: dict[StreamId, list[tuple[Event, datetime]]] = {}

    def add(self, category: str, name: str, *events: Event, at: datetime = AT) -> None:
        self._streams.setdefault(StreamId("gladsaxe", category, name), []).extend((event, at) for event in events)

    async def tell(self) -> None:
        for stream, told in self._streams.items():
            for position, (event, at) in enumerate(told, 1):
                origin = Origin(occurred_at=at, recorded_at=at, correlation_id="c", actor="tests")
                service = event.event_type.split(".")[0]
                await self._place.publish(service, stream, [event], origin=origin, first=position)
        self._streams.clear()


def adopted(**rules: Any) -> ProgrammeAdopted:
    policy = Policy.model_validate({"title": {"da": "Frivilligindsatsen"}, "zone": "Europe/Copenhagen", **rules})
    return ProgrammeAdopted(
        programme="venn", policy=policy, policy_version=1, adopted_by="board", adopted_on=date(2016, 1, 1)
    )


def volunteer(number: int) -> JsonObject:
    return {"person_id": f"v{number}", "programme": "venn"}


def attended(number: int, *hours: float) -> list[Event]:
    return [
        TrainingAttended(**volunteer(number), session=f"evening {one}", hours=one_hours, attended_on=DAY)
        for one, one_hours in enumerate(hours)
    ]


def approved(number: int, **more: Any) -> VolunteerApproved:
    return VolunteerApproved(
        **volunteer(number), roles=("mentor",), policy_version=1, approved_by="k", approved_at=AT, **more
    )


def made(number: int, requester: str, helper: str, **more: Any) -> MatchMade:
    fields: JsonObject = {
        "match_id": f"m{number}",
        "request_id": f"r{number}",
        "programme": "venn",
        "requester_id": requester,
        "helper_id": helper,
        "proposal_id": f"x{number}",
        "starts_on": DAY,
        "needed_since": DAY - timedelta(days=7),
        "policy_version": 1,
        **more,
    }
    return MatchMade.model_validate(fields)


def ended(number: int, **more: Any) -> MatchEnded:
    fields: JsonObject = {
        "match_id": f"m{number}",
        "request_id": f"r{number}",
        "programme": "venn",
        "requester_id": "p",
        "helper_id": "v",
        "proposal_id": f"x{number}",
        "reason": "both",
        "closing_talk": True,
        "ended_on": DAY,
        **more,
    }
    return MatchEnded.model_validate(fields)


def check_in(name: str, **more: Any) -> CheckInGiven:
    fields: JsonObject = {
        "match_id": "m1",
        "programme": "venn",
        "check_in_id": name,
        "given_by": "requester",
        "form": "met",
        "well": True,
        "wants_talk": False,
        "happened_on": DAY,
        **more,
    }
    return CheckInGiven.model_validate(fields)


def reviewed(days_late: int) -> MatchReviewed:
    due = DAY - timedelta(days=days_late)
    return MatchReviewed(
        match_id="m1", programme="venn", reviewed_by="k", reviewed_on=DAY, goes_on=True, was_due_on=due
    )


def posted(number: int, waited: int) -> RequestPosted:
    return RequestPosted(
        request_id=f"r{number}",
        person_id=f"p{number}",
        programme="venn",
        origin="referral",
        entered_by="system",
        posted_at=AT,
        needed_since=AS_OF - timedelta(days=waited),
        answer_by=AS_OF,
        policy_version=1,
        what=Sealed("p", "x"),
    )


def declined(number: int, rule: str, gate: str | None) -> RequestDeclined:
    return RequestDeclined(
        request_id=f"d{number}",
        person_id=f"q{number}",
        programme="venn",
        rule=rule,
        gate=gate,
        options=(),
        declined_at=AT,
    )


async def told_for(reporting: Running, number: int, *purposes: str) -> LivedExperienceTold:
    who = f"v{number}"
    sealed: Sealed[Any] = await reporting.application.runtime.keyring.seal("gladsaxe", who, list(purposes))
    return LivedExperienceTold(person_id=who, purposes=sealed, told_at=AT)


async def figure(reporting: Running, name: str, **query: Any) -> JsonObject:
    headers = reporting.bearer("gladsaxe", "figures:read")
    asked = {"programme": "venn", "as_of": str(AS_OF), **query}
    answer = await reporting.client.get(f"/v1/figures/{name}", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    values: JsonObject = answer.json()["values"]
    return values


async def comes(reporting: Running, name: str, expected: JsonObject, **query: Any) -> JsonObject:
    """The values once they hold what is expected."""

    async def holds() -> JsonObject:
        values = await figure(reporting, name, **query)
        assert {key: values[key] for key in expected} == expected
        return values

    return await eventually(holds)


async def stored(reporting: Running, projection: str, count: int) -> list[JsonObject]:
    """The documents of a read model, once there are so many."""

    async def found() -> list[JsonObject]:
        rows = await reporting.application.database[collection_name(projection, 1)].find({"_gone": None}).to_list()
        assert len(rows) == count
        return rows

    return await eventually(found)


def groups(breakdown: JsonObject) -> dict[str, int | None]:
    return {cell["group"]: cell["count"] for cell in breakdown["cells"]}
