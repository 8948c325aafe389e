"""Which Kafka and MongoDB the tests use: given ones, local ones, or containers."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from deploy.local.engines import start_engines


class Addresses(Protocol):
    """Where the engines are. `kafka` is "host:port", `mongo` a connection string."""

    @property
    def kafka(self) -> str: ...
    @property
    def mongo(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Given:
    """Engines somebody else runs; a test can neither kill nor restart them."""

    kafka: str
    mongo: str


@contextmanager
def running(stack: str, root: Path) -> Iterator[Addresses]:
    """Yield engines of the asked kind; "local" means those of KOBLING_KAFKA and KOBLING_MONGO when both are set."""
    kafka, mongo = os.environ.get("KOBLING_KAFKA"), os.environ.get("KOBLING_MONGO")
    if stack == "containers":
        from tests.support.containers import containers

        with containers() as addresses:
            yield Given(*addresses)
    elif kafka and mongo:
        yield Given(kafka, mongo)
    else:
        engines = start_engines(root)
        try:
            yield engines
        finally:
            engines.stop()
