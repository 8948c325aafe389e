"""`make screenshots`: every page as it looks, light and dark, wide and narrow, in build/screenshots/."""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

from playwright.async_api import Browser
from pymongo import AsyncMongoClient

from tests.browser.chromium import NoChromium, browsing, chromium
from tests.browser.examples import examples_of
from tests.browser.looking import Looking
from tests.support.site import Site, site_of_five
from tests.support.stack import Addresses, running

OUTPUT = Path("build/screenshots")
WIDTHS = {"wide": 1100, "narrow": 320}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", help="only pages whose path has one of these in it")
    parser.add_argument("--language", default="nb")
    arguments = parser.parse_args()
    try:
        program = chromium()
    except NoChromium as reason:
        print(reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as made, running("local", Path(made) / "engines") as engines:
        root = Path(made) / "site"
        root.mkdir()
        asyncio.run(_all(engines, root, program, names=arguments.names, language=arguments.language))
    return 0


async def _all(engines: Addresses, root: Path, program: str, *, names: list[str], language: str) -> None:
    client = AsyncMongoClient[dict[str, Any]](engines.mongo, tz_aware=True, uuidRepresentation="standard")
    async with client, site_of_five(engines, client, root) as site, browsing(program) as browser:
        found = await examples_of(site)
        wanted = {page: at for page, at in found.items() if not names or any(name in page for name in names)}
        await _taken(browser, site, wanted, language)


async def _taken(browser: Browser, site: Site, wanted: dict[str, tuple[str, str]], language: str) -> None:
    looking = Looking(browser, site)
    for page, (subject, address) in sorted(wanted.items()):
        named = page.strip("/").translate(str.maketrans("/", "-", "{}"))
        for scheme in ("light", "dark"):
            shown = await looking.as_(subject, language, color_scheme=scheme)
            for width, pixels in WIDTHS.items():
                await shown.set_viewport_size({"width": pixels, "height": 800})
                await shown.goto(address)
                await shown.wait_for_function("() => !document.querySelector('.htmx-request')")
                await shown.screenshot(path=OUTPUT / f"{named}-{width}-{scheme}.png", full_page=True)
            await shown.context.close()
        print(OUTPUT / f"{named}-*.png", flush=True)


if __name__ == "__main__":
    sys.exit(main())
