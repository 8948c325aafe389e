"""What a request finds in its application, typed."""

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from chassis.audit import Trail
from chassis.auth import TokenVerifier
from chassis.clock import Clock
from chassis.http.cursors import Cursors, DeriveKey
from chassis.http.limits import Limits
from chassis.http.sentences import Sentences


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


def state_of(connection: HTTPConnection) -> HttpState:
    state: HttpState = connection.app.state.kobling
    return state
