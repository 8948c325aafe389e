"""What a volunteering tells: from hearing of it to being approved, and the hours of training and guidance (S4.18)."""

from typing import Any

from contracts.envelope import RecordedEvent
from contracts.intake import (
    ApprovalLapsed,
    GuidanceGiven,
    TrainingAttended,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerLeft,
    VolunteerReinstated,
    VolunteerSuspended,
)
from services.reporting.telling.fact import Fact, noon, noon_or_none, told

_Counted = (
    VolunteerApplied
    | TrainingAttended
    | GuidanceGiven
    | VolunteerApproved
    | ApprovalLapsed
    | VolunteerSuspended
    | VolunteerReinstated
    | VolunteerLeft
)
COUNTED = (
    VolunteerApplied,
    TrainingAttended,
    GuidanceGiven,
    VolunteerApproved,
    ApprovalLapsed,
    VolunteerSuspended,
    VolunteerReinstated,
    VolunteerLeft,
)


def fact_of(recorded: RecordedEvent, event: _Counted) -> Fact:
    programme, occurred_at = event.programme, recorded.origin.occurred_at
    who: dict[str, Any] = {"subject": event.person_id}
    match event:
        case VolunteerApplied(applied_at=at, recruitment_source=source):
            return told(recorded, programme, "volunteer-applied", at, source=source, **who)
        case TrainingAttended(attended_on=day, session=session, hours=hours):
            return told(recorded, programme, "training-attended", noon(day), about=session, hours=hours, **who)
        case GuidanceGiven(given_on=day, session=session, hours=hours):
            return told(recorded, programme, "guidance-given", noon(day), about=session, hours=hours, **who)
        case VolunteerApproved(approved_at=at, valid_until=until):
            return told(recorded, programme, "volunteer-approved", at, until=noon_or_none(until), **who)
        case ApprovalLapsed():
            return told(recorded, programme, "approval-lapsed", occurred_at, **who)
        case VolunteerSuspended():
            return told(recorded, programme, "volunteer-suspended", occurred_at, **who)
        case VolunteerReinstated():
            return told(recorded, programme, "volunteer-reinstated", occurred_at, **who)
        case VolunteerLeft(left_on=day):
            return told(recorded, programme, "volunteer-left", noon(day), **who)
