"""A place of its own for every test of a service."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import AsyncMongoClient

from tests.support.service import Place, own_place
from tests.support.stack import Addresses


@pytest.fixture
async def place(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], unique: str, tmp_path: Path
) -> AsyncIterator[Place]:
    """Engines, a namespace, an issuer and a clock of the test's own."""
    async with own_place(engines, mongo_client, f"{unique}-", tmp_path) as place:
        yield place
