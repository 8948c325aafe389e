"""A broker that asks every client for a user, as `make up` starts it; one for all tests here that want it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.engines import Engines, start_engines
from deploy.local.stack import furnish

OURS, THEIRS = "fjordby", "skogvik"


@pytest.fixture(scope="session")
def secured_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secured")


@pytest.fixture(scope="session")
def secured(secured_root: Path) -> Iterator[Engines]:
    """With the topics, rules and credentials that services and two tenants are given there."""
    engines = start_engines(secured_root, is_secured=True)
    try:
        asyncio.run(furnish(engines, [OURS, THEIRS]))
        yield engines
    finally:
        engines.stop()
