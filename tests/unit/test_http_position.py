"""A position is a text that reads back as itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.position import Position
from contracts.envelope import StreamId

PART = st.from_regex(r"[A-Za-z0-9_-]{1,20}", fullmatch=True)


@given(tenant=PART, category=PART, name=PART, position=st.integers(1, 10**15 - 1))
def test_a_position_survives_being_text(tenant: str, category: str, name: str, position: int) -> None:
    one = Position(StreamId(tenant, category, name), position)
    assert Position.parse(str(one)) == one


@pytest.mark.parametrize(
    "text", ["", "@", "a/b/c", "a/b/c@", "a/b/c@0", "a/b/c@-1", "a/b/c@1.0", "a/b@1", "a/b/c/d@1", "a/b/c@²"]
)
def test_what_is_no_position_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Position.parse(text)
