"""A browser, and the whole site for it to look at."""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, async_playwright
from pymongo import AsyncMongoClient

from tests.support.service import own_place
from tests.support.site import Site, site_at
from tests.support.stack import Addresses

TENANTS = ("oslo", "rudersdal", "kolding", "gladsaxe", "sandefjord")

# A machine of tests has no display, no sandbox for root, and may reach nothing but itself.
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
async def site(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Site]:
    """One for all tests of pages, with the five programmes; each test has people of its own in it."""
    async with own_place(engines, mongo_client, f"t{uuid4().hex[:12]}-", tmp_path_factory.mktemp("site")) as place:
        await place.make_topics(*TENANTS)
        async with site_at(place) as site:
            for tenant in TENANTS:
                await site.adopt(tenant)
            yield site


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, however this machine came by it."""
    found = os.environ.get("KOBLING_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=found, args=_FLAGS)
        yield browser
        await browser.close()
