"""A coordinator's day in matching, by clicking: the waiting list, a pick with a second look, the board, a match."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.looking import Looking
from tests.browser.matching_town import WISHES, Town, in_days, town_at
from tests.support.site import Site
from tests.support.wait import eventually


@pytest.fixture(scope="module")
async def town(site: Site) -> AsyncIterator[Town]:
    async with town_at(site) as town:
        yield town


@pytest.fixture
async def page(browser: Browser, site: Site, town: Town) -> AsyncIterator[Page]:
    """The coordinator's, logged in, without scripts: everything here must work so."""
    page = await Looking(browser, site).as_(town.folk.coordinator, "en", java_script_enabled=False)
    yield page
    await page.context.close()


@pytest.mark.requirement("S2.30")
async def test_who_waits_is_found_with_reasons_and_asked_after_a_second_look(page: Page, town: Town) -> None:
    helper = await town.helper("Bent Opdigtet", languages=[{"code": "ar", "level": "c1"}, {"code": "da"}])
    request_id, _ = await town.wish("Agnes Opdigtet", wishes=WISHES)
    await town.folk.until("matching", f"/v1/searches/{request_id}/candidates/{helper}", lambda one: not one["why_not"])
    await page.goto(f"/matching/waiting?programme={town.programme}")
    await page.locator(f'a[href="/matching/searches/{request_id}"]').click()
    await page.locator(f'a[href$="/candidates/{helper}"]').click()
    await expect(page.get_by_text("Speaks the language that is wished")).to_be_visible()
    await page.get_by_role("button", name="Ask them both").click()
    await expect(page).to_have_url(re.compile(rf"/matching/searches/{request_id}\?"))
    await expect(page.get_by_role("status")).to_have_text("Both are asked.")
    await expect(page.get_by_text("Not arranged yet")).to_be_visible()


async def test_a_name_comes_to_its_place_and_takes_nobody_elses(browser: Browser, site: Site, town: Town) -> None:
    first, _ = await town.wish("Nanna Eksempel")
    second, _ = await town.wish("Oda Opdigtet")
    page = await Looking(browser, site).as_(town.folk.coordinator, "en")
    await page.goto(f"/matching/waiting?programme={town.programme}")
    for request_id, named in ((first, "Nanna Eksempel"), (second, "Oda Opdigtet")):
        await expect(page.locator(f'main a[href="/matching/searches/{request_id}"]')).to_contain_text(named)
    await page.context.close()


@pytest.mark.requirement("S2.30")
async def test_who_is_not_proposed_is_found_with_the_rule_that_says_so(page: Page, town: Town) -> None:
    helper = await town.helper("Ditte Opdigtet", gender="man")
    wishes = {"languages": [{"code": "da"}], "gender": "woman"}
    request_id, _ = await town.wish("Asta Eksempel", wishes=wishes)
    path = f"/v1/searches/{request_id}/passed-over"
    await town.folk.until("matching", path, lambda found: helper in str(found))
    await page.goto(f"/matching/searches/{request_id}")
    await page.get_by_role("link", name="Who is not among them, and why").click()
    theirs = page.locator("li", has=page.locator(f'a[href$="/candidates/{helper}"]'))
    await expect(theirs.get_by_role("listitem")).to_have_text(["The one who asks wishes somebody of another gender."])
    await theirs.get_by_role("link").click()
    await expect(page.get_by_role("heading", name="Why not now")).to_be_visible()
    await expect(page.get_by_role("button", name="Ask them both")).to_have_count(0)


@pytest.mark.requirement("S2.28")
async def test_a_meeting_that_comes_too_late_is_refused_in_words_with_what_was_typed(page: Page, town: Town) -> None:
    helper = await town.helper("Carla Eksempel")
    request_id, _ = await town.wish("Dagny Eksempel")
    await town.proposed(request_id, helper)
    await town.folk.until("matching", f"/v1/searches/{request_id}", lambda found: found["proposals"])
    await page.goto(f"/matching/searches/{request_id}")
    await page.get_by_label("When").fill("2060-01-01T12:00")
    await page.get_by_role("button", name="Invite both").click()
    await expect(page.get_by_role("alert")).to_contain_text("before the proposal's deadline")
    await expect(page.get_by_label("When")).to_have_value("2060-01-01T12:00")


@pytest.mark.requirement("S1.14")
async def test_a_text_that_tells_who_asks_is_not_hung_up_and_a_clean_one_is(page: Page, town: Town) -> None:
    request_id, _ = await town.wish("Gerda Opdigtet", "shelves")
    await page.goto(f"/matching/searches/{request_id}")
    await page.get_by_text("Hang it on the board instead").click()
    await page.get_by_label("What is wished").fill("Two shelves. Ring Gerda on 20 12 34 56.")
    await page.get_by_label("Take it down on").fill(in_days(7)[:16])
    hang = page.get_by_role("button", name="Hang it up")
    await hang.click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("What is wished")).to_have_value("Two shelves. Ring Gerda on 20 12 34 56.")
    await page.get_by_label("What is wished").fill("Two shelves, it takes two hours.")
    await hang.click()
    await expect(page.get_by_role("status")).to_have_text("It hangs on the board.")
    await page.goto("/matching/desk")
    await expect(page.get_by_text("Two shelves, it takes two hours.")).to_be_visible()


@pytest.mark.requirement("S2.15")
async def test_a_match_in_which_somebody_is_not_well_comes_first_until_it_is_looked_at(page: Page, town: Town) -> None:
    helper = await town.helper("Villy Opdigtet")
    request_id, person_id = await town.wish("Ellen Eksempel")
    match_id = await town.matched(request_id, person_id, helper)
    path = f"/v1/matches/{match_id}"
    await town.folk.do("matching", f"{path}/check-ins", {"form": "met", "well": False}, by=person_id)
    await town.folk.until("matching", path, lambda found: found["needs"])
    await page.goto("/matching/today-part")
    await page.locator(f'#part a[href="/matching/matches/{match_id}"]').first.click()
    await expect(page.get_by_text("Talk with each of them, then write down the review.")).to_be_visible()
    await page.get_by_label("They go on").check()
    await page.get_by_role("button", name="Save the review").click()
    await expect(page.get_by_role("status")).to_have_text("The review is saved.")
    await expect(page.get_by_text("Talk with each of them, then write down the review.")).to_have_count(0)
    await page.goto(f"/matching/matches?programme={town.programme}")
    await expect(page.get_by_text("No match needs you right now.")).to_be_visible()


@pytest.mark.requirement("S1.22")
async def test_an_activity_needs_somebody_beside_who_leads_before_it_is_opened(page: Page, town: Town) -> None:
    lead = await town.helper("Inger Opdigtet")
    await page.goto(f"/matching/activities-new?person_id={lead}&programme={town.programme}")
    await page.get_by_label("What it is called").fill("Soup on Thursdays")
    await page.get_by_label("What we do").fill("We cook together and eat.")
    await page.get_by_role("button", name="Propose it").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Soup on Thursdays")
    await expect(page.get_by_role("button", name="Open it")).to_have_count(0)
    await page.get_by_role("button", name="I stand beside them").click()
    await page.get_by_role("button", name="Open it").click()
    await expect(page.get_by_role("status")).to_have_text("It is open for sign-up.")
    await expect(page.get_by_role("button", name="Plan it")).to_be_visible()


@pytest.mark.requirement("S2.30")
async def test_a_pair_of_the_suggestion_is_taken_over_by_a_person_alone(page: Page, town: Town) -> None:
    helper = await town.helper("Sune Opdigtet", languages=[{"code": "so"}])
    wishes = {"languages": [{"code": "so", "level": "b1"}]}
    request_id, _ = await town.wish("Hodan Eksempel", wishes=wishes)
    await town.folk.until("matching", f"/v1/searches/{request_id}/candidates/{helper}", lambda one: not one["why_not"])
    await page.goto(f"/matching/waiting?programme={town.programme}")
    await page.get_by_role("button", name="Suggest for all").click()
    made = page.locator(f'a[href="/matching/searches/{request_id}?candidate={helper}"]')

    async def shown() -> bool:
        if again := await page.get_by_role("link", name="Look again").all():
            await again[0].click()
        return await made.count() == 1

    await eventually(shown, timeout=60)
    await made.click()
    await expect(page.get_by_text("Suggested", exact=True)).to_be_visible()
    found = await town.folk.until("matching", f"/v1/searches/{request_id}")
    assert found["proposals"] == []
