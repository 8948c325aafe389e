"""Who waits, since when, and whose task is it? The waiting list (S2.31) and each owner's work list (S3.3)."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import (
    AnswerOverdue,
    HandOverAccepted,
    HandOverAsked,
    HandOverBounced,
    Option,
    RequestAmended,
    RequestDeclined,
    RequestEscalated,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestResumed,
    RequestTakenUp,
    RequestWithdrawn,
    Wishes,
)
from contracts.sealed import Sealed
from contracts.topics import INTAKE
from services.intake.projections.found import Found, version_of
from services.intake.projections.request_story import Step, step_of

Status = Literal["posted", "taken-up", "parked", "met", "withdrawn", "declined"]
Waiting = Literal["answer-overdue", "hand-over", "escalated"]
"""What a coordinator has to see to, by a code."""
Place = tuple[str, str]
"""Where a page ended: the day waiting began, and the request's id."""

FINAL: frozenset[Status] = frozenset({"met", "withdrawn", "declined"})


class RequestDocument(BaseModel):
    """`waiting_since` is the day it was needed, whatever happened since; of a declined one the day of the decline.

    Of a declined one nothing is kept of what was asked. A parked one waits for its person, for nobody's answer.
    """

    request_id: str
    person_id: str
    programme: str
    status: Status
    is_open: bool = True
    since: AwareDatetime
    waiting_since: date
    answer_by: date | None = None
    policy_version: int | None = None
    origin: str | None = None
    entered_by: str | None = None
    owner: str | None = None
    waiting_for: tuple[Waiting, ...] = ()
    hand_over_to: str | None = None
    hand_over_until: AwareDatetime | None = None
    bounces: int = 0
    what: Sealed[str] | None = None
    category: str | None = None
    expected_duration: str | None = None
    latest_date: date | None = None
    wishes: Sealed[Wishes] | None = None
    rule: str | None = None
    options: tuple[Option, ...] = ()
    match_id: str | None = None
    story: tuple[Step, ...] = ()

    def as_its_person_sees_it(self) -> "RequestDocument":
        """How it goes round among those who help is their own matter."""
        story = tuple(Step(what=step.what, at=step.at) for step in self.story if not step.is_among_staff)
        staff_only = {"waiting_for": (), "hand_over_to": None, "hand_over_until": None, "bounces": 0}
        return self.model_copy(update={**staff_only, "story": story})


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    event = recorded.event
    if isinstance(event, RequestPosted):
        return _posted(event).model_dump(mode="json")
    if isinstance(event, RequestDeclined):
        return _declined(event).model_dump(mode="json")
    if body is None:
        return None
    known = RequestDocument.model_validate(body)
    match event:
        case RequestTakenUp(owner=owner, taken_up_at=at):
            known.status, known.since, known.owner = "taken-up", at, owner
        case RequestParked(parked_at=at):
            known.status, known.since = "parked", at
        case RequestResumed(resumed_at=at, answer_by=day):
            known.status, known.since = "posted" if known.owner is None else "taken-up", at
            known.answer_by = day or known.answer_by
        case RequestWithdrawn(withdrawn_at=at, rule=rule, options=options):
            known.status, known.since, known.rule, known.options = "withdrawn", at, rule, options
        case RequestMet(met_at=at, match_id=match_id):
            known.status, known.since, known.match_id = "met", at, match_id
        case RequestAmended(what=what, wishes=wishes, latest_date=latest):
            known.what, known.wishes, known.latest_date = what or known.what, wishes, latest
        case _:
            _fold_hand_over(known, event)
    known.is_open = known.status not in FINAL
    known.waiting_for = _waiting_for(known, event)
    known.story = (*known.story, step_of(event, recorded.origin.occurred_at))
    return known.model_dump(mode="json")


def _fold_hand_over(known: RequestDocument, event: Event) -> None:
    match event:
        case HandOverAsked(to=to, until=until):
            known.hand_over_to, known.hand_over_until = to, until
        case HandOverAccepted(owner=owner):
            known.owner, known.hand_over_to, known.hand_over_until = owner, None, None
        case HandOverBounced(bounces=bounces):
            known.hand_over_to, known.hand_over_until, known.bounces = None, None, bounces
        case _:
            return


def _waiting_for(known: RequestDocument, event: Event) -> tuple[Waiting, ...]:
    """After this event. An answer is overdue until somebody takes it up, escalated until somebody takes it over."""
    if not known.is_open:
        known.hand_over_to, known.hand_over_until = None, None
        return ()
    is_overdue = isinstance(event, AnswerOverdue) or (
        known.status == "posted" and "answer-overdue" in known.waiting_for
    )
    is_escalated = isinstance(event, RequestEscalated) or "escalated" in known.waiting_for
    codes: dict[Waiting, bool] = {
        "answer-overdue": is_overdue and not isinstance(event, RequestResumed),
        "hand-over": known.hand_over_to is not None,
        "escalated": is_escalated and not isinstance(event, HandOverAccepted),
    }
    return tuple(code for code, holds in codes.items() if holds)


def _posted(event: RequestPosted) -> RequestDocument:
    return RequestDocument(
        **event.model_dump(
            include={
                "request_id",
                "person_id",
                "programme",
                "answer_by",
                "policy_version",
                "origin",
                "entered_by",
                "what",
                "category",
                "expected_duration",
                "latest_date",
                "wishes",
            }
        ),
        status="posted",
        since=event.posted_at,
        waiting_since=event.needed_since,
        story=(Step(what="posted", at=event.posted_at),),
    )


def _declined(event: RequestDeclined) -> RequestDocument:
    return RequestDocument(
        request_id=event.request_id,
        person_id=event.person_id,
        programme=event.programme,
        status="declined",
        is_open=False,
        since=event.declined_at,
        waiting_since=event.declined_at.date(),
        rule=event.rule,
        options=event.options,
        story=(Step(what="declined", at=event.declined_at),),
    )


requests = Projection(
    name="requests",
    version=3,
    topics=(INTAKE,),
    handles=(
        RequestPosted,
        RequestDeclined,
        RequestTakenUp,
        RequestParked,
        RequestResumed,
        RequestWithdrawn,
        RequestMet,
        RequestAmended,
        AnswerOverdue,
        HandOverAsked,
        HandOverAccepted,
        HandOverBounced,
        RequestEscalated,
    ),
    programme="programme",
    keys=_keys,
    fold=_fold,
    indexes=(
        IndexSpec(("is_open", "waiting_since", "request_id")),
        IndexSpec(("status", "waiting_since", "request_id")),
        IndexSpec(("programme", "status", "waiting_since", "request_id")),
        IndexSpec(("owner", "waiting_since", "request_id")),
        IndexSpec(("person_id", "waiting_since", "request_id")),
        IndexSpec(("waiting_for", "waiting_since", "request_id")),
        IndexSpec(("hand_over_to", "waiting_since", "request_id")),
    ),
)


async def request_of(
    reading: ReadModels, tenant: str, request_id: str, *, at_least: Position | None = None
) -> Found[RequestDocument] | None:
    found = await reading.get(requests, tenant, request_id, min_position=at_least)
    return None if found is None else Found(RequestDocument.model_validate(found), version_of(found))


async def requests_of(reading: ReadModels, tenant: str, *person_ids: str) -> list[RequestDocument]:
    """All of these people's, ended ones too, the oldest first."""
    sort = (("waiting_since", 1), ("request_id", 1))
    found = await reading.find(requests, tenant, {"person_id": {"$in": person_ids}}, sort=sort, limit=0)
    return [RequestDocument.model_validate(document) for document in found]


async def longest_waiting(
    reading: ReadModels,
    tenant: str,
    *,
    status: Status | None = None,
    is_owned: bool | None = None,
    equal: Mapping[str, str | None],
    after: Place | None = None,
    limit: int,
    at_least: Position | None = None,
) -> list[RequestDocument]:
    """Who has waited longest comes first; without a status, all that have not ended.

    `equal` narrows by field; what is None there does not.
    """
    query: JsonObject = {"is_open": True} if status is None else {"status": status}
    query |= {field: value for field, value in equal.items() if value is not None}
    if is_owned is not None and "owner" not in query:
        query["owner"] = {"$ne": None} if is_owned else None
    if after is not None:
        day, request_id = after
        query["$or"] = [
            {"waiting_since": {"$gt": day}},
            {"waiting_since": day, "request_id": {"$gt": request_id}},
        ]
    sort = (("waiting_since", 1), ("request_id", 1))
    found = await reading.find(requests, tenant, query, sort=sort, limit=limit, min_position=at_least)
    return [RequestDocument.model_validate(document) for document in found]
