"""Nothing is shown of anybody without a trace: by construction, and these tests hold the construction in place."""

from collections.abc import Iterator
from typing import Any

import pytest

from chassis.http.auditing import PERSON_FIELDS
from contracts.publish.offline import app_of
from contracts.topics import SERVICES
from tests.architecture.services import service
from tests.architecture.source import sources

THINGS = {
    *("accompaniment_id", "activity_id", "answer_id", "block_id", "check_id", "check_in_id", "match_id", "message_id"),
    "grant_id",
    *("offer_id", "place_id", "proposal_id", "referral_id", "request_id", "session_id", "tender_id", "visit_id"),
    "volunteering_id",  # shown beside its person_id
    *("answer_by", "ends_by", "sign_by"),  # days
    *("adopted_by", "renewed_by"),  # a board
    *(
        "answered_by",
        "confirmed_by",
        "entered_by",
        "opened_by",
        "proposed_by",
        "held_by",
        "seen_by",
    ),  # whoever did it: staff, or a system
    "given_by",  # requester or helper
}
"""Fields that lead to nobody whose data is shown: what is neither here nor among PERSON_FIELDS, think about it."""


@pytest.mark.parametrize("name", SERVICES)
def test_every_field_that_may_hold_a_pseudonym_is_known_as_one_or_as_a_thing(name: str) -> None:
    fields = {field for field in _fields(app_of(name, service(name)).openapi()) if field.endswith(("_id", "_by"))}

    assert fields - {*PERSON_FIELDS, *THINGS} == set()


def test_only_the_root_of_the_chassis_makes_a_keyring_and_hands_on_the_one_that_witnesses() -> None:
    made = [
        (source.name, call)
        for source in sources("chassis", "services")
        for call, _ in source.calls()
        if call.rpartition(".")[2] in ("MongoKeyring", "MemoryKeyring", "WitnessedKeyring")
    ]

    assert sorted(made) == [
        ("chassis/service/application.py", "MongoKeyring"),
        ("chassis/service/application.py", "WitnessedKeyring"),
    ]


def _fields(document: Any) -> Iterator[str]:
    match document:
        case {"properties": dict() as properties, **rest}:
            yield from properties
            yield from _fields(list(properties.values()))
            yield from _fields(rest)
        case dict():
            yield from _fields(list(document.values()))
        case list():
            for one in document:
                yield from _fields(one)
        case _:
            pass
