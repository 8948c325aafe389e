"""A browser, and the whole site for it to look at."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser
from pymongo import AsyncMongoClient

from tests.browser.chromium import NoChromium, browsing, chromium
from tests.support.service import own_place
from tests.support.site import Site, site_at, site_of_five
from tests.support.stack import Addresses

_CHROMIUM = pytest.StashKey[str | NoChromium]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Before the first test: to fetch a browser may take longer than any test may."""
    if session.config.option.collectonly or not any("browser" in _fixtures(item) for item in session.items):
        return
    try:
        session.config.stash[_CHROMIUM] = chromium()
    except NoChromium as reason:
        session.config.stash[_CHROMIUM] = reason


@pytest.fixture(scope="session")
async def site(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """One for all tests of pages, with the five programmes; each test has people of its own in it."""
    async with site_of_five(engines, mongo_client, tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
async def own_site(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path: Path
) -> AsyncIterator[Site]:
    """One for a story that moves the clock: nobody else is there."""
    async with own_place(engines, mongo_client, f"t{uuid4().hex[:12]}-", tmp_path) as place:
        await place.make_topics()
        async with site_at(place) as site:
            yield site


@pytest.fixture(scope="session")
async def browser(request: pytest.FixtureRequest) -> AsyncIterator[Browser]:
    """Chromium, however this machine comes by it; where it comes by none, tests of pages say so and are left out."""
    found = request.config.stash[_CHROMIUM]
    if isinstance(found, NoChromium):
        pytest.skip(str(found))
    async with browsing(found) as browser:
        yield browser


def _fixtures(item: pytest.Item) -> list[str]:
    names: list[str] = getattr(item, "fixturenames", [])
    return names
