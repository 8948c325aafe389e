"""Random histories of a programme, and the same figures counted by hand: slowly, in plain Python, from the events."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis.strategies import (
    DrawFn,
    SearchStrategy,
    booleans,
    builds,
    composite,
    integers,
    lists,
    none,
    one_of,
    sampled_from,
    tuples,
)

from contracts.base import Event
from contracts.envelope import Origin, RecordedEvent, StreamId
from contracts.intake import (
    AnswersGiven,
    ApprovalLapsed,
    GuidanceGiven,
    LivedExperienceTakenBack,
    LivedExperienceTold,
    RequestDeclined,
    RequestMet,
    RequestParked,
    RequestPosted,
    RequestResumed,
    RequestWithdrawn,
    TrainingAttended,
    VoiceRedacted,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
)
from contracts.matching import (
    CheckInGiven,
    MatchCounted,
    MatchEnded,
    MatchLetGo,
    MatchMade,
    MatchReviewed,
    ReviewDue,
)
from contracts.sealed import Sealed
from tests.services.reporting_tasks_history import CATEGORIES, gatherings, offers, published, searches

ZONE = ZoneInfo("Europe/Oslo")
# Late evenings around midnight in Oslo, on both sides of a night on which the clocks change.
START = datetime(2020, 3, 26, 21, 30, tzinfo=UTC)
SOURCES = ("friend", "website", None)
SUSPENSION = (VolunteerSuspended, VolunteerReinstated)


@dataclass(frozen=True, slots=True)
class Question:
    on: date
    known_at: date | None
    min_cell: int
    training_hours: float


@composite
def _instants(draw: DrawFn) -> datetime:
    return START + timedelta(days=draw(integers(0, 5)), minutes=30 * draw(integers(0, 6)))


_DAYS = builds(lambda instant: instant.astimezone(ZONE).date(), _instants())

questions: SearchStrategy[Question] = builds(
    Question,
    on=_DAYS,
    known_at=one_of(none(), _DAYS),
    min_cell=sampled_from((1, 2, 3)),
    training_hours=sampled_from((4.0, 0.0)),
)


# What figures do not look at.
_REST: dict[str, Any] = {
    "programme": "oslo",
    "person_id": "p",
    "origin": "staff",
    "entered_by": "staff",
    "answer_by": date(2020, 4, 30),
    "policy_version": 1,
    "what": Sealed("p", "x"),
    "options": (),
    "roles": ("friend",),
    "rule": "certificate",
    "approved_by": "staff",
    "given_by": "helper",
    "suspended_by": "staff",
    "reinstated_by": "staff",
    "request_id": "r",
    "requester_id": "p",
    "helper_id": "v",
    "proposal_id": "x",
    "reason": "both",
    "check_in_id": "c",
    "form": "met",
    "reviewed_by": "staff",
    "goes_on": True,
    "milestone": False,
    "how": "by-match",
}


def _made(event: type[Event], **fields: Any) -> Event:
    return event.model_validate({**_REST, **fields})


@composite
def _request(draw: DrawFn, request_id: str) -> list[Event]:
    common = {"request_id": request_id}
    if draw(integers(0, 3)) == 0:
        rule = draw(sampled_from(("not_concrete", "gate_not_confirmed", "min_age")))
        gate = "acute_over" if rule == "gate_not_confirmed" else None
        return [_made(RequestDeclined, person_id="p", rule=rule, gate=gate, declined_at=draw(_instants()), **common)]
    events = [
        _made(
            RequestPosted,
            person_id="p",
            posted_at=draw(_instants()),
            needed_since=draw(_DAYS),
            category=draw(sampled_from(CATEGORIES)),
            **common,
        )
    ]
    for _ in range(draw(integers(0, 3))):
        at = draw(_instants())
        events.append(
            draw(
                sampled_from(
                    (
                        _made(RequestParked, parked_at=at, **common),
                        _made(RequestResumed, resumed_at=at, **common),
                        _made(RequestWithdrawn, withdrawn_at=at, **common),
                        _made(RequestMet, met_at=at, **common),
                    )
                )
            )
        )
    return events


@composite
def _volunteering(draw: DrawFn, person_id: str) -> list[Event]:
    person = {"person_id": person_id}
    applied = builds(
        lambda at, source: _made(VolunteerApplied, applied_at=at, recruitment_source=source, **person),
        _instants(),
        sampled_from(SOURCES),
    )
    attended = builds(
        lambda day, session, hours: _made(TrainingAttended, attended_on=day, session=session, hours=hours, **person),
        _DAYS,
        sampled_from(("evening", "weekend")),
        sampled_from((2.0, 4.0, 0.0)),
    )
    guided = builds(
        lambda day, session, hours: _made(GuidanceGiven, given_on=day, session=session, hours=hours, **person),
        _DAYS,
        sampled_from(("g1", "g2")),
        sampled_from((0.0, 1.5)),
    )
    approved = builds(
        lambda at, until: _made(VolunteerApproved, approved_at=at, valid_until=until, **person),
        _instants(),
        one_of(none(), _DAYS),
    )
    plain = builds(lambda kind: _made(kind, **person), sampled_from((ApprovalLapsed, *SUSPENSION)))
    left = builds(lambda day: _made(VolunteerLeft, left_on=day, **person), _DAYS)
    courses = draw(lists(attended, max_size=3))
    return [*courses, *draw(lists(one_of(applied, guided, approved, plain, left), min_size=1, max_size=5))]


@composite
def _person(draw: DrawFn, person_id: str) -> list[Event]:
    """Telling of lived experience and taking it back. The token stands for what it was sealed from."""
    told = builds(
        lambda at, token: LivedExperienceTold(person_id=person_id, told_at=at, purposes=Sealed(person_id, token)),
        _instants(),
        sampled_from(("figures", "matching", "matching+figures")),
    )
    back = builds(lambda at: LivedExperienceTakenBack(person_id=person_id, taken_back_at=at), _instants())
    return draw(lists(one_of(told, told, back), min_size=1, max_size=3))


@composite
def _voice(draw: DrawFn, person_id: str) -> list[Event]:
    """Answers by one version or another, and taking them back. The token stands for the numbers sealed in it."""
    events: list[Event] = []
    for day, moment, three in draw(
        lists(tuples(_DAYS, sampled_from(("start", "later", "later")), booleans()), max_size=5)
    ):
        items = draw(lists(integers(1, 3), min_size=3, max_size=3)) if three else [draw(integers(1, 5))]
        given = _made(
            AnswersGiven,
            person_id=person_id,
            answer_id=f"{person_id} {moment} {day}",
            instrument="loneliness",
            instrument_version="three" if three else "direct",
            moment=moment,
            items=Sealed(person_id, "+".join(map(str, items))),
            least=1,
            most=3 if three else 5,
            answered_on=day,
        )
        events.append(given)
        if draw(integers(0, 4)) == 0:
            back = {"person_id": person_id, "answer_id": f"{person_id} {moment} {day}"}
            events.append(VoiceRedacted(redacted_at=draw(_instants()), **back))
    return events


@composite
def _match(draw: DrawFn, match_id: str) -> list[Event]:
    starts_on, ended_on, waited = draw(_DAYS), draw(_DAYS), draw(integers(0, 200))
    common = {"match_id": match_id}
    made = _made(
        MatchMade,
        requester_id=draw(sampled_from(("p1", "p2", "p3"))),
        helper_id=draw(sampled_from(("v0", "v1", "v2"))),
        starts_on=starts_on,
        ends_on=draw(sampled_from((ended_on, ended_on + timedelta(days=1), None))),
        needed_since=starts_on - timedelta(days=waited),
        **common,
    )
    check_in = builds(
        lambda day, well, talk, benefits: _made(
            CheckInGiven, happened_on=day, well=well, wants_talk=talk, benefits=benefits, **common
        ),
        _DAYS,
        booleans(),
        booleans(),
        sampled_from(((), ("support",), ("pleasant",), ("support", "pleasant"))),
    )
    due = builds(lambda day: _made(ReviewDue, due_on=day, **common), _DAYS)
    reviewed = builds(
        lambda day, days: _made(
            MatchReviewed, reviewed_on=day, was_due_on=None if days is None else day - timedelta(days=days), **common
        ),
        _DAYS,
        sampled_from((None, -3, 0, 13, 14, 15, 40)),
    )
    followed_up = draw(lists(one_of(check_in, check_in, due, reviewed), max_size=4))
    ended = _made(MatchEnded, ended_on=ended_on, closing_talk=draw(booleans()), **common)
    let_go = _made(MatchLetGo, let_go_at=draw(_instants()), **common)
    return [made, *followed_up, *draw(sampled_from(([], [ended], [ended, let_go])))]


@composite
def histories(draw: DrawFn, tenant: str = "t") -> list[RecordedEvent]:
    """All that figures of a programme count, recorded when it happened or days after."""
    many = integers(1, 5)
    streams = [("request", f"r{number}", draw(_request(f"r{number}"))) for number in range(draw(many))]
    streams += [("volunteering", f"v{number}", draw(_volunteering(f"v{number}"))) for number in range(draw(many))]
    streams += [("person", f"v{number}", draw(_person(f"v{number}"))) for number in range(draw(many))]
    streams += [("voice", f"p{number}", draw(_voice(f"p{number}"))) for number in range(draw(many))]
    matches = draw(many)
    streams += [("match", f"m{number}", draw(_match(f"m{number}"))) for number in range(matches)]
    counted = [_made(MatchCounted, match_id=f"m{number}", number=number + 1) for number in range(matches)]
    streams.append(("tally", "oslo", counted))
    streams += [("search", f"r{number}", draw(searches(number, _instants()))) for number in range(draw(many))]
    streams += [("helper", f"v{number}", draw(offers(f"v{number}", _instants()))) for number in range(draw(many))]
    streams += [("activity", "a", draw(published(_instants()))), ("session", "s", draw(gatherings(_instants())))]
    recorded: list[RecordedEvent] = []
    for category, name, events in streams:
        for position, event in enumerate(events, 1):
            at = draw(_instants())
            origin = Origin(at, at + timedelta(hours=12 * draw(integers(0, 4))), "c", "tests")
            recorded.append(RecordedEvent(StreamId(tenant, category, name), position, event, origin))
    return recorded
