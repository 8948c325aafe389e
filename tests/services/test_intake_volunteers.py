"""People and volunteers over HTTP, on the real engines."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.services.intake_front import Front, front_of, running_intake
from tests.support.service import Running
from tests.support.stack import Addresses
from tests.support.wait import eventually


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    return await front_of(intake)


EVENING = {"session": "evening-1", "hours": 11.5, "modules": ["measure", "role"]}
NOT_STORED = (422, "certificate_not_stored", "certificate")
CERTIFICATE = {"kind": "police", "purpose": "volunteer with survivors", "valid_until": "2200-01-01"}


async def applied(front: Front) -> str:
    """Somebody who applied to be a friend; the path of their volunteering."""
    person_id = await front.register()
    body = {"programme": "walking-friends", "person_id": person_id, "roles": ["friend"]}
    answer = await front.post("/v1/volunteerings", body)
    assert answer.status_code == 201, answer.text
    return str(answer.headers["Location"])


async def approved(front: Front) -> str:
    path = await applied(front)
    for step, body in (
        ("training", EVENING | {"hours": 12}),
        ("confidentiality", {"text_version": "v1"}),
        ("certificate", CERTIFICATE),
        ("interview", {"outcome": "suitable"}),
        ("approval", {}),
    ):
        answer = await front.post(f"{path}/{step}", body)
        assert answer.status_code == 200, answer.text
    return path


@pytest.mark.requirement("S2.22", "S2.23", "S2.24", "S2.25", "S2.26", "S2.27", "S4.19")
async def test_a_volunteer_is_approved_when_everything_the_policy_asks_is_there(front: Front) -> None:
    path = await applied(front)
    await front.post(f"{path}/training", EVENING)
    await front.post(f"{path}/confidentiality", {"text_version": "v1"})
    talked = await front.post(f"{path}/interview", {"outcome": "suitable"})
    assert talked.json()["progress"] == [
        {
            "role": "friend",
            "is_approved": False,
            "met": ["modules", "confidentiality", "talk"],
            "missing": ["hours", "certificate"],
        }
    ]
    early = await front.post(f"{path}/approval", {})
    assert (early.status_code, early.json()["rule"]) == (409, "requirements_missing")
    assert [missing["code"] for missing in early.json()["missing"]] == ["hours", "certificate"]
    assert early.json()["case"] == "2 missing; hours attended: 11.5 of 12"
    await front.post(f"{path}/training", {"session": "evening-2", "hours": 0.5})
    await front.post(f"{path}/certificate", CERTIFICATE)
    answer = (await front.post(f"{path}/approval", {})).json()
    assert (answer["hours"], answer["approved_roles"], answer["policy_version"], answer["valid_until"]) == (
        12,
        ["friend"],
        1,
        "2200-01-01",
    )


@pytest.mark.requirement("S2.25")
@pytest.mark.parametrize("upload", [{"content": "JVBERi0"}, {"file": "certificate.pdf"}, {"remarks": "none"}])
async def test_nobody_stores_what_a_certificate_says(front: Front, upload: dict[str, str]) -> None:
    path = await applied(front)
    answer = await front.post(f"{path}/certificate", CERTIFICATE | upload)
    assert (answer.status_code, answer.json()["rule"], answer.json()["field"]) == NOT_STORED
    assert (await front.get(path)).json()["progress"][0]["met"] == []


@pytest.mark.requirement("S2.25")
@pytest.mark.parametrize(
    "upload",
    [
        {"files": {"certificate": ("certificate.pdf", b"%PDF-1.7", "application/pdf")}},
        {"content": b"%PDF-1.7", "headers": {"Content-Type": "application/pdf"}},
        {"data": {"kind": "police"}},
    ],
    ids=["multipart", "bytes", "form"],
)
async def test_a_certificate_is_not_uploaded_in_any_form(front: Front, upload: dict[str, Any]) -> None:
    path = await applied(front)
    headers = front.bearer() | upload.pop("headers", {})
    answer = await front.service.client.post(f"{path}/certificate", headers=headers, **upload)
    assert (answer.status_code, answer.json()["rule"], answer.json()["field"]) == NOT_STORED
    anybody = await front.service.client.post(f"{path}/certificate", **upload)
    assert anybody.status_code == 401


@pytest.mark.requirement("S2.25")
async def test_of_a_certificate_only_who_saw_it_what_for_and_how_long_is_kept(front: Front) -> None:
    path = await applied(front)
    await front.post(f"{path}/certificate", CERTIFICATE)
    stream = f"{front.tenant}/volunteering/{path.rpartition('/')[2]}"
    commits = await front.service.application.database["commits"].find({"s": stream}).sort("v", -1).to_list()
    assert set(json.loads(commits[0]["e"][0])) == {
        *("person_id", "programme", "kind", "purpose", "seen_by", "seen_on", "valid_until")
    }


@pytest.mark.requirement("S2.22")
async def test_a_corrected_attendance_replaces_the_one_before_and_may_end_an_approval(front: Front) -> None:
    corrected = await front.post(f"{await approved(front)}/training", EVENING | {"hours": 4})
    assert (corrected.json()["hours"], corrected.json()["approved_roles"]) == (4, [])


@pytest.mark.requirement("S2.10", "S4.5")
async def test_somebody_applies_for_themselves_and_says_where_they_heard_of_it(front: Front) -> None:
    body = {"programme": "walking-friends", "roles": ["friend"], "recruitment_source": "friend"}
    unknown = await front.post("/v1/volunteerings", body, person="person-1")
    assert (unknown.status_code, unknown.json()["rule"]) == (422, "person_unknown")
    await front.post("/v1/persons", {"name": "Ida"}, person="person-1")
    applied = await front.post("/v1/volunteerings", body, person="person-1")
    assert applied.json()["volunteering_id"] == "person-1_walking-friends"
    listed = await front.get("/v1/volunteerings", programme="walking-friends", standing="applied", after=applied)
    assert [item["recruitment_source"] for item in listed.json()["items"]] == ["friend"]


@pytest.mark.requirement("S4.23")
async def test_training_counts_although_nobody_applied(front: Front) -> None:
    person_id = await front.register()
    path = f"/v1/volunteerings/{person_id}_walking-friends"
    trained = await front.post(f"{path}/training", EVENING)
    assert (trained.json()["standing"], trained.json()["hours"]) == ("none", 11.5)
    assert (await front.post(f"{path}/approval", {})).json()["rule"] == "not_applied"
    body = {"programme": "walking-friends", "person_id": person_id, "roles": ["friend"]}
    assert (await front.post("/v1/volunteerings", body)).json()["hours"] == 11.5


@pytest.mark.requirement("S1.24")
async def test_who_helps_lives_there_too_and_is_a_member_by_registration(front: Front) -> None:
    body = {"programme": "neighbours", "person_id": await front.register(), "roles": ["member"]}
    elsewhere = await front.post("/v1/volunteerings", body | {"municipality": "Elsewhere"})
    assert (elsewhere.status_code, elsewhere.json()["rule"]) == (409, "residents_only")
    assert [option["code"] for option in elsewhere.json()["options"]] == ["own-municipality", "civil-society"]
    here = await front.post("/v1/volunteerings", body | {"municipality": "Fjordby"})
    assert here.json()["approved_roles"] == ["member"]


async def test_a_suspension_ends_with_a_reinstatement_and_leaving_costs_nothing(front: Front) -> None:
    path = await approved(front)
    assert (await front.post(f"{path}/suspension")).json()["is_suspended"]
    assert (await front.post(f"{path}/approval", {})).json()["rule"] == "suspended"
    reinstated = (await front.post(f"{path}/reinstatement")).json()
    assert (reinstated["is_suspended"], reinstated["approved_roles"]) == (False, ["friend"])
    left = (await front.post(f"{path}/leaving")).json()
    assert (left["standing"], left["approved_roles"], left["hours"]) == ("left", [], 12)


async def test_who_is_declined_gets_two_other_ways(front: Front) -> None:
    path = await applied(front)
    one = await front.post(f"{path}/decline", {"rule": "not-now", "options": ["civil-society"]})
    assert (one.status_code, one.json()["rule"]) == (422, "two_options")
    assert (await front.post(f"{path}/decline", {"rule": "not-now"})).json()["standing"] == "declined"


@pytest.mark.parametrize(
    ("step", "body", "rule"),
    [
        ("training", EVENING | {"hours": 25}, "malformed_field"),
        ("training", EVENING | {"hours": "12"}, "malformed_field"),
        ("training", EVENING | {"booked": 12}, "unknown_field"),
        ("training", EVENING | {"attended_on": "2999-01-01"}, "not_happened_yet"),
        ("interview", {"outcome": "suitable", "notes": "a story"}, "unknown_field"),
        ("interview", {"outcome": "splendid"}, "malformed_field"),
        ("confidentiality", {}, "missing_field"),
        ("certificate", {"kind": "police"}, "missing_field"),
    ],
)
async def test_what_is_malformed_is_refused(front: Front, step: str, body: dict[str, Any], rule: str) -> None:
    answer = await front.post(f"{await applied(front)}/{step}", body)
    assert (answer.status_code, answer.json()["rule"]) == (422, rule)


async def test_nobody_shows_for_others_what_a_coordinator_sees(front: Front) -> None:
    path = await applied(front)
    assert (await front.post(f"{path}/certificate", CERTIFICATE, person="person-1")).status_code == 403
    assert (await front.post(f"{path}/leaving", person="person-1")).status_code == 404
    assert (await front.get(path, person="person-1")).status_code == 404


async def test_a_volunteer_of_another_tenant_is_absent(intake: Running, front: Front) -> None:
    other, path = await front_of(intake), await approved(front)
    assert (await other.get(path)).status_code == 404
    for step, body in (("training", EVENING), ("approval", {}), ("suspension", None), ("leaving", None)):
        assert (await other.post(f"{path}/{step}", body)).status_code == 404
    assert (await other.get("/v1/volunteerings")).json()["items"] == []


@pytest.mark.requirement("S0.7", "S1.8", "S3.32")
async def test_a_profile_begins_with_what_somebody_gives(front: Front) -> None:
    person_id = await front.register()
    profile = {
        "gives": ["baking"],
        "interests": ["walking"],
        "competences": ["carpentry"],
        "hopes": "A garden of my own.",
        "languages": [{"code": "nb", "level": "b2"}],
    }
    described = await front.post(f"/v1/persons/{person_id}/profile", profile)
    shown = (await front.get(f"/v1/persons/{person_id}", after=described)).json()["profile"]
    assert {field: shown[field] for field in profile} == profile
    assert next(iter(shown)) == "gives"
    raw = await front.service.application.database["commits"].find_one({"s": f"{front.tenant}/person/{person_id}"})
    assert "garden" not in str(raw)


@pytest.mark.parametrize(
    ("contact", "field", "rule"),
    [
        ({"language": "nb", "email": "nobody"}, "contact.email", "malformed_field"),
        ({"language": "nb", "phone": "12"}, "contact.phone", "malformed_field"),
        ({"language": "nb", "phone": "+47 000 00 000"}, "phone", "phone_invalid"),
        ({"language": "fr"}, "contact.language", "malformed_field"),
    ],
)
async def test_contact_that_reaches_nobody_is_refused(
    front: Front, contact: dict[str, str], field: str, rule: str
) -> None:
    answer = await front.post("/v1/persons", {"name": "Ida", "contact": contact})
    assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)


@pytest.mark.requirement("S2.3", "S4.11")
async def test_consent_is_for_one_purpose_and_one_controller_and_is_taken_back(front: Front) -> None:
    path = f"/v1/persons/{await front.register()}"
    for controller in ("fjordby", "elvedal"):
        await front.post(f"{path}/consents", {"purpose": "enrolment", "controller": controller})
    withdrawn = await front.post(f"{path}/consents/withdrawal", {"purpose": "enrolment", "controller": "fjordby"})
    shown = (await front.get(path, after=withdrawn)).json()
    assert [(consent["purpose"], consent["controller"]) for consent in shown["consents"]] == [("enrolment", "elvedal")]


@pytest.mark.requirement("S2.22", "S2.25")
async def test_a_volunteering_shows_what_was_seen_of_whom_and_never_what_a_certificate_says(front: Front) -> None:
    path = await approved(front)
    shown = (await front.get(path)).json()
    assert (shown["name"], shown["modules"], shown["signed"]) == ("Kari Oppdiktet", ["measure", "role"], ["v1"])
    [seen] = shown["certificates"]
    assert (seen.keys(), seen["kind"]) == ({"kind", "seen_on", "valid_until"}, "police")
    assert shown["talk"]["outcome"] == "suitable"

    async def listed() -> Any:
        return (await front.get("/v1/volunteerings", person_id=shown["person_id"])).json()["items"]

    [item] = await eventually(listed)
    assert (item["volunteering_id"], item["name"]) == (shown["volunteering_id"], "Kari Oppdiktet")
