"""Being somebody in a browser: logged in once, in any language and size."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page

from tests.support.site import Site


@dataclass(slots=True)
class Looking:
    """`faults` are what pages complained of in the console while anybody looked."""

    browser: Browser
    site: Site
    faults: list[str] = field(default_factory=list)
    _sessions: dict[str, Any] = field(default_factory=dict)
    _kept: dict[tuple[str, str], Page] = field(default_factory=dict)

    async def as_(self, subject: str, language: str = "nb", **options: Any) -> Page:
        """A page of a browser in which that person of the directory is logged in; close its context afterwards."""
        context = await self._context(self._sessions.get(subject), language, **options)
        page = await context.new_page()
        if subject not in self._sessions:
            await self.log_in(page, subject)
            self._sessions[subject] = await context.storage_state()
        return page

    async def kept(self, subject: str, language: str) -> Page:
        """The same page of a browser whenever that person looks in that language: what it has loaded, it has."""
        if (subject, language) not in self._kept:
            self._kept[subject, language] = await self.as_(subject, language)
        return self._kept[subject, language]

    async def leave(self) -> None:
        """Close what was kept."""
        for page in self._kept.values():
            await page.context.close()
        self._kept.clear()

    async def log_in(self, page: Page, subject: str, path: str = "/notifications/logged-in") -> None:
        """Through the issuer's own page, as people do; then go to `path`."""
        await page.goto(f"{self.site.url}/notifications/login?back={path}")
        await page.click(f'button[value="{subject}"]')
        await page.wait_for_url(f"{self.site.url}{path}")

    async def _context(self, state: Any, language: str, **options: Any) -> BrowserContext:
        context = await self.browser.new_context(
            base_url=self.site.url, storage_state=state, locale=language, **{"reduced_motion": "reduce", **options}
        )
        context.on("console", lambda said: self._complained(said.text) if said.type == "error" else None)
        context.on("weberror", lambda fault: self.faults.append(str(fault.error)))
        return context

    def _complained(self, text: str) -> None:
        """That a part of a page could not be had just now, is said on a busy machine and is no fault of the page."""
        if "503" not in text:
            self.faults.append(text)
