"""What a request finds in its application, typed."""

from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import HTTPConnection

from chassis.audit import Trail
from chassis.auth import Principal, TokenVerifier
from chassis.clock import Clock
from chassis.http.cursors import Cursors, DeriveKey
from chassis.http.limits import Limits
from chassis.http.reaching import Belongings
from chassis.http.sentences import Sentences
from chassis.oversight import Oversight


class Grants(Protocol):
    """Who callers are here and what roles they were granted: `chassis.grants.StoredGrants`."""

    async def known(self, principal: Principal) -> Principal: ...


@dataclass(frozen=True, slots=True)
class HttpState:
    service: str
    verifier: TokenVerifier
    derive_key: DeriveKey
    cursors: Cursors
    sentences: Sentences
    limits: Limits | None
    clock: Clock
    trail: Trail | None = None
    grants: Grants | None = None
    belongings: Belongings = field(default_factory=dict)
    oversight: Oversight | None = None


def state_of(connection: HTTPConnection) -> HttpState:
    state: HttpState = connection.app.state.kobling
    return state
