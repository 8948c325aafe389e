"""What every closed route leaves in the audit trail, without having to think of it: before the answer leaves."""

import re
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError

from chassis.audit import Draft, Trail, witnessing
from chassis.auth import Principal
from chassis.http.correlation import correlation_id_of
from chassis.refusal import Refusal

PERSON_FIELDS = ("person_id", "helper_id", "requester_id", "recipient_id", "supporter_id", "lead_id", "other_id")
"""Fields of bodies and answers that hold a person's pseudonym; tests/architecture/test_audit.py finds new ones."""

PEOPLE_FIELDS = ("enrolled",)
"""Fields that hold a list of them."""

_ONE = re.compile(rf'"(?:{"|".join(PERSON_FIELDS)})"\s*:\s*"([A-Za-z0-9_-]{{1,128}})"'.encode())
_MANY = re.compile(rf'"(?:{"|".join(PEOPLE_FIELDS)})"\s*:\s*\[([^\]]*)\]'.encode())
_EACH = re.compile(rb'"([A-Za-z0-9_-]{1,128})"')
_READING = {"GET", "HEAD"}
_ABSENT = 404
# An address that leads to nobody may hold anything, and the trail keeps it for ever: only what may be one of ours.
_PSEUDONYM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}")


async def audited(
    request: Request,
    work: Callable[[Request], Awaitable[Response]],
    *,
    trail: Trail,
    now: Callable[[], datetime],
    principal: Principal,
    role: str,
    action: str,
) -> Response:
    """The answer of `work`, once it is remembered who saw or changed what about whom.

    Whom: those whose seals were opened meanwhile, and every pseudonym in the address, the body and the answer. Reads
    about nobody leave nothing; what was malformed leaves nothing. Raises StoreUnavailable when it cannot be remembered:
    then nothing is shown, and a change that was made is met again by its Idempotency-Key.
    """
    response: Response | None = None
    refusal: Exception | None = None
    with witnessing() as seen:
        try:
            response = await work(request)
        except RequestValidationError:
            raise
        except Exception as fault:  # noqa: BLE001 - whatever it is, it goes on after it is remembered
            refusal = fault
    seen |= await _named(request, response)
    if getattr(refusal, "status", None) == _ABSENT:
        seen = {one for one in seen if _PSEUDONYM.fullmatch(one)}
    outcome = _outcome(refusal, response)
    if outcome is not None and (seen or request.method not in _READING):
        await trail.record(
            Draft(
                tenant=principal.tenant,
                at=now().isoformat(),
                actor=principal.actor,
                role=role,
                action=action,
                did="read" if request.method in _READING else "changed",
                subjects=tuple(sorted(seen)),
                outcome=outcome,
                correlation_id=correlation_id_of(request.scope),
            )
        )
    if refusal is not None:
        raise refusal
    assert response is not None  # noqa: S101 - one of the two is there
    return response


def role_of(principal: Principal, scopes: Collection[str]) -> str:
    """What the caller is to those they look at, in a word that may be shown to them; never a name.

    The role by which they may call a route with these scopes; where none was granted, what their token makes them.
    """
    granted = principal.role_for(scopes)
    if granted is not None:
        return granted.replace("-", "_")
    if principal.has("people:write") or principal.has("matching:manage") or principal.has("volunteering:manage"):
        return "coordinator"
    if principal.has("people:read"):
        return "staff"
    if principal.person_id is not None:
        return "participant"
    return "referrer" if principal.has("referrals:write") else "system"


async def _named(request: Request, response: Response | None) -> set[str]:
    path_id = request.path_params.get("person_id")
    found = {path_id} if isinstance(path_id, str) else set()
    if request.method not in _READING:
        found |= _people_in(await request.body())
    return found | _people_in(getattr(response, "body", b"") or b"")


def _people_in(text: bytes) -> set[str]:
    several = (one for many in _MANY.findall(text) for one in _EACH.findall(many))
    return {found.decode() for found in (*_ONE.findall(text), *several)}


def _outcome(fault: Exception | None, response: Response | None) -> str | None:
    match fault:
        case None:
            return "done" if response is not None and response.status_code < 400 else "refused"
        case Refusal(status=422):
            return None
        case Refusal():
            return fault.rule
        case _:
            return "broken"
