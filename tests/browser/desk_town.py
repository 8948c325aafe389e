"""A town of invented people for the pages of intake's coordinators, built through the operations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from deploy.local.issuer import Account
from tests.support.site import Site
from tests.support.wait import eventually

Json = dict[str, Any]

COORDINATOR_SCOPES = (
    *("requests:read", "requests:write", "people:read", "people:write", "volunteering:read", "volunteering:manage"),
    *("programmes:read", "programmes:manage", "matching:read", "matching:manage", "messages:read", "figures:read"),
)
FRIENDS: Json = {
    "title": {"nb": "Turvenner", "nn": "Turvener", "da": "Gåvenner", "en": "Walking friends"},
    "min_age": 18,
    "mandate": {"from": "2026-01-01", "to": "2200-12-31"},
    "gates": [{"code": "acute_over", "confirmed_by": "referrer or coordinator", "otherwise": "acute-help"}],
    "roles": {
        "friend": {
            "hours": 12,
            "modules": ["measure", "role"],
            "confidentiality": "v1",
            "certificate": "police",
            "talk": True,
        }
    },
    "support_forms": ["talk", "guide", "friend"],
    "partners": [
        {"organisation": "Fjordby krisesenter", "does": "refers", "sees": "status"},
        {"organisation": "Fjordby frivilligsentral", "does": "enrols", "sees": "enrolment"},
    ],
    "levels": ["first", "second"],
    "max_length": "P1Y",
}
TASKS: Json = {
    "title": {"nb": "Småjobber", "nn": "Småjobbar", "da": "Småting", "en": "Small jobs"},
    "categories": ["garden", {"code": "shopping", "safeguards": ["money"]}, {"code": "visiting", "by": "pairing"}],
    "roles": {"member": {"approval": "registration"}, "visitor": {"talk": True}},
    "registration_reason": "Help is between equals.",
}


@dataclass(frozen=True, slots=True)
class Desk:
    """What a coordinator of one tenant does beside the pages."""

    site: Site
    tenant: str
    subject: str

    async def post(self, path: str, body: Json | None = None) -> Json:
        found: Json = await self.site.post(self.subject, f"/intake{path}", body)
        return found

    async def get(self, path: str, **query: Any) -> Json:
        found: Json = await self.site.get(self.subject, f"/intake{path}", **query)
        return found

    async def open(self) -> None:
        for code, policy in (("walking-friends", FRIENDS), ("small-jobs", TASKS)):
            await self.post(f"/v1/programmes/{code}/policy", {"policy": policy, "adopted_by": "The board"})

    async def register(self, name: str, **more: Any) -> str:
        """The pseudonym, once the person is shown."""
        body = {"channel": "phone", "name": name, "birth_date": "1981-04-12", **more}
        person_id = str((await self.post("/v1/persons", body))["id"])
        await eventually(lambda: self.get(f"/v1/persons/{person_id}"))
        return person_id

    async def wish(self, person_id: str, what: str, **more: Any) -> str:
        """The id of a request, once it is shown."""
        body = {"programme": "walking-friends", "person_id": person_id, "what": what, "gates": {"acute_over": True}}
        request_id = str((await self.post("/v1/requests", body | more))["request_id"])
        await eventually(lambda: self.get(f"/v1/requests/{request_id}"))
        return request_id

    async def volunteer(self, person_id: str, *steps: tuple[str, Json]) -> str:
        """The path of somebody who applied to be a friend, and what they showed."""
        body = {"programme": "walking-friends", "person_id": person_id, "roles": ["friend"]}
        path = f"/v1/volunteerings/{(await self.post('/v1/volunteerings', body))['volunteering_id']}"
        for step, said in steps:
            await self.post(f"{path}/{step}", said)
        return path


SHOWN: tuple[tuple[str, Json], ...] = (
    ("training", {"session": "evening-1", "hours": 12, "modules": ["measure", "role"]}),
    ("confidentiality", {"text_version": "v1"}),
    ("certificate", {"kind": "police", "purpose": "friend", "valid_until": str(date.today() + timedelta(days=20))}),  # noqa: DTZ011
    ("interview", {"outcome": "suitable"}),
)


def desk_of(site: Site, tenant: str, *, subject: str = "", name: str = "Signe Prøve") -> Desk:
    """A coordinator of a tenant of the test's own, who can log in."""
    subject = subject or f"{tenant}-coordinator"
    site.directory.put(Account(subject=subject, tenant=tenant, scopes=COORDINATOR_SCOPES, name=name))
    return Desk(site, tenant, subject)
