"""The AsyncAPI and OpenAPI documents of the services: complete, closed, and nothing internal in them."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from contracts.base import JsonObject, event_classes
from contracts.envelope import Envelope
from contracts.publish.asyncapi import example_headers
from contracts.publish.catalogue import PUBLISHED, published
from contracts.topics import EVENT_TOPICS, SERVICES, topics_of_tenant

ASYNCAPI = {service: PUBLISHED / "asyncapi" / f"{service}.json" for service in SERVICES}
OPENAPI = sorted((PUBLISHED / "openapi").glob("*.json"))
OPEN_PATHS = {"/livez", "/readyz"}
EVENTS = [item for item in published() if item.direction == "stored"]


@cache
def read(path: Path) -> JsonObject:
    document: JsonObject = json.loads(path.read_text())
    return document


def references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        yield from (value for key, value in node.items() if key == "$ref")
        for part in node.values():
            yield from references(part)
    elif isinstance(node, list):
        for part in node:
            yield from references(part)


def is_there(path: Path, reference: str) -> bool:
    file, _, pointer = reference.partition("#")
    node: Any = read(path.parent / file if file else path)
    for step in pointer.split("/")[1:]:
        if step.replace("~1", "/") not in node:
            return False
        node = node[step.replace("~1", "/")]
    return True


@pytest.mark.parametrize("path", [*ASYNCAPI.values(), *OPENAPI], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_reference_leads_somewhere(path: Path) -> None:
    assert [reference for reference in references(read(path)) if not is_there(path, reference)] == []


@pytest.mark.parametrize("service", SERVICES)
def test_internal_events_are_not_told_to_others(service: str) -> None:
    internal = {name for name, cls in event_classes().items() if cls.internal}

    assert internal & set(read(ASYNCAPI[service])["components"]["messages"]) == set()


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_sends_all_its_public_events_and_nobody_elses(service: str) -> None:
    public = {name for name, cls in event_classes().items() if name.startswith(f"{service}.") and not cls.internal}
    sending = read(ASYNCAPI[service])["operations"].get(f"send-{service}-events", {"messages": []})

    assert {message["$ref"].rpartition("/")[2] for message in sending["messages"]} == public


@pytest.mark.parametrize("service", SERVICES)
def test_the_channels_are_the_declared_topics(service: str) -> None:
    declared = {topic.name for topic in (*EVENT_TOPICS, *topics_of_tenant("{tenant}"))}

    assert {channel["address"] for channel in read(ASYNCAPI[service])["channels"].values()} - declared == set()


def test_the_headers_of_every_example_can_be_read() -> None:
    headers = {item: [(name, value.encode()) for name, value in example_headers(item).items()] for item in EVENTS}
    envelopes = {item: Envelope.from_headers(found) for item, found in headers.items()}

    assert [(found.event_type, found.schema_version) for found in envelopes.values()] == [
        (item.name, item.version) for item in EVENTS
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_every_example_of_headers_is_valid(service: str) -> None:
    components = read(ASYNCAPI[service])["components"]
    faults = [
        (name, error.message)
        for name, message in components["messages"].items()
        for example in message["examples"]
        for error in Draft202012Validator(
            components["schemas"][message["headers"]["$ref"].rpartition("/")[2]]
        ).iter_errors(example["headers"])
    ]

    assert faults == []


@pytest.mark.parametrize("path", OPENAPI, ids=lambda path: path.stem)
def test_every_operation_but_health_asks_for_a_token(path: Path) -> None:
    operations = [
        (route, method, operation)
        for route, methods in read(path)["paths"].items()
        for method, operation in methods.items()
        if route not in OPEN_PATHS
    ]

    assert operations != []
    assert [(route, method) for route, method, operation in operations if not operation.get("security")] == []


@pytest.mark.parametrize("path", OPENAPI, ids=lambda path: path.stem)
def test_no_path_and_no_parameter_holds_a_persons_contact(path: Path) -> None:
    document = read(path)
    parameters = [
        parameter["name"].lower()
        for methods in document["paths"].values()
        for operation in methods.values()
        for parameter in operation.get("parameters", ())
    ]

    assert {"email", "phone", "birth_date", "address"} & set(parameters) == set()
