"""The OpenAPI document says everything a service can answer, and who may ask."""

from typing import Any

import pytest

from tests.support.sample_service import sample

DOCUMENT: dict[str, Any] = sample().app.openapi()
COMMAND = DOCUMENT["paths"]["/v1/notes"]["post"]
QUERY = DOCUMENT["paths"]["/v1/notes/{note_id}"]["get"]


def test_a_command_documents_every_refusal() -> None:
    assert list(COMMAND["responses"]) == [
        "201",
        "401",
        "403",
        "404",
        "409",
        "412",
        "413",
        "415",
        "422",
        "429",
        "500",
        "503",
    ]


def test_a_query_documents_every_refusal() -> None:
    assert list(QUERY["responses"]) == ["200", "401", "403", "404", "422", "429", "500", "503"]


@pytest.mark.parametrize("status", ["401", "404", "422", "503"])
def test_refusals_are_problem_documents(status: str) -> None:
    schema = {"$ref": "#/components/schemas/Problem"}
    assert COMMAND["responses"][status]["content"] == {"application/problem+json": {"schema": schema}}


def test_any_one_of_the_scopes_is_written_as_alternatives() -> None:
    assert QUERY["security"] == [{"token": ["notes:read"]}, {"token": ["notes:write"]}]
    assert DOCUMENT["components"]["securitySchemes"]["token"]["scheme"] == "bearer"


def test_only_health_is_open() -> None:
    opened = [
        path
        for path, methods in DOCUMENT["paths"].items()
        for operation in methods.values()
        if operation["security"] == []
    ]
    assert sorted(opened) == ["/livez", "/readyz"]


def test_readiness_documents_both_answers() -> None:
    assert list(DOCUMENT["paths"]["/readyz"]["get"]["responses"]) == ["200", "500", "503"]


def test_headers_of_commands_are_documented() -> None:
    parameters = {parameter["name"]: parameter["schema"] for parameter in COMMAND["parameters"]}
    assert parameters["Idempotency-Key"]["pattern"] == "^[\\x21-\\x7e]{1,255}$"
    assert sorted(parameters) == ["Idempotency-Key", "If-Match"]
    assert sorted(COMMAND["responses"]["201"]["headers"]) == ["ETag", "X-Correlation-Id", "X-Position"]


def test_every_reference_leads_somewhere() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert [ref for ref in references(DOCUMENT) if ref.removeprefix("#/components/schemas/") not in schemas] == []


def test_fastapis_own_error_shape_is_gone() -> None:
    assert [name for name in DOCUMENT["components"]["schemas"] if "ValidationError" in name] == []


def test_the_document_is_the_same_on_every_run() -> None:
    assert sample().app.openapi() == DOCUMENT


def references(node: Any) -> list[str]:
    match node:
        case dict():
            own = [value for key, value in node.items() if key == "$ref"]
            return own + [found for value in node.values() for found in references(value)]
        case list():
            return [found for item in node for found in references(item)]
        case _:
            return []
