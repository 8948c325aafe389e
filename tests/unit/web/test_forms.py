"""A form becomes the body its operation reads, whatever the operation is."""

from datetime import date
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import AwareDatetime, BaseModel, Field, TypeAdapter

from chassis.web.forms import body_of, read_fields


class Wish(BaseModel):
    language: Literal["nb", "da"]
    level: int


class Body(BaseModel):
    title: str
    hours: int | None = None
    share: float = 0
    is_urgent: bool = False
    on: date | None = None
    at: AwareDatetime | None = None
    modules: tuple[str, ...] = ()
    wishes: tuple[Wish, ...] = ()
    wish: Wish | None = None
    weights: dict[str, int] = Field(default_factory=dict)


SCHEMA = TypeAdapter(Body).json_schema()


@pytest.mark.parametrize(
    ("sent", "body"),
    [
        (b"title=Shelf", {"title": "Shelf"}),
        (b"title=", {}),
        (b"title=7&hours=7", {"title": "7", "hours": 7}),
        (b"hours=", {}),
        (b"hours=many", {"hours": "many"}),
        (b"share=0%2C5", {"share": 0.5}),
        (b"is_urgent=false&is_urgent=true", {"is_urgent": True}),
        (b"is_urgent=false", {"is_urgent": False}),
        (b"on=2026-11-27", {"on": "2026-11-27"}),
        (b"at=2026-11-27T14:30", {"at": "2026-11-27T14:30:00+01:00"}),
        (b"at=2026-07-27T14:30", {"at": "2026-07-27T14:30:00+02:00"}),
        (b"modules=a&modules=&modules=b", {"modules": ["a", "b"]}),
        (b"modules=a", {"modules": ["a"]}),
        (b"modules=", {}),
        (b"wishes.0.language=nb&wishes.0.level=2", {"wishes": [{"language": "nb", "level": 2}]}),
        (b"wishes.1.level=1&wishes.0.level=&wishes.10.level=3", {"wishes": [{"level": 1}, {"level": 3}]}),
        (b"wish.language=da&wish.level=", {"wish": {"language": "da"}}),
        (b"wish.language=&wish.level=", {}),
        (b"weights.lived=3", {"weights": {"lived": 3}}),
        (b"unknown=x", {"unknown": "x"}),
        (b"title=Bl%C3%A5b%C3%A6r&title=R%C3%B8d%0D%0Agr%C3%B8t", {"title": "Rød\ngrøt"}),
    ],
)
def test_fields_become_what_the_operation_reads(sent: bytes, body: dict[str, Any]) -> None:
    assert body_of(read_fields(sent), SCHEMA) == body


@pytest.mark.parametrize("sent", [b"wish=x&wish.level=1", b"wishes.x.level=1", b"wishes.999.level=1", b"title=%ff"])
def test_what_no_page_sends_is_no_form(sent: bytes) -> None:
    with pytest.raises(ValueError):
        body_of(read_fields(sent), SCHEMA)


def test_a_flood_of_fields_is_no_form() -> None:
    with pytest.raises(ValueError):
        read_fields(b"&".join(b"a%d=1" % number for number in range(501)))


@given(st.dictionaries(st.from_regex(r"[a-z_.0-9]{1,12}", fullmatch=True), st.lists(st.text(), min_size=1, max_size=3)))
def test_any_fields_give_a_body_or_are_no_form(fields: dict[str, list[str]]) -> None:
    try:
        body = body_of(fields, SCHEMA)
    except ValueError:
        return
    assert isinstance(body, dict)


def test_a_choice_of_shapes_is_read_by_what_is_there() -> None:
    schema = TypeAdapter(Annotated[Wish | None, Field()]).json_schema()
    assert body_of({"language": ["nb"]}, schema) == {"language": "nb"}
