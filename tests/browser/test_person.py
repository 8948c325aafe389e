"""On one's own pages, without scripts, by keyboard, on a narrow screen: asking, resting, answering, giving, leaving."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.async_api import Browser, Page, expect

from deploy.local.issuer import Account
from tests.browser.looking import Looking
from tests.browser.matching_town import TENANT, Town, town_at
from tests.browser.people_town import training
from tests.support.site import Site
from tests.support.wait import eventually

NARROW = {"width": 320, "height": 640}


@pytest.fixture(scope="module")
async def town(site: Site) -> AsyncIterator[Town]:
    async with town_at(site) as town:
        yield town


@pytest.fixture
def looking(browser: Browser, site: Site) -> Looking:
    return Looking(browser, site)


async def somebody_new(looking: Looking, site: Site) -> Page:
    """Who has just been given a log-in, with a browser that runs no scripts."""
    known = site.directory.find(f"{TENANT}-citizen")
    assert known is not None
    person_id = str(uuid4())
    subject = f"{TENANT}-{person_id}"
    account = Account(subject=subject, tenant=TENANT, scopes=known.scopes, name="Amina Opdigtet", person=person_id)
    site.directory.put(account)
    return await looking.as_(subject, "en", java_script_enabled=False, viewport=NARROW)


async def introduced(page: Page) -> None:
    await page.goto("/intake/me")
    await page.get_by_role("button", name="Go on").click()
    await expect(page.get_by_role("heading", name="Hello, Amina Opdigtet")).to_be_visible()


async def see(page: Page, text: str) -> None:
    """It comes by itself once all services have heard; without scripts one looks again."""

    async def is_there() -> bool:
        await page.reload()
        return await page.get_by_text(text).first.is_visible()

    await eventually(is_there, timeout=60)


@pytest.mark.requirement("S2.3", "S4.11")
async def test_a_yes_is_said_to_the_words_one_is_asked_in_and_taken_back_as_easily(
    looking: Looking, town: Town
) -> None:
    _, who = await town.wish("Amina Opdigtet")
    page = await looking.as_(town.folk.subject(who), "en", java_script_enabled=False, viewport=NARROW)
    await page.goto("/intake/me/mine")
    words = "Krisecenter Opdigtet may be told where the request stands"
    await see(page, words)
    theirs = page.get_by_role("listitem").filter(has_text=words)
    await theirs.get_by_role("button", name="I say yes to this").click()
    await expect(page.get_by_role("status")).to_have_text("Your yes is written down.")
    await expect(theirs).to_contain_text("Said yes on")
    await theirs.get_by_role("button", name="Take it back").click()
    await expect(page.get_by_role("status")).to_have_text("Your yes is taken back.")
    await expect(theirs.get_by_role("button", name="I say yes to this")).to_be_visible()
    await page.context.close()


@pytest.mark.requirement("S2.3", "S3.17", "S3.30", "S3.75")
async def test_who_has_no_scripts_asks_for_company_rests_goes_on_takes_the_files_and_leaves(
    looking: Looking, site: Site, town: Town, tmp_path: Path
) -> None:
    page = await somebody_new(looking, site)
    await introduced(page)

    await page.get_by_role("link", name="Ask for something").click()
    await page.goto(f"/intake/me/new-request?programme={town.programme}")
    await page.get_by_label("What would you like?").fill("Somebody to walk with on Sundays.")
    await page.get_by_label("What is it about?").select_option("visiting")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("heading", name="We have your wish. You will hear from us.")).to_be_visible()
    await page.get_by_role("button", name="Let it wait").click()
    await expect(page.get_by_role("heading", name=re.compile("waits until you are ready"))).to_be_visible()
    await page.get_by_role("button", name="I am ready now").click()
    await page.get_by_role("link", name="Back to my door").click()
    await expect(page.get_by_text("Somebody to walk with on Sundays.")).to_be_visible()

    await page.get_by_role("button", name="Leave me in peace for now").click()
    await expect(page.get_by_role("heading", name="You are left in peace now")).to_be_visible()
    await page.get_by_role("button", name="I am ready to go on").click()
    await expect(page.get_by_role("heading", name="You are left in peace now")).to_have_count(0)

    async with page.expect_download() as taken:
        await page.get_by_role("link", name="Who you are, what you asked for and answered").click()
    kept = tmp_path / "kobling.json"
    await (await taken.value).save_as(kept)
    assert [one["what"] for one in json.loads(kept.read_text())["requests"]] == ["Somebody to walk with on Sundays."]

    await page.get_by_role("link", name="Leave, and have everything deleted").click()
    await page.get_by_role("button", name="Delete everything about me").click()
    await expect(page.get_by_role("heading", name=re.compile("You are leaving|is deleted"))).to_be_visible()
    await page.context.close()


@pytest.mark.requirement("S2.7", "S3.19")
async def test_a_wish_that_comes_too_early_is_answered_with_other_ways(
    looking: Looking, site: Site, town: Town
) -> None:
    programme = await training(town)
    page = await somebody_new(looking, site)
    await introduced(page)
    await page.goto(f"/intake/me/new-request?programme={programme}")
    await page.get_by_label("What would you like?").fill("A friend.")
    await page.get_by_label("Yes", exact=True).check()
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("The coordinators can now see that you asked")).to_be_visible()
    await expect(page.get_by_label("What would you like?")).to_have_value("A friend.")
    desk = await looking.as_(town.folk.coordinator, "en", java_script_enabled=False)
    await desk.goto("/intake/today")
    await see(desk, "Amina Opdigtet")
    asks = desk.get_by_role("listitem").filter(has_text="Yes or no first").filter(has_text="Amina Opdigtet")
    await asks.get_by_role("link").first.click()
    await expect(desk.get_by_label("What is wished for")).to_be_visible()
    await desk.context.close()
    await page.get_by_label("No", exact=True).check()
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text("This programme is not the way for this wish.")).to_be_visible()
    await expect(page.get_by_text("Acute help, day and night")).to_be_visible()
    await page.context.close()


@pytest.mark.requirement("S2.22", "S2.24")
async def test_a_volunteer_applies_signs_and_sees_what_is_left(looking: Looking, site: Site, town: Town) -> None:
    programme = await training(town)
    page = await somebody_new(looking, site)
    await introduced(page)
    await page.goto(f"/intake/my-training/apply?programme={programme}")
    await page.get_by_role("button", name="I would like to take part").click()
    await expect(page.get_by_text("Hours of training: 0 of 12")).to_be_visible()
    await expect(page.get_by_text("5 steps are left.")).to_be_visible()
    await page.get_by_role("button", name="I have read it and sign it").click()
    await expect(page.get_by_text("4 steps are left.")).to_be_visible()
    await page.context.close()


@pytest.mark.requirement("S2.28")
async def test_a_no_to_a_proposal_is_as_easy_as_a_yes_and_asks_for_nothing(looking: Looking, town: Town) -> None:
    helper = await town.helper("Bent Opdigtet")
    request_id, asks = await town.wish("Agnes Opdigtet")
    await town.proposed(request_id, helper)
    page = await looking.as_(town.folk.subject(asks), "en", java_script_enabled=False)
    await page.goto("/matching/my-matches")
    await see(page, "We have found somebody for you")
    await expect(page.get_by_role("button", name="Yes, I would like that")).to_have_count(0)  # they have not met
    await page.get_by_role("button", name="No, not this time").click()
    await expect(page.get_by_role("status")).to_have_text("Thank you. Your answer is noted, and only we see it.")
    await see(page, "There is nothing here yet.")
    await page.context.close()


@pytest.mark.requirement("S2.15")
async def test_a_check_in_needs_no_mouse_on_a_narrow_screen(looking: Looking, town: Town) -> None:
    helper = await town.helper("Carla Eksempel")
    request_id, asks = await town.wish("Dagny Eksempel")
    match_id = await town.matched(request_id, asks, helper)
    page = await looking.as_(town.folk.subject(asks), "en", viewport=NARROW)
    await page.goto(f"/matching/my-matches/{match_id}")
    await page.locator("main").focus()
    for key in ("Tab", "Tab", "Space", "Tab", "Tab", "Enter"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("status")).to_have_text("Thank you for telling us.")
    found = await town.folk.until("matching", f"/v1/matches/{match_id}", lambda found: found["check_ins"])
    given = [(one["given_by"], one["form"], one["well"], one["wants_talk"]) for one in found["check_ins"]]
    assert given == [("requester", "met", True, True)]
    await page.context.close()
