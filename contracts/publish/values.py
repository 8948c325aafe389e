"""Invented values for examples, so that one story runs through all of them.

In the town of Fjordby somebody would like company on walks. A volunteer of the programme `walking-friends` is found.
"""

from typing import Any

from contracts.publish.streams import STREAMS

REQUESTER = "0199d2a4-6c1e-7b43-9f02-5d8e41c7a310"
HELPER = "0199d2a6-0f72-7a95-8c3d-2b90e6f1d4a8"
COORDINATOR = "0199d29f-33b5-7e10-a6d4-91c7f05b2e66"
REQUEST = "c7b1f0d2-8f4e-5a3b-9d21-64e0a8b7c915"
PROPOSAL = "5e0c9a17-2d44-5b6f-8a90-c3f1d7e2b048"
MATCH = "a94f6be3-71c8-5d0a-b1e5-08d27c3f9a6d"
MESSAGE = "d3e8a5c1-4b9f-5f72-86c0-1a7d9e0b3f54"
TENANT = "fjordby"
PROGRAMME = "walking-friends"

POLICY: dict[str, Any] = {
    "title": {"nb": "Turvenn", "en": "Walking friends"},
    "status": "pilot",
    "approved": {"by": "Fjordby bystyre", "on": "2026-06"},
    "mandate": {"from": "2026-08-01", "to": "2028-07-31"},
    "partners": [{"organisation": "Fjordby frivilligsentral", "does": "trains", "sees": "enrolment"}],
    "min_age": 18,
    "gates": [{"code": "wants-company", "confirmed_by": "referrer or coordinator", "otherwise": "talk-to-the-centre"}],
    "categories": [{"code": "walks", "by": "pairing"}, {"code": "shopping", "safeguards": ["money"]}],
    "support_forms": ["walk", "talk"],
    "roles": {"walker": {"hours": 6, "modules": ["role"], "confidentiality": "v1", "talk": True}},
    "max_length": "P1Y",
    "milestones": [10, 50],
}

_OPTION = {"code": "drop-in", "text": "You can come to the open café on Tuesdays without signing up."}
_WISHES = {
    "languages": [{"code": "nb", "level": "native"}, {"code": "so", "level": "b1"}],
    "interests": ["hiking", "birds"],
    "support_forms": ["walk"],
    "day_parts": ["afternoon"],
    "area": "Fjordby east",
    "gender": "woman",
    "lived_experience": False,
}
_PEOPLE = {
    "person_id": REQUESTER,
    "requester_id": REQUESTER,
    "subject": REQUESTER,
    "helper_id": HELPER,
    "recipient_id": HELPER,
    **dict.fromkeys(("adopted_by", "approved_by", "entered_by", "held_by", "owner", "proposed_by"), COORDINATOR),
    "answered_by": COORDINATOR,
    **dict.fromkeys(("reinstated_by", "renewed_by", "seen_by", "suspended_by"), COORDINATOR),
    **dict.fromkeys(("amended_by", "asked_by", "given_by", "reviewed_by", "taken_back_by", "agreed_by"), COORDINATOR),
}
_DAYS = {
    "adopted_on": "2026-07-01",
    "opens_on": "2026-08-03",
    "stated_on": "2026-08-17",
    "attended_on": "2026-08-22",
    "signed_on": "2026-08-24",
    "seen_on": "2026-08-24",
    "held_on": "2026-08-26",
    "valid_until": "2028-08-24",
    "needed_since": "2026-08-10",
    "answer_by": "2026-09-02",
    "latest_date": "2026-10-31",
    "starts_on": "2026-09-14",
    "ends_on": "2027-09-14",
    "ended_on": "2027-05-31",
    "left_on": "2027-06-30",
    "permanent_on": "2028-01-01",
    "closed_on": "2030-12-31",
    "birth_date": "1951-03-09",
    "asked_on": "2026-10-14",
    "given_on": "2026-09-20",
    "happened_on": "2026-09-19",
    "due_on": "2026-12-14",
    "reviewed_on": "2026-12-14",
    "sign_by": "2026-10-01",
    "from": "2028-08-01",
    "to": "2030-07-31",
}
_INSTANTS = {
    "given_at": "2026-08-17T09:20:00Z",
    "withdrawn_at": "2026-11-02T12:00:00Z",
    "applied_at": "2026-08-18T18:42:10Z",
    "received_at": "2026-08-19T07:15:03Z",
    "posted_at": "2026-08-19T07:15:03Z",
    "declined_at": "2026-08-19T07:15:03Z",
    "taken_up_at": "2026-08-20T08:05:00Z",
    "approved_at": "2026-08-27T10:30:00Z",
    "parked_at": "2026-08-28T13:00:00Z",
    "resumed_at": "2026-09-01T08:00:00Z",
    "paused_at": "2026-08-31T22:00:00Z",
    "due_at": "2026-09-07T09:00:00Z",
    "began_at": "2026-09-07T09:00:01Z",
    "sent_at": "2026-09-07T09:00:02Z",
    "meets_at": "2026-09-10T12:30:00Z",
    "held_at": "2026-09-10T13:45:00Z",
    "ends_at": "2027-09-14T22:00:00Z",
    "answer_until": "2026-09-02T22:00:00Z",
    "met_at": "2026-09-14T08:12:45Z",
    "until": "2026-10-01T22:00:00Z",
    "useful_until": "2026-09-10T12:30:00Z",
    "at": "2026-08-19T07:15:04Z",
    "accepted_at": "2026-08-21T08:00:00Z",
    "agreed_at": "2026-08-18T08:00:00Z",
    "amended_at": "2026-10-20T08:00:00Z",
    "answered_at": "2026-08-18T09:00:00Z",
    "blocked_at": "2026-08-17T09:40:00Z",
    "lifted_at": "2027-08-17T09:40:00Z",
    "suspected_at": "2026-08-18T07:00:00Z",
    "asked_at": "2026-08-20T12:00:00Z",
    "chosen_at": "2026-08-18T08:10:00Z",
    "ended_at": "2026-09-20T14:05:00Z",
    "escalated_at": "2026-08-25T08:00:00Z",
    "check_in_at": "2026-10-14T07:00:00Z",
    "review_at": "2026-12-14T08:00:00Z",
    "warn_at": "2027-08-15T07:00:00Z",
    "lifted_at": "2026-09-01T08:00:00Z",
    "let_go_at": "2027-06-01T00:00:00Z",
    "protected_at": "2026-08-17T09:30:00Z",
    "taken_back_at": "2026-11-01T12:00:00Z",
    "told_at": "2026-08-18T18:50:00Z",
}
_IDS = {
    "request_id": REQUEST,
    "proposal_id": PROPOSAL,
    "match_id": MATCH,
    "message_id": MESSAGE,
    "cause_id": "16f0c2de-9b73-5a41-bc68-7f2e5d90a1b3",
    "session": "course-2026-08-22",
    "referral_id": "FB-2026-00417",
    "reference": "FB-P-2209",
    "accompaniment_id": "2b7d8f10-63e4-5c1a-9d0e-7a4bc8f15e92",
    "check_in_id": "81c4a6d2-0f35-5b98-a7e1-5d20c9f36b74",
    "pair": "9f2c4e6a8b0d1f3a5c7e9b1d3f5a7c9e0b2d4f6a8c0e1b3d5f7a9c1e3b5d7f90",
    "to": "0199d2a1-5b0c-7d83-b6f2-8e41c90d7a56",
    "block_id": "4f6a1c08-7d92-5e3b-b8a5-90c2d1e7f364",
    "visit_id": "f05b9c83-1a6d-5e27-8c94-3bd7e2a0f618",
}
_NUMBERS = {
    "attempt": 1,
    "bounces": 1,
    "attempts": 5,
    "capacity": 2,
    "hours": 6.0,
    "number": 10,
    "points": 2.5,
    "policy_version": 1,
    "score": 6.5,
}
_WORDS = {
    "area": "Fjordby east",
    "audience": "young",
    "benefits": "pleasant",
    "category": "walks",
    "code": "area",
    "collective": "meeting places",
    "competences": "first aid",
    "contact_role": "coordinator",
    "controller": "fjordby",
    "email": "somebody@example.org",
    "expected_duration": "PT2H",
    "field": "person.birth_date",
    "gate": "wants-company",
    "gives": "company on walks",
    "interests": "birds",
    "kind": "police",
    "level": "keyholder",
    "languages": {"code": "nb", "level": "native"},
    "modules": "role",
    "municipality": "Fjordby",
    "name": "Havnehuset",
    "options": [_OPTION],
    "organisation_number": "999888777",
    "parent": "fjordby",
    "phone": "+4700000001",
    "policy": POLICY,
    "postcode": "0001",
    "programme": PROGRAMME,
    "purpose": "be paired with a walking friend",
    "purposes": "matching",
    "quiet_from": "20:00:00",
    "quiet_until": "08:00:00",
    "reason": "The programme takes new requests again in August.",
    "recruitment_source": "poster at the library",
    "roles": "walker",
    "rule": "mandate_ended",
    "sealed": "AQAAAAEk7w1cQm9Wc0Jd2uYk3hT5bq8Zr1nXv6LpGf4aTk",
    "sender": TENANT,
    "sentence": "person.birth_date: is not a date",
    "support_forms": "walk",
    "template": "match-made",
    "text": _OPTION["text"],
    "text_version": "v1",
    "wants": "get to know the coast path",
    "what": "Company on a walk once a week.",
    "wishes": _WISHES,
    "zone": "Europe/Oslo",
}
_BLOCKS = ("counterpart-blocked", "identity-blocked", "block-suspected")

# By field name, wherever the field stands.
OF_FIELD: dict[str, Any] = {**_PEOPLE, **_DAYS, **_INSTANTS, **_IDS, **_NUMBERS, **_WORDS}

# By `name#field`, where the field means something else than elsewhere; `name#` is the whole.
ONLY_HERE: dict[str, Any] = {
    "kobling.policy#": POLICY,
    "kobling.referral#gates": {"wants-company": True},
    "kobling.referral#name": "Kari Eksempel",
    "kobling.referral#languages": [{"code": "nb", "level": "native"}],
    "intake.certificate-shown#purpose": "work with people who live alone",
    "intake.place-named#name": "Brygga",
    "intake.programme-closed#reason": "merged",
    "intake.volunteer-declined#rule": "not-now",
    "intake.approval-lapsed#rule": "certificate-expired",
    "intake.mandate-renewed#to": "2030-07-31",
    "intake.identity-seen#person_id": HELPER,
    **dict.fromkeys((f"intake.{event}#kind" for event in _BLOCKS), "phone"),
    "matching.check-in-given#given_by": "helper",
    "matching.helper-listed#until": "2028-08-24",
    "matching.slot-refused#rule": "not-approved",
    "notifications.message-failed#rule": "mailbox-refused",
    "kobling.referral-rejected#rule": "malformed_referral",
    "kobling.referral-rejected#message_id": "fb-msg-90417",
    **{f"{event}#person_id": HELPER for event in (*STREAMS["volunteering"], *STREAMS["helper"])},
}
