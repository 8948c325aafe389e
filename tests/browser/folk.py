"""What a test does beside the pages: people of one tenant act over HTTP, through the same port as the browser."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from deploy.local.issuer import Account
from tests.support.site import Site
from tests.support.wait import eventually

Json = dict[str, Any]

# What a service says that has not heard yet of what another did a moment ago.
_NOT_HEARD_YET = {"facts_too_old", "not_listed", "no_policy", "not_found"}
_PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Folk:
    """`coordinator` is a subject of the directory; everybody else acts under an account that is made for them."""

    site: Site
    tenant: str
    coordinator: str
    http: httpx.AsyncClient
    _bearers: dict[str, dict[str, str]] = field(default_factory=dict)

    async def do(
        self, service: str, path: str, body: Json | None = None, *, by: str | None = None, despite: str = ""
    ) -> Json:
        """A command that is accepted, by and by; `despite` names a rule that says no for a moment."""
        headers = {**await self._bearer(by), "Idempotency-Key": uuid4().hex}

        async def accepted() -> httpx.Response:
            answer = await self.http.post(f"{self.site.url}/{service}{path}", json=body, headers=headers)
            rule = None if answer.is_success else answer.json().get("rule")
            is_early = answer.status_code == 404 or answer.status_code >= 500 or rule in {*_NOT_HEARD_YET, despite}
            assert not is_early, answer.text
            return answer

        answer = await eventually(accepted, timeout=_PATIENCE_SECONDS)
        assert answer.is_success, f"{path}: {answer.text}"
        found: Json = answer.json() if answer.content else {}
        return found

    async def until(
        self, service: str, path: str, is_so: Callable[[Json], Any] = bool, *, by: str | None = None
    ) -> Json:
        """What a path shows, once it is there and `is_so` is true of it."""

        async def so() -> Json | None:
            answer = await self.http.get(f"{self.site.url}/{service}{path}", headers=await self._bearer(by))
            assert answer.status_code in (200, 404) or answer.status_code >= 500, answer.text
            found: Json | None = answer.json() if answer.is_success else None
            return found if found is not None and is_so(found) else None

        seen = await eventually(so, timeout=_PATIENCE_SECONDS)
        assert seen is not None
        return seen

    async def registered(self, name: str, **profile: Any) -> str:
        """Staff type somebody in, who can log in from now on as `{tenant}-{id}`; the person's id."""
        contact = {"language": "nb", "email": f"{uuid4().hex[:12]}@example.org"}
        body = {"channel": "phone", "name": name, "birth_date": "1979-03-01", "contact": contact, "profile": profile}
        person_id = str((await self.do("intake", "/v1/persons", body))["id"])
        scopes = self.site.directory.find(f"{self.tenant}-citizen")
        assert scopes is not None
        account = Account(
            subject=self.subject(person_id), tenant=self.tenant, scopes=scopes.scopes, name=name, person=person_id
        )
        self.site.directory.put(account)
        return person_id

    def subject(self, person_id: str) -> str:
        return f"{self.tenant}-{person_id}"

    async def _bearer(self, by: str | None) -> dict[str, str]:
        subject = self.coordinator if by is None else self.subject(by)
        if subject not in self._bearers:
            self._bearers[subject] = await self.site.bearer(subject)
        return self._bearers[subject]
