"""What every service is made of: closed routes, tenant-first read models, declared topics, a README."""

import pytest

from chassis.http.operations import OPEN_PATHS
from chassis.http.routes import scopes_of
from contracts.base import event_classes
from contracts.publish.catalogue import events_of
from contracts.topics import EVENT_TOPICS, REFERRALS_PATTERN, SERVICES
from contracts.topics import events_of as topic_of
from tests.architecture.services import projections, readers, routes, service
from tests.architecture.source import ROOT, sources

SCOPES = {
    *("referrals:write", "requests:read", "requests:write", "people:read", "people:write", "volunteering:read"),
    *("volunteering:apply", "volunteering:manage", "programmes:read", "programmes:manage", "matching:read"),
    *(
        "matching:manage",
        "matching:answer",
        "messages:read",
        "messages:digest",
        "messages:own",
        "figures:read",
        "operations:read",
        "operations:manage",
        "board:read",
        "tenders:open",
        "training:note",
        "roles:manage",
        "roles:own",
        "persons:join",
    ),
}


@pytest.mark.parametrize("name", SERVICES)
def test_every_route_but_health_needs_a_scope_we_know(name: str) -> None:
    scopes = {route.path: scopes_of(route.dependant) for route in routes(name)}

    assert {path for path, needed in scopes.items() if needed is None} == set(OPEN_PATHS)
    assert {scope for needed in scopes.values() for scope in needed or ()} - SCOPES == set()


@pytest.mark.parametrize("name", SERVICES)
def test_every_path_of_a_service_is_versioned(name: str) -> None:
    operations = {*OPEN_PATHS, "/metrics", "/openapi.json"}

    assert [
        route.path
        for route in routes(name)
        if route.path not in operations and not (route.path or "").startswith("/v1/")
    ] == []


@pytest.mark.parametrize("name", SERVICES)
def test_every_index_of_a_read_model_begins_with_the_tenant(name: str) -> None:
    indexes = [index.keys for projection in projections(name) for index in projection.indexes]

    assert [keys for keys in indexes if keys[0] != ("_tenant", 1)] == []


def test_services_make_no_index_and_open_no_collection_beside_their_read_models() -> None:
    around = ("create_index", "create_indexes", "get_collection", "get_database", "with_options")
    calls = [(source.name, call) for source in sources("services") for call, _ in source.calls()]

    assert [found for found in calls if found[1].rpartition(".")[2] in around] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_reader_reads_exactly_the_topics_of_the_events_it_handles(name: str) -> None:
    read = {reader.name: set(reader.topics) for reader in readers(name)}
    needed = {
        reader.name: {topic_of(cls.event_type.partition(".")[0]) for cls in reader.handles} for reader in readers(name)
    }

    assert read == needed


@pytest.mark.parametrize("name", SERVICES)
def test_no_reader_waits_for_an_event_that_is_never_relayed(name: str) -> None:
    assert [(reader.name, cls.event_type) for reader in readers(name) for cls in reader.handles if cls.internal] == []


@pytest.mark.parametrize("name", SERVICES)
def test_names_of_readers_are_unique_since_groups_and_collections_are_named_after_them(name: str) -> None:
    names = [reader.name for reader in readers(name)] + [inbound.name for inbound in service(name).inbounds]

    assert sorted(names) == sorted(set(names))


def test_the_topics_that_are_used_are_those_that_are_declared() -> None:
    declared = {topic.name for topic in EVENT_TOPICS}
    read = {topic for name in SERVICES for reader in readers(name) for topic in reader.topics}
    sent = {topic_of(name) for name in SERVICES if events_of(name)}
    without_events_yet = {topic_of(name) for name in SERVICES if not events_of(name)}

    assert read - sent == set()
    assert sent | without_events_yet == declared
    assert {inbound.pattern for name in SERVICES for inbound in service(name).inbounds} == {REFERRALS_PATTERN}


def test_every_event_is_made_by_a_decider() -> None:
    made = {call for source in sources("services") if "/domain/" in source.name for call, _ in source.calls()}
    classes = [cls for cls in event_classes().values() if cls.__module__.startswith("contracts.")]

    assert [cls.__name__ for cls in classes if cls.__name__ not in made] == []


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_introduces_itself_in_about_ten_lines(name: str) -> None:
    lines = [line for line in (ROOT / "services" / name / "README.md").read_text().splitlines() if line.strip()]

    assert len(lines) <= 20
    for word in ("owns", "listens", "answers"):
        assert word in "\n".join(lines).lower()
