"""To which programmes the lists of this request are narrowed: read by chassis/read_models.py, set by the route."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_programmes: ContextVar[frozenset[str] | None] = ContextVar("narrowed_to", default=None)


@contextmanager
def narrowed_to(programmes: frozenset[str] | None) -> Iterator[None]:
    """While the block lasts, a read model that says where its programme stands shows those of these; None: all."""
    token = _programmes.set(programmes)
    try:
        yield
    finally:
        _programmes.reset(token)


def narrowed() -> frozenset[str] | None:
    return _programmes.get()
