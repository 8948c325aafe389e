"""A person of a story in the browser: every step is a click or a word typed, and what is read is on the page."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from playwright.async_api import Error, Locator, Page, expect

from tests.support.wait import eventually

_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody of the directory who is logged in; `person_id` is theirs where they have one."""

    page: Page
    person_id: str = ""

    async def opens(self, path: str) -> None:
        await self.page.goto(path)

    async def goes(self, link: str, *, within: str = "main") -> None:
        """Follow a link by what it says; look again until it is there."""
        found = self.page.locator(within).get_by_role("link", name=link).first
        await self._until_there(found)
        await found.click()

    async def follows(self, path: str) -> None:
        """Follow a link by where it leads, where several say the same; look again until it is there."""
        found = self.page.locator(f'main a[href="{path}"]').first
        await self._until_there(found)
        await found.click()

    async def unfolds(self, summary: str) -> None:
        found = self.page.locator("summary", has_text=summary).first
        await self._until_there(found)
        if not await found.evaluate("one => one.parentElement.open"):
            await found.click()

    async def types(self, **fields: str) -> None:
        """By the name of a field: what a label says, with `_` for a space, as in `Hours_attended`."""
        for label, text in fields.items():
            await self.page.get_by_label(label.replace("_", " ")).first.fill(text)

    async def chooses(self, label: str, option: str) -> None:
        await self.page.get_by_label(label).first.select_option(label=option)

    async def ticks(self, *labels: str) -> None:
        for label in labels:
            await self.page.get_by_label(label, exact=True).first.check()

    async def presses(self, button: str, *, beside: str = "") -> None:
        """Press a button by what it says; where several say the same, the one in the part that also says `beside`."""
        part = self.page.locator("li, section", has_text=beside).last if beside else self.page.locator("main")
        found = part.get_by_role("button", name=button).first
        await self._until_there(found)
        await found.click()
        await self.page.wait_for_load_state()

    async def reads(self, *texts: str) -> None:
        """Each is on the page, by and by."""
        for text in texts:
            await self._until_there(self.page.locator("main").get_by_text(text).first)

    async def reads_done(self, text: str) -> None:
        """What is said right after something was done."""
        await expect(self.page.get_by_role("status").first).to_have_text(text)

    async def reads_refusal(self, *texts: str) -> None:
        for text in texts:
            await expect(self.page.get_by_role("alert")).to_contain_text(text)

    async def does_not_read(self, *texts: str) -> None:
        said = await self.page.locator("body").inner_text()
        assert [text for text in texts if text in said] == []

    async def _until_there(self, found: Locator) -> None:
        """What another service is still to hear of: the page is asked for again, as people do."""

        async def there() -> bool:
            with suppress(Error):
                await found.wait_for(state="visible", timeout=700)
                return True
            with suppress(Error):
                await self.page.goto(self.page.url)
            said = await self.page.locator("body").inner_text(timeout=5000)
            raise AssertionError(f"{found} is not on {self.page.url}, which says: {said}")

        await eventually(there, timeout=_PATIENCE_SECONDS)
