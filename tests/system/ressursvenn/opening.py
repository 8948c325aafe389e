"""2016: adopted as a pilot, the first referrals, a block, and a volunteer who is approved (1 to 4)."""

from dataclasses import dataclass
from pathlib import Path

import httpx
import yaml

from contracts.policy import Policy
from tests.support.town import Json
from tests.system.ressursvenn.people import (
    REFERRED,
    applied,
    attended,
    mail_of,
    referral,
    registered,
    volunteer,
    volunteering_of,
)
from tests.system.tenant import OWN, Person, Tenant

POLICY = Path(__file__).resolve().parents[3] / "deploy" / "programmes" / "oslo.yaml"
BLOCKED_PHONE = "+4791234567"


@dataclass(frozen=True, slots=True)
class Opened:
    """P asks, V helps, X is who P must never meet."""

    p: Person
    request_id: str
    v: Person
    x: Person


async def opening(oslo: Tenant) -> Opened:
    oslo.move_to(2016, 3, 1)
    await adopted(oslo)
    p, request_id = await referred(oslo)
    x = await blocked(oslo, p)
    return Opened(p, request_id, await approved(oslo), x)


async def adopted(oslo: Tenant) -> None:
    """1: a pilot; the crisis shelter refers and sees status only (S2.2, S2.3)."""
    await oslo.do("intake", f"/v1/programmes/{oslo.programme}/policy", {"policy": policy(), "adopted_by": "N.K.S."})
    shown = await oslo.get("intake", f"/v1/programmes/{oslo.programme}")
    assert shown["policy"]["status"] == "pilot"
    shelter = next(one for one in shown["policy"]["partners"] if one["organisation"] == "Oslo Krisesenter")
    assert (shelter["does"], shelter["sees"]) == ("refers", "status")


def policy(**changes: object) -> Json:
    body = Policy.model_validate(yaml.safe_load(POLICY.read_text()))
    return {**body.model_dump(mode="json", by_alias=True, exclude_none=True), **changes}


async def referred(oslo: Tenant) -> tuple[Person, str]:
    """2: no. 17 comes twice and too early, no. 18 is accepted (S2.7, S3.19)."""
    too_early = referral(oslo, "17", acute_over=False)
    await oslo.refer(too_early, too_early, referral(oslo, "18", acute_over=True))
    [declined, *_], [accepted, *_] = await oslo.statuses("17"), await oslo.statuses("18")
    assert {status["request_id"] for status in await oslo.statuses("17")} == {declined["request_id"]}
    assert (declined["status"], declined["final"], declined["rule"]) == ("declined", True, "gate_not_confirmed")
    assert declined["options"][0]["code"] == "acute-help"
    assert len(declined["options"]) >= 2
    assert accepted["status"] == "posted"
    await only_status_is_seen(oslo, accepted["request_id"])
    shown = await oslo.get("intake", f"/v1/requests/{accepted['request_id']}")
    assert shown["waiting_since"] == "2016-02-01"
    return Person(shown["person_id"], REFERRED, mail_of("referred-18")), accepted["request_id"]


async def only_status_is_seen(oslo: Tenant, request_id: str) -> None:
    """The shelter's system may refer, and reads nothing but what became of it (S2.3)."""
    shelter = oslo.bearer("oslo-krisesenter", ["referrals:write"])
    for path in ("/v1/persons", f"/v1/requests/{request_id}", "/v1/volunteerings"):
        answer = await oslo.ask("GET", "intake", path, headers=shelter)
        assert answer.status_code == httpx.codes.FORBIDDEN
    again = referral(oslo, "18", acute_over=True)
    status = (await oslo.ask("POST", "intake", "/v1/referrals", again, headers=shelter)).json()
    assert (status["request_id"], status["status"]) == (request_id, "posted")


async def blocked(oslo: Tenant, p: Person) -> Person:
    """3: P blocks a number, X registers with it: a coordinator gets a check, nobody else sees anything (S2.9)."""
    await oslo.do("intake", f"/v1/persons/{p.person_id}/blocks", {"phone": BLOCKED_PHONE}, by=p)
    x = await volunteer(oslo, "xander", phone=BLOCKED_PHONE)
    checks = await oslo.until("intake", "/v1/block-checks", lambda found: found["items"])
    [check] = checks["items"]
    assert (check["kind"], check["person_id"], check["other_id"]) == ("phone", p.person_id, x.person_id)
    shelter = oslo.bearer("oslo-krisesenter", ["referrals:write"])
    for headers in (shelter, *(oslo.bearer(who.person_id, OWN, who.person_id) for who in (p, x))):
        answer = await oslo.ask("GET", "intake", "/v1/block-checks", headers=headers)
        assert answer.status_code == httpx.codes.FORBIDDEN
    seen = await oslo.get("intake", f"/v1/persons/{x.person_id}", by=x)
    assert p.person_id not in str(seen)
    await oslo.do("intake", f"/v1/block-checks/{check['check_id']}/answer", {"answer": "recognised"})
    return x


async def approved(oslo: Tenant) -> Person:
    """4: 11.5 hours and no certificate are not enough; 12 hours and a certificate that was seen are (S2.22-S2.27)."""
    v = await registered(oslo, "vigdis", languages=[{"code": "nb"}, {"code": "so", "level": "b2"}])
    path = volunteering_of(oslo, v)
    await applied(oslo, v)
    await attended(oslo, v, 6, 5.5)
    await oslo.do("intake", f"{path}/confidentiality", {"text_version": "v1"})
    await oslo.do("intake", f"{path}/interview", {"outcome": "suitable"})
    refused = await oslo.refused("requirements_missing", "intake", f"{path}/approval", {})
    assert [gap["code"] for gap in refused["missing"]] == ["hours", "certificate"]
    await oslo.do("intake", f"{path}/training", {"session": "evening-3", "hours": 0.5})
    assert (await oslo.get("intake", path))["hours"] == 12
    upload = {"kind": "police", "purpose": "to be a friend", "certificate": "JVBERi0xLjc="}
    answer = await oslo.ask("POST", "intake", f"{path}/certificate", upload)
    assert (answer.status_code, answer.json()["field"]) == (422, "certificate")
    await oslo.do("intake", f"{path}/certificate", {"kind": "police", "purpose": "to be a friend"})
    assert (await oslo.do("intake", f"{path}/approval", {}))["approved_roles"] == ["ressursvenn"]
    return v
