"""Every page in every language: readable by everybody, nothing cut, nothing hidden, no word that makes people small."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, Response, ViewportSize

from chassis.http.sentences import LANGUAGES
from tests.architecture.services import pages_of_all
from tests.browser.examples import examples_of
from tests.browser.looking import Looking
from tests.support.site import Site
from tests.support.wait import eventually

# The first test waits until there is something on every page of the site.
pytestmark = pytest.mark.timeout(600)

NARROW, WIDE = ViewportSize(width=320, height=640), ViewportSize(width=1100, height=800)

# Words that make people small, or say what they lack (S3.23). Whole words, in any case.
STIGMA = {
    "en": ("victim", "client", "patient", "addict", "mentally ill", "suffers from", "weak", "needy", "case"),
    "nb": ("offer", "klient", "pasient", "rusmisbruker", "psykisk syk", "lider av", "ressurssvak", "svak", "bruker"),
    "nn": ("offer", "klient", "pasient", "rusmisbrukar", "psykisk sjuk", "lid av", "ressurssvak", "svak", "brukar"),
    "da": ("offer", "klient", "patient", "misbruger", "sindssyg", "lider af", "ressourcesvag", "svag", "bruger"),
}

_AXE = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]}
_CUT = """() => [...document.querySelectorAll('main *, header *, footer *')].filter(e => {
  const s = getComputedStyle(e);
  return e.children.length === 0 && e.textContent.trim() && s.overflowX !== 'visible' && !e.closest('.visually-hidden')
    && !['INPUT', 'TEXTAREA', 'SELECT', 'OPTION'].includes(e.tagName) && e.scrollWidth > e.clientWidth + 1;
}).map(e => e.textContent.trim().slice(0, 60))"""
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture(scope="module")
async def looking(browser: Browser, site: Site) -> AsyncIterator[Looking]:
    looking = Looking(browser, site)
    yield looking
    await looking.leave()


@pytest.fixture(scope="module")
async def examples(site: Site) -> Mapping[str, tuple[str, str]]:
    return await examples_of(site)


@pytest.mark.parametrize("path", sorted(pages_of_all()))
@pytest.mark.requirement("S3.23")
async def test_everybody_can_use_it(path: str, looking: Looking, examples: Mapping[str, tuple[str, str]]) -> None:
    """In every language, narrow and wide, with large text, in the light and in the dark."""
    subject, address = examples[path]
    found = {language: await _faults(looking, subject, address, language) for language in LANGUAGES}
    assert {language: faults for language, faults in found.items() if faults} == {}


async def _faults(looking: Looking, subject: str, address: str, language: str) -> list[str]:
    """What is wrong with the page there."""
    page = await looking.kept(subject, language)
    await page.set_viewport_size(WIDE)

    async def opened() -> Response | None:
        """Not yet, while a service says that it is not ready for it."""
        answer = await page.goto(address)
        return None if answer is None or answer.status == 503 else answer

    answer = await eventually(opened, timeout=90, every=1)
    assert answer is not None
    said = (answer.status, await page.locator("html").get_attribute("lang"))
    found = [] if said == (200, language) else [f"answered {said}"]
    found += await _violations(page) + _stigma(await page.locator("body").inner_text(), language)
    if language == LANGUAGES[0]:
        await page.emulate_media(color_scheme="dark")
        found += [f"in the dark, {fault}" for fault in await _violations(page, only=["color-contrast"])]
        await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(NARROW)
    found += await _cut(page, "at 320 px")
    await page.set_viewport_size(WIDE)
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += await _cut(page, "with text of 200 %") + looking.faults
    looking.faults.clear()
    await page.goto("about:blank")  # a page that is live would go on asking
    return found


async def _cut(page: Page, how: str) -> list[str]:
    wider, cut = await page.evaluate(_WIDER), await page.evaluate(_CUT)
    return [f"{how}, {wider} px wider than the screen"] * (wider != 0) + [f"{how}, cut: {text}" for text in cut]


async def _violations(page: Page, only: list[str] | None = None) -> list[str]:
    options = {**_AXE, "runOnly": only} if only else _AXE
    found = await Axe().run(page, options=options)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"][:3]
    ]


def _stigma(text: str, language: str) -> list[str]:
    """With what nobody should have to read: a word of the code, in the quotes that mark one."""
    said = [word for word in STIGMA[language] if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]
    return said + re.findall(r"`[^`]*`", text)
