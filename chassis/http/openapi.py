"""The OpenAPI document made complete: every refusal a route can give, who may call it, and the headers of answers."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from chassis.http.problems import Problem
from chassis.http.routes import routes_of, scopes_of
from contracts.base import JsonObject

_BEARER = "token"
_PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_REFUSED = {
    401: "No valid access token",
    403: "The token has none of the scopes this needs",
    404: "Nothing by that id, or another tenant's, or nothing here for this caller",
    409: "Not now: the rule, and what is open instead",
    412: "If-Match is not the newest version",
    413: "The body is larger than 256 KiB",
    415: "The body is not application/json",
    422: "Not understood: the field, by its path",
    429: "More than this caller, or the tenant, may ask at once; Retry-After says for how many seconds",
    500: "Our fault; nothing of it is told, X-Correlation-Id finds it in the log",
    503: "Try again: an engine is away",
}
_ALWAYS = (401, 403, 404, 429, 500, 503)
_ON_COMMANDS = (409, 412, 413, 415, 422)
_HEADERS = {
    "X-Correlation-Id": "Everything this request led to is found under it",
    "ETag": "Version of what was changed or shown",
    "X-Position": "Send it as X-Min-Position to read what you wrote",
}


def complete(app: FastAPI) -> JsonObject:
    """The document of the app as it stands, the same on every run."""
    document: JsonObject = get_openapi(title=app.title, version=app.version, routes=app.routes)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for replaced in ("HTTPValidationError", "ValidationError"):
        schemas.pop(replaced, None)
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update({**problem.pop("$defs"), "Problem": problem})
    document["components"]["securitySchemes"] = {_BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    for route in routes_of(app):
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                _complete_operation(operation, method, scopes_of(route.dependant))
    return document


def _complete_operation(operation: JsonObject, method: str, scopes: tuple[str, ...] | None) -> None:
    operation["security"] = [{_BEARER: [scope]} for scope in scopes or ()]
    for parameter in operation.get("parameters", []):
        _without_null(parameter["schema"])
    responses = operation["responses"]
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = {**_headers(method), **response.get("headers", {})}
    if responses.get("422", {}).get("description") == "Validation Error":  # FastAPI's own, whose shape we do not use
        del responses["422"]
    for status in sorted(_statuses(operation, method, scopes)):
        responses.setdefault(str(status), {"description": _REFUSED[status], "content": _PROBLEM})
    operation["responses"] = dict(sorted(responses.items()))


def _without_null(schema: JsonObject) -> None:
    """A parameter is there or not; FastAPI writes "or null", which no address and no header can say."""
    choices = [choice for choice in schema.get("anyOf", []) if choice != {"type": "null"}]
    if len(choices) == 1:
        del schema["anyOf"]
        schema.update(choices[0])


def _statuses(operation: JsonObject, method: str, scopes: tuple[str, ...] | None) -> set[int]:
    if scopes is None:
        return {500}
    statuses = set(_ALWAYS)
    if method != "GET":
        statuses.update(_ON_COMMANDS)
    if operation.get("parameters"):
        statuses.add(422)
    return statuses


def _headers(method: str) -> dict[str, Any]:
    names = ("X-Correlation-Id",) if method == "GET" else tuple(_HEADERS)
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}} for name in names}
