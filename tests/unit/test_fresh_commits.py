"""Which commits may be sent without reading the outbox."""

from collections.abc import Sequence

from chassis.event_store.documents import CommitDocument, to_document
from chassis.relay.fresh import FreshCommits
from contracts.envelope import StreamId
from tests.support.harbour import commit, landed

QUAY, PIER = StreamId("bergen", "quay", "1"), StreamId("bergen", "quay", "2")


def stored(stream: StreamId, after: int, count: int = 1) -> CommitDocument:
    return to_document(commit(stream, after, *landed(*range(count))), partitions=8)


def given(*relayed: CommitDocument, capacity: int = 16) -> FreshCommits:
    """The outbox was read, and these were relayed."""
    fresh = FreshCommits(capacity=capacity)
    fresh.begin_reading()
    fresh.note_relayed(relayed)
    return fresh


def offered(fresh: FreshCommits, documents: Sequence[CommitDocument]) -> list[CommitDocument] | None:
    fresh.offer(documents)
    return fresh.take()


def test_before_the_outbox_was_read_nothing_may_be_sent() -> None:
    assert offered(FreshCommits(), [stored(QUAY, 0)]) is None


def test_the_first_commit_of_a_stream_and_those_that_follow_it_may_be_sent() -> None:
    documents = [stored(QUAY, 0, 2), stored(PIER, 0), stored(QUAY, 2)]
    assert offered(given(), documents) == documents


def test_a_commit_that_follows_on_what_was_relayed_may_be_sent() -> None:
    assert offered(given(stored(QUAY, 0, 3)), [following := stored(QUAY, 3)]) == [following]


def test_a_commit_behind_one_that_was_never_seen_must_be_read() -> None:
    assert offered(given(stored(QUAY, 0)), [stored(PIER, 0), stored(QUAY, 2)]) is None
    assert offered(given(), [stored(QUAY, 1)]) is None


def test_what_reading_has_relayed_already_is_not_sent_again() -> None:
    assert offered(given(old := stored(QUAY, 0)), [old, new := stored(QUAY, 1)]) == [new]


def test_what_is_relayed_late_does_not_turn_back_what_is_known() -> None:
    first, second = stored(QUAY, 0), stored(QUAY, 1)
    assert offered(given(first, second, first), [third := stored(QUAY, 2)]) == [third]


def test_too_much_at_once_must_be_read() -> None:
    fresh = given()
    assert offered(fresh, [stored(QUAY, n) for n in range(4_001)]) is None
    fresh.begin_reading()
    assert offered(fresh, [stored(PIER, 0)]) != []


def test_a_stream_that_was_forgotten_must_be_read() -> None:
    fresh = given(stored(QUAY, 0), stored(PIER, 0), capacity=1)
    assert offered(fresh, [stored(QUAY, 1)]) is None


def test_after_an_error_everything_must_be_read() -> None:
    fresh = given(stored(QUAY, 0))
    fresh.forget()
    assert offered(fresh, [stored(QUAY, 1)]) is None
