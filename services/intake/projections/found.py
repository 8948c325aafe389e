"""One document of a read model, with the version of the stream it stands for: the ETag of what is shown."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from contracts.base import JsonObject

Shape = TypeVar("Shape")


@dataclass(frozen=True, slots=True)
class Found(Generic[Shape]):
    """`version` is that of the one stream that the document folds."""

    document: Shape
    version: int


def version_of(stored: JsonObject) -> int:
    positions: dict[str, int] = stored["_streams"]
    return max(positions.values())
