"""Every page in every language: readable by everybody, nothing cut, nothing hidden, no word that makes people small."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page

from chassis.http.sentences import LANGUAGES
from tests.architecture.services import pages_of_all
from tests.browser.examples import examples_of
from tests.browser.looking import Looking
from tests.support.site import Site

# The first test waits until there is something on every page of the site.
pytestmark = pytest.mark.timeout(600)

NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1100, "height": 800}

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
async def looking(browser: Browser, site: Site) -> Looking:
    return Looking(browser, site)


@pytest.fixture(scope="module")
async def examples(site: Site) -> Mapping[str, tuple[str, str]]:
    return await examples_of(site)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", sorted(pages_of_all()))
@pytest.mark.requirement("S3.23")
async def test_everybody_can_use_it(
    path: str, language: str, looking: Looking, examples: Mapping[str, tuple[str, str]]
) -> None:
    subject, address = examples[path]
    page = await looking.as_(subject, language, viewport=WIDE)
    try:
        answer = await page.goto(address)
        assert answer is not None
        assert (answer.status, await page.locator("html").get_attribute("lang")) == (200, language)
        assert await _violations(page) == []
        assert _stigma(await page.locator("body").inner_text(), language) == []
        await page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        assert (await page.evaluate(_WIDER), await page.evaluate(_CUT)) == (0, [])
        await page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        await page.evaluate("document.documentElement.style.fontSize = '200%'")
        assert (await page.evaluate(_WIDER), await page.evaluate(_CUT)) == (0, [])
        assert looking.faults == []
    finally:
        looking.faults.clear()
        await page.context.close()


@pytest.mark.parametrize("path", sorted(pages_of_all()))
async def test_it_is_dark_where_people_want_it_dark(
    path: str, looking: Looking, examples: Mapping[str, tuple[str, str]]
) -> None:
    """Contrast holds in the dark too."""
    subject, address = examples[path]
    page = await looking.as_(subject, viewport=WIDE, color_scheme="dark")
    try:
        await page.goto(address)
        assert await _violations(page, only=["color-contrast"]) == []
    finally:
        await page.context.close()


async def _violations(page: Page, only: list[str] | None = None) -> list[str]:
    options = {**_AXE, "runOnly": only} if only else _AXE
    found = await Axe().run(page, options=options)
    return [
        f"{violation['id']}: {node['html'][:160]}"
        for violation in found.response["violations"]
        for node in violation["nodes"][:3]
    ]


def _stigma(text: str, language: str) -> list[str]:
    return [word for word in STIGMA[language] if re.search(rf"\b{re.escape(word)}\b", text, re.IGNORECASE)]
