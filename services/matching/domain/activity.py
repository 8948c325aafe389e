"""An activity: something to do together, proposed, supported by somebody named, published, closed (S1.19, S1.22)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from chassis.decider import Decider
from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.matching import ActivityClosed, ActivityProposed, ActivityPublished, ActivitySupported
from contracts.sealed import Sealed
from services.matching.domain.offers import CategoryUnknown

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ProposeActivity:
    """`kinds` and `categories` are the policy's; a policy without kinds takes any. `identifies`: what the title gives
    away, which everybody reads. `is_talk_only`: nothing seems to be done but talking (S3.54)."""

    activity_id: str
    programme: str
    kind: str
    title: Sealed[str]
    what_we_do: Sealed[str]
    lead_id: str
    category: str | None
    offer_id: str | None
    kinds: frozenset[str]
    categories: frozenset[str]
    identifies: tuple[str, ...]
    is_talk_only: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class SupportActivity:
    """`is_ready`: the supporter is staff, or approved in the programme now."""

    supporter_id: str
    is_ready: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class PublishActivity:
    approved_by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class CloseActivity:
    now: datetime


Command = ProposeActivity | SupportActivity | PublishActivity | CloseActivity


class ActivityNotFound(NotFound):
    rule, sentence = "activity_not_found", "There is no activity by that id."


class KindUnknown(Refusal):
    rule, status, field = "kind_unknown", 422, "kind"
    sentence = "This programme has no such kind of activity. Choose another."


class TitleIdentifies(Refusal):
    rule = "title_identifies"
    sentence = "Everybody reads the title. Take out names, numbers and addresses."


class OwnSupporter(Refusal):
    rule, sentence = "own_supporter", "Whoever leads it needs somebody else beside them."


class SupporterNotReady(Refusal):
    rule, sentence = "supporter_not_ready", "Whoever supports it works here, or is approved in the programme."


class NeedsSupporter(Refusal):
    rule, sentence = "needs_supporter", "Somebody named stands beside whoever leads it. Find a supporter first."


class ActivityIsClosed(Refusal):
    rule, sentence = "activity_closed", "There is no more of this activity. A new one can be proposed."


# state ----------------------------------------------------------------------------------------------------------------


class Stage(StrEnum):
    ABSENT = "absent"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Activity:
    stage: Stage = Stage.ABSENT
    activity_id: str = ""
    programme: str = ""
    lead_id: str = ""
    supporter_id: str | None = None


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Activity) -> Sequence[Event]:
    if isinstance(command, ProposeActivity):
        return _propose(command) if state.stage is Stage.ABSENT else []
    if state.stage is Stage.ABSENT:
        raise ActivityNotFound()
    match command:
        case CloseActivity(now=now):
            closed = ActivityClosed(activity_id=state.activity_id, programme=state.programme, closed_at=now)
            return [] if state.stage is Stage.CLOSED else [closed]
        case SupportActivity():
            return _support(command, state)
        case PublishActivity():
            return _publish(command, state)
        case _:
            assert_never(command)


def _propose(command: ProposeActivity) -> Sequence[Event]:
    if command.kinds and command.kind not in command.kinds:
        raise KindUnknown()
    if command.category is not None and command.category not in command.categories:
        raise CategoryUnknown()
    if command.identifies:
        raise TitleIdentifies(", ".join(command.identifies))
    return [
        ActivityProposed(
            activity_id=command.activity_id,
            programme=command.programme,
            kind=command.kind,
            title=command.title,
            what_we_do=command.what_we_do,
            lead_id=command.lead_id,
            category=command.category,
            offer_id=command.offer_id,
            is_talk_only=command.is_talk_only,
            proposed_at=command.now,
        )
    ]


def _support(command: SupportActivity, state: Activity) -> Sequence[Event]:
    if command.supporter_id == state.supporter_id:
        return []
    if state.stage is Stage.CLOSED:
        raise ActivityIsClosed()
    if command.supporter_id == state.lead_id:
        raise OwnSupporter()
    if not command.is_ready:
        raise SupporterNotReady()
    return [
        ActivitySupported(
            activity_id=state.activity_id,
            programme=state.programme,
            supporter_id=command.supporter_id,
            supported_at=command.now,
        )
    ]


def _publish(command: PublishActivity, state: Activity) -> Sequence[Event]:
    if state.stage is Stage.PUBLISHED:
        return []
    if state.stage is Stage.CLOSED:
        raise ActivityIsClosed()
    if state.supporter_id is None:
        raise NeedsSupporter()
    return [
        ActivityPublished(
            activity_id=state.activity_id,
            programme=state.programme,
            approved_by=command.approved_by,
            published_at=command.now,
        )
    ]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Activity, event: Event) -> Activity:
    match event:
        case ActivityProposed(activity_id=activity_id, programme=programme, lead_id=lead_id):
            return Activity(Stage.PROPOSED, activity_id, programme, lead_id)
        case ActivitySupported(supporter_id=supporter_id):
            return replace(state, supporter_id=supporter_id)
        case ActivityPublished():
            return replace(state, stage=Stage.PUBLISHED)
        case ActivityClosed():
            return replace(state, stage=Stage.CLOSED)
        case _:
            return state


activity = Decider("activity", Activity(), decide, evolve)
