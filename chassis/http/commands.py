"""From a request to a command's Context, and from its Outcome to headers."""

import hmac
import re
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel, ConfigDict
from pydantic_core import from_json, to_json
from uuid_utils import uuid7

from chassis.auth import Principal
from chassis.command_handler import Context, Outcome
from chassis.http.correlation import correlation_id_of
from chassis.http.routes import AnyScope, principal_in
from chassis.http.state import state_of
from chassis.observability import current_traceparent
from chassis.position import Position
from contracts.envelope import derive_id

IDEMPOTENCY_KEY_PATTERN = r"^[\x21-\x7e]{1,255}$"
IF_MATCH_PATTERN = r'^(\*|"[1-9][0-9]{0,14}")$'

_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=IDEMPOTENCY_KEY_PATTERN,
        description="1-255 visible characters. Repeated with its key, a request is done once and answered the same.",
    ),
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=IF_MATCH_PATTERN,
        description='The ETag this decision was made on, such as "7"; 412 when somebody was faster.',
    ),
]


class CommandBody(BaseModel):
    """The body of a command: frozen, blanks around text taken off, an unknown field is refused (domain.md, rule 1)."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, allow_inf_nan=False)


@dataclass(frozen=True, slots=True)
class Commanded:
    """Who commands, the ids the command runs under, and the version the caller saw (None: any)."""

    principal: Principal
    context: Context
    if_match: int | None

    def step(self, name: str) -> Context:
        """The context of one of several commands in a request: `name` keeps their ids apart, a retry repeats them."""
        return replace(self.context, command_id=derive_id(self.context.command_id, name))

    def new_id(self, kind: str) -> str:
        """An id for a thing this command makes: the same again when the request is repeated under its key."""
        return derive_id(self.context.command_id, kind)


class _AnyScopeCommanding(AnyScope):
    async def __call__(  # type: ignore[override]  # FastAPI reads the headers off the signature
        self, request: Request, idempotency_key: IdempotencyKey = None, if_match: IfMatch = None
    ) -> Commanded:
        principal = principal_in(request)
        context = await context_of(request, principal, idempotency_key)
        return Commanded(principal, context, None if if_match in (None, "*") else int(str(if_match).strip('"')))


def commanded_by(*scopes: str, by_programme: bool = False) -> Any:
    """`ask: Annotated[Commanded, commanded_by("requests:write")]`: as `caller`, with Idempotency-Key and If-Match.

    `by_programme`: makes something that belongs to no programme yet, so whoever may in one programme may.
    """
    return Depends(_AnyScopeCommanding(scopes, by_programme=by_programme))


async def context_of(request: Request, principal: Principal, idempotency_key: str | None) -> Context:
    """The key becomes the command id, bound to tenant and caller; the digest tells a repeat from a reuse of the key."""
    if idempotency_key is None:
        command_id = str(uuid7())
    else:
        command_id = derive_id("http", principal.tenant, principal.subject, idempotency_key)
    return Context(
        command_id=command_id,
        actor=principal.actor,
        correlation_id=correlation_id_of(request.scope),
        digest=_digest(request, await request.body(), key=state_of(request).derive_key(principal.tenant, "digest")),
        traceparent=current_traceparent() or _traceparent_in(request),
    )


def answer(response: Response, outcome: Outcome[Any], *, location: str | None = None) -> None:
    """Put ETag and X-Position on the answer to a command, and where the new thing is."""
    if outcome.version:
        versioned(response, Position(outcome.stream, outcome.version))
    if location is not None:
        response.headers["Location"] = location


def versioned(response: Response, position: Position) -> None:
    """ETag and X-Position of what is shown: send the first back as If-Match, the second as X-Min-Position."""
    response.headers["ETag"] = f'"{position.position}"'
    response.headers["X-Position"] = str(position)


def _digest(request: Request, body: bytes, *, key: bytes) -> str:
    """Of method, address and body; a client may write the same JSON in another order.

    Keyed, since it is stored for ever: a telephone number or a few answers are guessed from a plain hash (S2.9).
    """
    parts = (request.method.encode(), request.url.path.encode(), _canonical(body))
    return hmac.digest(key, b"\n".join(parts), "sha256").hex()


def _canonical(body: bytes) -> bytes:
    try:
        return to_json(_sorted(from_json(body)))
    except ValueError:
        return body  # nothing, or something sent along to a command that takes no body


def _sorted(value: Any) -> Any:
    match value:
        case dict():
            return {key: _sorted(value[key]) for key in sorted(value)}
        case list():
            return [_sorted(item) for item in value]
        case _:
            return value


def _traceparent_in(request: Request) -> str | None:
    value = request.headers.get("traceparent", "")
    return value if _TRACEPARENT.fullmatch(value) else None
