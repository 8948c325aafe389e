"""The outermost layer of a service: limits, correlation, headers, metrics, and the last answer when all else fails."""

import re
import time
from collections.abc import MutableMapping
from typing import Any

import structlog
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uuid_utils import uuid7

from chassis.http.correlation import KEY
from chassis.http.problems import problem
from chassis.http.refusals import BodyTooLarge, BrokenInside
from chassis.http.routes import route_of
from chassis.observability import REGISTRY
from chassis.refusal import Refusal
from contracts.envelope import derive_id

MAX_BODY_BYTES = 256 * 1024

_GONE = 499  # nobody is there to be answered; as nginx counts them

_CORRELATION_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-?[0-9a-fA-F]{4}){3}-?[0-9a-fA-F]{12}")
_WITHOUT_BODY = {"GET", "HEAD", "OPTIONS", "TRACE"}
_METHODS = {*_WITHOUT_BODY, "POST", "PUT", "PATCH", "DELETE"}
_SECURITY_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SECONDS = Histogram(
    "kobling_http_request_seconds",
    "From the first byte of a request to the last of its answer",
    ["service", "method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=REGISTRY,
)

log = structlog.get_logger()


class Edge:
    """ASGI middleware around the whole application, of `service`. Other scopes than http pass untouched."""

    def __init__(self, app: ASGIApp, *, service: str) -> None:
        self._app = app
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_at = time.perf_counter()
        scope[KEY] = _correlation_id(scope)
        answer = _Answer(send, scope[KEY])
        with structlog.contextvars.bound_contextvars(correlation_id=scope[KEY]):
            await self._guarded(scope, receive, answer)
        self._measure(scope, answer.status, time.perf_counter() - started_at)

    async def _guarded(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        request = Request(scope, receive)
        try:
            if scope["method"] not in _WITHOUT_BODY:
                receive = await _read_whole(scope, receive)
            await self._app(scope, receive, answer)
        except BodyTooLarge as refusal:
            await _refuse(request, refusal, answer)
        except ClientDisconnect:
            answer.status = _GONE
        except Exception:
            log.exception("request_failed", method=scope["method"], route=route_of(scope))
            if answer.status:
                raise  # too late for another answer: the server breaks the connection off
            await _refuse(request, BrokenInside(), answer)

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        _SECONDS.labels(self._service, method, route_of(scope), str(status)).observe(seconds)


class _Answer:
    """Sends, remembers the status, and puts on every answer the headers that no route should have to think of."""

    def __init__(self, send: Send, correlation_id: str) -> None:
        self._send = send
        self._correlation_id = correlation_id
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            for header, value in _SECURITY_HEADERS.items():
                headers.setdefault(header, value)
            headers["X-Correlation-Id"] = self._correlation_id
        await self._send(message)


async def _read_whole(scope: Scope, receive: Receive) -> Receive:
    """Read the body up to the limit, also one without a length, and hand it on as one message."""
    declared = Headers(scope=scope).get("Content-Length", "")
    if declared.isdigit() and int(declared) > MAX_BODY_BYTES:
        raise BodyTooLarge()
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return _replay(message, receive)
        body += message.get("body", b"")
        if len(body) > MAX_BODY_BYTES:
            raise BodyTooLarge()
        if not message.get("more_body", False):
            return _replay({"type": "http.request", "body": bytes(body), "more_body": False}, receive)


def _replay(first: Message, receive: Receive) -> Receive:
    waiting = [first]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


async def _refuse(request: Request, refusal: Refusal, answer: "_Answer") -> None:
    await problem(request, refusal)(request.scope, request.receive, answer)


def _correlation_id(scope: MutableMapping[str, Any]) -> str:
    asked = Headers(scope=scope).get("X-Correlation-Id", "")
    if _UUID.fullmatch(asked):
        return asked
    # It is kept with every event for ever, and a caller may have put anything in it: the same words, the same id.
    return derive_id("correlation", asked) if _CORRELATION_ID.fullmatch(asked) else str(uuid7())
