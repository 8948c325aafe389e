"""Whoever was forgotten stays forgotten, in whatever order the events of their streams come."""

from datetime import UTC, datetime
from itertools import permutations

import pytest

from chassis.projection import Held
from contracts.base import Event
from contracts.envelope import Origin, RecordedEvent, StreamId
from contracts.intake import KeyDestroyed, VolunteerApplied, VolunteerLeft
from services.intake.purging import FORGETTING

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)
ORIGIN = Origin(occurred_at=NOW, recorded_at=NOW, correlation_id="c", actor="a")
[VOLUNTEERINGS] = [projection for projection in FORGETTING if projection.name == "volunteerings"]
KEY = "fjordby/p1_venn"


def recorded(event: Event, *, category: str, name: str, position: int) -> RecordedEvent:
    return RecordedEvent(StreamId("fjordby", category, name), position, event, ORIGIN)


APPLIED = recorded(
    VolunteerApplied(person_id="p1", programme="venn", roles=("friend",), applied_at=NOW),
    category="volunteering",
    name="p1_venn",
    position=1,
)
LEFT = recorded(
    VolunteerLeft(person_id="p1", programme="venn", left_on=NOW.date()),
    category="volunteering",
    name="p1_venn",
    position=2,
)
DESTROYED = recorded(
    KeyDestroyed(person_id="p1", programmes=("venn",), destroyed_at=NOW), category="person", name="p1", position=7
)


@pytest.mark.requirement("S2.3")
@pytest.mark.parametrize("order", list(permutations([APPLIED, LEFT, DESTROYED])))
def test_a_document_of_two_streams_stays_away_in_any_order(order: tuple[RecordedEvent, ...]) -> None:
    held = Held.absent()
    for one in order:
        if KEY in VOLUNTEERINGS.touched(one):
            VOLUNTEERINGS.take(held, one, KEY)

    assert (held.body, held.is_erased) == (None, True)
    assert Held.stored(held.document(KEY)) == Held(None, {}, 1, is_erased=True)


def test_nobody_else_is_touched() -> None:
    assert VOLUNTEERINGS.touched(DESTROYED) == [KEY]
