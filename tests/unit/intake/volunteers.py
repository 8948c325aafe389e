"""A volunteer who shows everything, step by step: commands in capitals, the events they lead to beside them."""

from datetime import date
from typing import Any

from contracts.base import Event
from contracts.intake import (
    ApprovalLapsed,
    CertificateShown,
    ConfidentialityDue,
    ConfidentialitySigned,
    InterviewHeld,
    Option,
    TrainingAttended,
    VolunteerApplied,
    VolunteerApproved,
    VolunteerSuspended,
)
from services.intake.domain.showing import (
    AttendTraining,
    HoldInterview,
    ShowCertificate,
    SignConfidentiality,
)
from services.intake.domain.volunteering import Apply
from services.intake.domain.volunteering_approving import Approve
from tests.unit.intake.oslo import NOW, PAIRING, PERSON, TODAY, adopted, policy, programme_after, sealed

V1 = programme_after(adopted())
NEW_TEXT = policy(roles={**PAIRING["roles"], "friend": {**PAIRING["roles"]["friend"], "confidentiality": "v2"}})
V2 = programme_after(adopted(), adopted(NEW_TEXT, version=2))
OPEN = programme_after(adopted(policy(roles={"member": {"approval": "registration"}}, registration_reason="equals")))
WHOSE: Any = {"person_id": PERSON, "programme": "oslo"}
OPTIONS = (Option(code="civil-society", text="A club"), Option(code="ask-later", text="Ask later"))

APPLY = Apply(person_id=PERSON, programme=V1, roles=("friend",), now=NOW)
FIRST_EVENING = AttendTraining(
    **{**WHOSE, "programme": V1},
    session="evening-1",
    hours=11.5,
    modules=("measure", "role"),
    attended_on=TODAY,
    now=NOW,
)
SIGN = SignConfidentiality(person_id=PERSON, programme=V1, text_version="v1", signed_on=TODAY, now=NOW)
CERTIFICATE = ShowCertificate(
    person_id=PERSON,
    programme=V1,
    kind="police",
    purpose=sealed("purpose"),
    seen_by="staff-1",
    seen_on=TODAY,
    valid_until=date(2027, 3, 2),
    now=NOW,
)
TALK = HoldInterview(person_id=PERSON, programme=V1, held_by="staff-1", held_on=TODAY, outcome="suitable", now=NOW)
APPROVE = Approve(programme=V1, approved_by="staff-1", now=NOW)

APPLIED = VolunteerApplied(**WHOSE, roles=("friend",), applied_at=NOW)
EVENING = TrainingAttended(**WHOSE, session="evening-1", hours=11.5, modules=("measure", "role"), attended_on=TODAY)
HALF_HOUR = TrainingAttended(**WHOSE, session="evening-2", hours=0.5, attended_on=TODAY)
SIGNED = ConfidentialitySigned(**WHOSE, text_version="v1", signed_on=TODAY)
SHOWN = CertificateShown(
    **WHOSE,
    kind="police",
    purpose=sealed("purpose"),
    seen_by="staff-1",
    seen_on=TODAY,
    valid_until=date(2027, 3, 2),
)
TALKED = InterviewHeld(**WHOSE, held_by="staff-1", held_on=TODAY, outcome="suitable")
APPROVED = VolunteerApproved(
    **WHOSE,
    roles=("friend",),
    policy_version=1,
    approved_by="staff-1",
    approved_at=NOW,
    valid_until=date(2027, 3, 2),
)
READY: tuple[Event, ...] = (APPLIED, EVENING, HALF_HOUR, SIGNED, SHOWN, TALKED)
SUSPENDED = VolunteerSuspended(**WHOSE, suspended_by="staff-1")
DUE = ConfidentialityDue(**WHOSE, text_version="v2", sign_by=date(2026, 4, 1))
LAPSED = ApprovalLapsed(**WHOSE, roles=("friend",), rule="confidentiality")
