"""A coordinator's work at the front door, by clicking: requests, volunteers, people, blocks, a programme's pause."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.desk_town import Desk, desk_of
from tests.browser.looking import Looking
from tests.support.site import Site


@pytest.fixture
async def desk(site: Site) -> Desk:
    """A tenant of the test's own."""
    desk = desk_of(site, f"desk-{uuid4().hex[:8]}")
    await desk.open()
    return desk


@pytest.fixture
async def page(desk: Desk, browser: Browser) -> AsyncIterator[Page]:
    """The coordinator's browser, in English."""
    looking = Looking(browser, desk.site)
    page = await looking.as_(desk.subject, "en")
    yield page
    await page.context.close()


async def choose(page: Page, label: str, value: str) -> None:
    await page.get_by_label(label, exact=True).first.select_option(value)


async def unfold(page: Page, summary: str) -> None:
    await page.locator("summary", has_text=summary).first.click()


@pytest.mark.requirement("S1.12", "S3.3")
async def test_a_wish_is_written_down_taken_up_and_handed_over(desk: Desk, page: Page, browser: Browser) -> None:
    await page.goto("/intake/people-new")
    await page.get_by_label("Name", exact=True).fill("Ida Oppdiktet")
    await page.get_by_label("Came by").check()
    await page.get_by_label("Date of birth").fill("1981-04-12")
    await page.get_by_role("button", name="Register").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Ida Oppdiktet")

    await page.get_by_role("link", name="New request").click()
    await choose(page, "Programme", "walking-friends")
    await page.get_by_role("button", name="Go on").click()
    await page.get_by_label("What is wished for").fill("Somebody to walk with on Sundays.")
    await page.get_by_label("Needed since").fill("2200-01-01")
    await page.get_by_role("radio", name="Yes").check()
    await page.get_by_role("button", name="Send it in").click()

    await expect(page.get_by_role("alert")).to_contain_text("Waiting cannot have begun in the future.")
    await expect(page.get_by_label("What is wished for")).to_have_value("Somebody to walk with on Sundays.")
    await page.get_by_label("Needed since").fill("2026-02-01")
    await page.get_by_role("button", name="Send it in").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("What Ida Oppdiktet asks for")
    request = page.url.partition("?")[0]

    await page.goto("/intake/today")
    await page.get_by_role("listitem").filter(has_text="Ida Oppdiktet").get_by_role("button", name="I take it").click()
    await expect(page.get_by_role("status")).to_have_text("It is yours now.")
    await expect(page.locator("main")).to_contain_text("Nothing needs you right now.")

    colleague = desk_of(desk.site, desk.tenant, subject=f"{desk.tenant}-colleague", name="Jorunn Prøve")
    await page.goto(request)
    await unfold(page, "Pass it on to a colleague")
    await page.get_by_label("Your colleague's log-in name").fill(colleague.subject)
    await page.get_by_role("button", name="Ask", exact=True).click()
    await expect(page.get_by_role("status")).to_have_text("Your colleague is asked.")

    other = await Looking(browser, desk.site).as_(colleague.subject, "en")
    await other.goto("/intake/today")
    await other.get_by_role("button", name="I take over").click()
    await other.goto(request)
    await expect(other.locator(".story")).to_contain_text("Taken over (You)")
    await expect(page.locator(".story")).to_contain_text("Taken over (A colleague)")  # and nobody reloaded it
    await other.context.close()


@pytest.mark.requirement("S3.3")
async def test_who_comes_second_is_told_so(desk: Desk, page: Page) -> None:
    request_id = await desk.wish(await desk.register("Kari Oppdiktet"), "A friend.")
    await page.goto(f"/intake/requests/{request_id}")
    first = desk_of(desk.site, desk.tenant, subject=f"{desk.tenant}-first", name="Jorunn Prøve")
    await first.post(f"/v1/requests/{request_id}/take-up")
    await page.get_by_role("button", name="I take it").click()

    await expect(page.get_by_role("alert")).to_have_count(1)
    await expect(page.locator(".facts")).to_contain_text("A colleague")


@pytest.mark.requirement("S2.7", "S3.19")
async def test_who_is_not_helped_here_is_shown_other_ways(desk: Desk, page: Page) -> None:
    person_id = await desk.register("Kari Oppdiktet")
    await page.goto(f"/intake/requests-new?person={person_id}&programme=walking-friends")
    await page.get_by_label("What is wished for").fill("A friend.")
    await page.get_by_role("radio", name="No").check()
    await page.get_by_role("button", name="Send it in").click()

    main = page.locator("main")
    await expect(main).to_contain_text("This programme is not the way for this wish")
    await expect(main).to_contain_text("Acute help, day and night")
    await expect(main.get_by_role("button")).to_have_count(0)


@pytest.mark.requirement("S2.22", "S2.24", "S2.25", "S2.26", "S2.27")
async def test_a_volunteer_goes_all_the_way_to_approval(desk: Desk, page: Page) -> None:
    person_id = await desk.register("Runa Eksempel")
    await page.goto(f"/intake/people/{person_id}")
    await unfold(page, "Wants to help in Walking friends")
    await page.get_by_role("button", name="Write it down").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Runa Eksempel")
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)

    await unfold(page, "Training attended")
    await page.get_by_label("Hours attended").fill("12")
    await page.get_by_label("About the programme").check()
    await page.get_by_label("About the role").check()
    await page.locator("#form-training").get_by_role("button", name="Save").click()
    await expect(page.locator(".checklist")).to_contain_text("12 of 12 hours attended")

    await unfold(page, "Confidentiality signed")
    await page.get_by_role("button", name="It is signed").click()
    await unfold(page, "Certificate seen")
    await page.get_by_role("button", name="I have seen it").click()
    await unfold(page, "Talk held")
    await page.get_by_label("It went well").check()
    await page.locator("#form-interview").get_by_role("button", name="Save").click()

    await page.get_by_role("button", name="Approve").click()
    await expect(page.get_by_role("status")).to_have_text("Approved.")
    await page.goto("/intake/volunteers?state=approved")
    await expect(page.get_by_role("row").filter(has_text="Runa Eksempel")).to_contain_text("Approved")


@pytest.mark.requirement("S2.9", "S0.3")
async def test_somebody_who_may_be_who_was_meant_is_looked_at_by_a_human(desk: Desk, page: Page) -> None:
    ida = await desk.register("Ida Oppdiktet")
    await page.goto("/intake/people?name=oppdik")
    await page.get_by_role("link", name="Ida Oppdiktet").click()
    await unfold(page, "People the person never wants to meet")
    await page.locator("#form-block").get_by_label("Telephone").fill("+47 900 00 011")
    await page.get_by_role("button", name="Keep them apart").click()
    await expect(page.get_by_role("status")).to_have_text("They are kept apart from now on.")
    assert "900 00 011" not in await page.content()

    await page.goto("/intake/today")
    await expect(page.locator("main")).to_contain_text("Nothing needs you right now.")
    await desk.register("Osvald Eksempel", contact={"language": "nb", "phone": "90000011"})
    await page.get_by_role("link", name="Look whether two people may meet").click()  # it came by itself

    await expect(page.get_by_role("heading", level=2)).to_have_text(
        "The telephone number is the same. Is it who was meant?"
    )
    await page.get_by_role("button", name="Yes, keep them apart").click()
    await expect(page.locator("main")).to_contain_text("There is nobody to look at.")
    assert ida not in await page.locator("main").inner_text()


@pytest.mark.requirement("S1.5")
async def test_a_programme_that_is_paused_says_so_where_somebody_asks(desk: Desk, page: Page) -> None:
    person_id = await desk.register("Kari Oppdiktet")
    await page.goto("/intake/programmes")
    await page.get_by_role("link", name="Walking friends").click()
    await page.get_by_role("button", name="Pause the programme").click()
    await expect(page.get_by_role("status")).to_have_text("The programme is paused.")

    await page.goto(f"/intake/requests-new?person={person_id}&programme=walking-friends")
    await page.get_by_label("What is wished for").fill("A friend.")
    await page.get_by_role("radio", name="Yes").check()
    await page.get_by_role("button", name="Send it in").click()
    await expect(page.get_by_role("alert")).to_contain_text("takes a break")
    await expect(page.get_by_role("alert").get_by_role("listitem")).not_to_have_count(0)
