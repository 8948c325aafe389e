"""Every refusal as application/problem+json (RFC 9457), in the caller's language, with nothing of our insides."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from prometheus_client import Counter
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from chassis.auth import Unauthenticated
from chassis.http.refusals import (
    BrokenInside,
    EngineAway,
    Malformed,
    MethodNotAllowed,
    MissingField,
    NotJson,
    ScopeMissing,
    TooManyRequests,
    UnknownField,
)
from chassis.http.routes import allowed_methods, route_of
from chassis.http.sentences import Sentences, spoken_language
from chassis.http.state import state_of
from chassis.observability import REGISTRY
from chassis.refusal import NotFound, Refusal
from contracts.base import JsonObject
from contracts.envelope import MalformedEnvelope

log = structlog.get_logger()

PROBLEM_TYPE = "urn:kobling:problem:"

# Another tenant's id is not found like one that never was, here too: a metric may not tell them apart either.
_AT_THE_DOOR = (Unauthenticated, ScopeMissing, NotFound, TooManyRequests)
_REFUSED = Counter(
    "kobling_http_refused",
    "Requests refused at the door, by rule: no valid token, no scope, no such id, too many.",
    ["service", "rule"],
    registry=REGISTRY,
)

_MAX_FAULTS = 20
_MAX_FIELD_LENGTH = 200
_FAULT_RULES: Mapping[str, type[Malformed]] = {"missing": MissingField, "extra_forbidden": UnknownField}


class Fault(BaseModel):
    """One thing wrong with a request."""

    field: str
    rule: str
    detail: str


class Code(BaseModel):
    """A code for programs and its words for people."""

    code: str
    sentence: str


class Problem(BaseModel):
    """A refusal: `rule` is the fixed word to program against, `detail` is for people."""

    type: str = Field(description=f"{PROBLEM_TYPE} and the rule")
    title: str
    status: int
    rule: str
    detail: str = Field(description="The rule in plain words, in the language of Accept-Language: nb, nn, da or en")
    case: str | None = Field(default=None, description="What is special about this case, in English")
    field: str | None = Field(default=None, description="Path of the field at fault: wishes.0.language, query.limit")
    faults: list[Fault] | None = None
    options: list[Code] | None = Field(default=None, description="Other ways that stay open")
    missing: list[Code] | None = Field(default=None, description="What is needed first")


def add_problem_handlers(app: FastAPI, away: Sequence[type[Exception]]) -> None:
    """Turn what routes raise into problem documents; `away` are the drivers' errors for an engine that is not there."""
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(MalformedEnvelope, _no_such_id)
    for error in away:
        app.add_exception_handler(error, _away)


def problem(request: Request, refusal: Refusal) -> JSONResponse:
    """The answer to a refusal."""
    language = spoken_language(request.headers.get("Accept-Language"))
    if isinstance(refusal, _AT_THE_DOOR):
        _REFUSED.labels(state_of(request).service, refusal.rule).inc()
    document = document_of(refusal, state_of(request).sentences, language)
    return _answer(request, refusal, document, language)


def document_of(refusal: Refusal, sentences: Sentences, language: str) -> Problem:
    return Problem(
        type=f"{PROBLEM_TYPE}{refusal.rule}",
        title=sentences.title(refusal.status, language),
        status=refusal.status,
        rule=refusal.rule,
        detail=sentences.rule(refusal, language),
        case=refusal.detail or None,
        field=refusal.field,
        options=_codes(refusal.options, sentences, language),
        missing=_codes(refusal.missing, sentences, language),
    )


def _codes(codes: Sequence[str], sentences: Sentences, language: str) -> list[Code] | None:
    return [Code(code=code, sentence=sentences.code(code, language)) for code in codes] or None


def _answer(request: Request, refusal: Refusal, document: Problem, language: str) -> JSONResponse:
    if not isinstance(refusal, BrokenInside):  # of which the edge has told more
        # Without the field: the name of what no route takes may be anybody's data.
        route, status = route_of(request.scope), refusal.status
        log.info("request_refused", method=request.method, route=route, status=status, rule=refusal.rule)
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    if isinstance(refusal, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    elif isinstance(refusal, ScopeMissing):
        headers["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{" ".join(refusal.missing)}"'
    elif isinstance(refusal, MethodNotAllowed):
        headers["Allow"] = refusal.detail
        document.case = None
    elif isinstance(refusal, TooManyRequests):
        headers["Retry-After"] = str(refusal.wait_seconds)
    elif refusal.retryable:
        headers["Retry-After"] = "1"
    return JSONResponse(
        document.model_dump(exclude_none=True), refusal.status, headers, media_type="application/problem+json"
    )


async def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refusal)  # noqa: S101 - registered for this class only
    return problem(request, error)


async def _away(request: Request, error: Exception) -> JSONResponse:
    return problem(request, EngineAway())


async def _no_such_id(request: Request, error: Exception) -> JSONResponse:
    """An id that no stream can have is the id of nothing."""
    return problem(request, NotFound())


async def _http(request: Request, error: Exception) -> JSONResponse:
    match error:
        case HTTPException(status_code=405):
            return problem(request, MethodNotAllowed(", ".join(allowed_methods(request))))
        case HTTPException(status_code=400):
            return problem(request, NotJson())
        case HTTPException(status_code=404):
            return problem(request, NotFound())
        case _:
            log.error("not_a_refusal", error=type(error).__name__)  # a route raised what it should not
            return problem(request, BrokenInside())


async def _malformed(request: Request, error: Exception) -> JSONResponse:
    """422 with every field at fault named by its path; what the caller wrote there is not repeated."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    language = spoken_language(request.headers.get("Accept-Language"))
    sentences = state_of(request).sentences
    found = [_fault(entry, sentences, language) for entry in error.errors()[:_MAX_FAULTS]]
    refusal, first = found[0]
    document = document_of(refusal, sentences, language)
    document.detail = first.detail
    document.faults = [fault for _, fault in found]
    return _answer(request, refusal, document, language)


def _fault(entry: JsonObject, sentences: Sentences, language: str) -> tuple[Malformed, Fault]:
    kind = entry["type"]
    if kind == "json_invalid":
        refusal: Malformed = NotJson()
    else:
        refusal = _FAULT_RULES.get(kind, Malformed)(_path(entry["loc"]))
    said = sentences.fault(kind, language, entry.get("ctx") or {}) or sentences.rule(refusal, language)
    return refusal, Fault(field=refusal.field, rule=refusal.rule, detail=said)


def _path(location: Sequence[Any]) -> str:
    parts = [str(part) for part in location]
    inside_body = parts[1:] if parts[0] == "body" and len(parts) > 1 else parts
    return ".".join(inside_body)[:_MAX_FIELD_LENGTH]
