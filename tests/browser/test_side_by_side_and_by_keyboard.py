"""What one coordinator does is seen by another who just looks; and everything can be done without a mouse."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.stories import Story, story_at
from tests.support.site import Site

_FOCUSED = """() => {
  const one = document.activeElement, around = one.closest('.ds-field') || one;
  const box = one.getBoundingClientRect(), appears = one.matches('.ds-skip-link') && box.top >= 0 && box.height > 20;
  const isRinged = look => look.boxShadow !== 'none'
    || (look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) > 0);
  const rings = appears || [one, around].some(each => isRinged(getComputedStyle(each)));
  const label = one.labels && one.labels.length ? one.labels[0].innerText : one.innerText || one.value || '';
  // The parts of a day are stops of their own, which the browser marks itself.
  return [label.trim(), one.type === 'date' || (one.matches(':focus-visible') && rings)];
}"""
_MOST_STOPS = 80


@pytest.fixture(scope="module")
async def oslo(site: Site, browser: Browser) -> AsyncIterator[Story]:
    async with story_at(site, browser, "oslo", "ressursvenn") as oslo:
        yield oslo


async def test_what_one_coordinator_takes_up_another_sees_without_asking_again(oslo: Story) -> None:
    person_id = await oslo.folk.registered("Amina Oppdiktet")
    body = {"programme": oslo.programme, "person_id": person_id, "what": "A talk.", "gates": {"acute_over": True}}
    made = await oslo.folk.do("intake", "/v1/requests", body)
    await oslo.folk.until("intake", f"/v1/requests/{made['request_id']}")
    solveig, gro = await oslo.coordinator(), await oslo.coordinator("Gro Prøve")
    async with gro.page.expect_response(lambda answer: "/live" in answer.url):
        await gro.opens("/intake/requests")
    row = gro.page.get_by_role("row", name="Amina Oppdiktet")
    await expect(row).to_contain_text("Nobody yet")
    await gro.page.evaluate("window.isTheSamePage = true")
    await solveig.opens("/intake/today")
    await solveig.presses("I take it", beside="Amina Oppdiktet")
    await expect(row).to_contain_text("A colleague", timeout=30_000)
    assert await gro.page.evaluate("window.isTheSamePage") is True


async def test_a_page_that_nobody_sees_asks_for_what_is_new_when_it_is_looked_at(oslo: Story) -> None:
    person_id = await oslo.folk.registered("Beate Oppdiktet")
    body = {"programme": oslo.programme, "person_id": person_id, "what": "A talk.", "gates": {"acute_over": True}}
    made = await oslo.folk.do("intake", "/v1/requests", body)
    await oslo.folk.until("intake", f"/v1/requests/{made['request_id']}")
    unseen, seen = await oslo.coordinator("Gro Prøve"), await oslo.coordinator("Gro Prøve")
    for gro in (unseen, seen):
        async with gro.page.expect_response(lambda answer: "/live" in answer.url):
            await gro.opens("/intake/requests")
    await unseen.page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    asked: list[str] = []
    unseen.page.on("request", lambda request: asked.append(request.url))
    await oslo.folk.do("intake", f"/v1/requests/{made['request_id']}/take-up")
    shown, stale = (one.page.get_by_role("row", name="Beate Oppdiktet") for one in (seen, unseen))
    await expect(shown).not_to_contain_text("Nobody yet", timeout=30_000)
    await unseen.page.wait_for_timeout(2000)  # longer than any page takes that is seen
    assert asked == []
    await unseen.page.evaluate("Object.defineProperty(document, 'hidden', { value: false })")
    await unseen.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    await expect(stale).not_to_contain_text("Nobody yet")


async def test_somebody_is_registered_and_asked_for_without_a_mouse(oslo: Story) -> None:
    page = (await oslo.coordinator()).page
    await page.goto("/intake/today")
    await _follows(page, "Register somebody")
    await _tabs_to(page, "Name")
    await page.keyboard.type("Bjarne Oppdiktet")
    await _tabs_to(page, "Date of birth")
    await page.keyboard.type("01031979")
    await _follows(page, "Register")
    await expect(page.get_by_role("heading", level=1)).to_have_text("Bjarne Oppdiktet")
    await _follows(page, "New request")
    await _follows(page, "Go on", unless="What is wished for")
    await _tabs_to(page, "What is wished for")
    await page.keyboard.type("Somebody to talk with.")
    await _tabs_to(page, "Yes")
    await page.keyboard.press("Space")
    await _follows(page, "Send it in")
    await expect(page.get_by_role("status")).to_have_text("It is written down.")
    await expect(page.get_by_text("Somebody to talk with.").first).to_be_visible()


async def _follows(page: Page, name: str, *, unless: str = "") -> None:
    """Press Enter on a link or a button; nothing is pressed where a page already has what `unless` names."""
    if unless and await page.get_by_label(unless).count():
        return
    await _tabs_to(page, name)
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def _tabs_to(page: Page, name: str) -> None:
    """Tab by tab; wherever one stands, it is seen."""
    passed = []
    for _ in range(_MOST_STOPS):
        await page.keyboard.press("Tab")
        said, is_seen = await page.evaluate(_FOCUSED)
        assert is_seen, f"nobody sees that {said!r} has the focus on {page.url}"
        if said == name:
            return
        passed.append(said)
    raise AssertionError(f"no way by Tab to {name!r} on {page.url}, only to {passed}")
