"""`make screenshots`: every page as it looks, light and dark, wide and narrow, in build/screenshots/.

`make screenshots ARGS=--pictures` takes those that stand in the README, of invented people, in docs/pictures/.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import FloatRect, Page
from pymongo import AsyncMongoClient

from tests.browser.chromium import NoChromium, browsing, chromium
from tests.browser.examples import examples_of
from tests.browser.looking import Looking
from tests.support.site import site_of_five
from tests.support.stack import Addresses, running

Pages = Mapping[str, tuple[str, str]]
"""Who looks and where, by page, as `examples_of` makes them."""

OUTPUT = Path("build/screenshots")
WIDTHS = {"wide": 1100, "narrow": 320}
PICTURES = {
    "/matching/searches/{request_id}": ("search.png", 1000, 900, "main"),
    "/intake/me": ("my-door.png", 360, 1000, "body"),
    "/reporting/figures/{name}": ("figures.png", 1000, 900, "main"),
}
"""By page: the file, how much of the page is on it, and what of the page it begins with."""
PICTURES_AT = Path("docs/pictures")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", help="only pages whose path has one of these in it")
    parser.add_argument("--language")
    parser.add_argument("--pictures", action="store_true", help="those of the README instead")
    arguments = parser.parse_args()
    taken = partial(_pictures, language=arguments.language or "en")
    if not arguments.pictures:
        taken = partial(_taken, language=arguments.language or "nb", names=arguments.names)
    try:
        program = chromium()
    except NoChromium as reason:
        print(reason, file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as made, running("local", Path(made) / "engines") as engines:
        root = Path(made) / "site"
        root.mkdir()
        asyncio.run(_all(engines, root, program, taken))
    return 0


async def _all(
    engines: Addresses, root: Path, program: str, taken: Callable[[Looking, Pages], Awaitable[None]]
) -> None:
    client = AsyncMongoClient[dict[str, Any]](engines.mongo, tz_aware=True, uuidRepresentation="standard")
    async with client, site_of_five(engines, client, root) as site, browsing(program) as browser:
        await taken(Looking(browser, site), await examples_of(site))


async def _taken(looking: Looking, found: Pages, *, language: str, names: Sequence[str]) -> None:
    for page, (subject, address) in sorted(found.items()):
        if names and not any(name in page for name in names):
            continue
        named = page.strip("/").translate(str.maketrans("/", "-", "{}"))
        for scheme in ("light", "dark"):
            shown = await looking.as_(subject, language, color_scheme=scheme)
            for width, pixels in WIDTHS.items():
                await shown.set_viewport_size({"width": pixels, "height": 800})
                await _all_there(shown, address)
                await shown.screenshot(path=OUTPUT / f"{named}-{width}-{scheme}.png", full_page=True)
            await shown.context.close()
        print(OUTPUT / f"{named}-*.png", flush=True)


async def _pictures(looking: Looking, found: Pages, *, language: str) -> None:
    for page, (file, width, height, first) in PICTURES.items():
        subject, address = found[page]
        shown = await looking.as_(subject, language, color_scheme="light")
        await shown.set_viewport_size({"width": width, "height": height})
        await _all_there(shown, address)
        begins = await shown.locator(first).bounding_box()
        assert begins is not None, f"{page} has no {first}"
        clip = FloatRect(x=0, y=begins["y"], width=width, height=height)
        await shown.screenshot(path=PICTURES_AT / file, clip=clip, full_page=True)
        await shown.context.close()
        print(PICTURES_AT / file, flush=True)


async def _all_there(shown: Page, address: str) -> None:
    await shown.goto(address)
    await shown.wait_for_function("() => !document.querySelector('.htmx-request')")


if __name__ == "__main__":
    sys.exit(main())
