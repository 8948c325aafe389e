"""A steering group understands in one look, and takes away just what it sees."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import Browser, Page, expect
from pypdf import PdfReader

from tests.browser.looking import Looking
from tests.support.site import Site
from tests.support.wait import eventually

BY, PROGRAMME = "kolding-coordinator", "kolding"


@pytest.fixture(scope="module")
async def _counted(site: Site) -> None:
    """Seven by one source, and few by two others, who cannot be shown."""
    for number, source in enumerate(["poster"] * 7 + ["friend"] * 2 + ["newspaper"] * 4):
        person = {"channel": "phone", "name": f"Opdigtet {number}", "contact": {"language": "da"}}
        person_id = (await site.post(BY, "/intake/v1/persons", person))["id"]
        application = {"programme": PROGRAMME, "roles": ["volunteer"], "person_id": person_id}
        await site.post(BY, "/intake/v1/volunteerings", {**application, "recruitment_source": source})

    async def is_counted() -> bool:
        found = await site.get(BY, "/reporting/v1/figures/volunteers", programme=PROGRAMME)
        return bool(found["values"]["applied"] == 13)

    await eventually(is_counted)


@pytest.fixture
async def page(browser: Browser, site: Site, _counted: None) -> AsyncIterator[Page]:
    page = await Looking(browser, site).as_(BY, "da", accept_downloads=True)
    yield page
    await page.context.close()


async def test_every_number_has_its_meaning_beside_it(page: Page) -> None:
    await page.goto(f"/reporting/figures?programme={PROGRAMME}")
    section = page.locator("#volunteers")
    await expect(section.get_by_text("Hvor mange der vil hjælpe")).to_be_visible()
    await expect(section.locator("tr", has_text="meldt").first.locator("td")).to_have_text("13")


@pytest.mark.requirement("S0.9")
async def test_too_few_are_said_to_be_too_few(page: Page) -> None:
    await page.goto(f"/reporting/figures/recruitment?programme={PROGRAMME}")
    rows = page.locator("table", has_text="En plakat")
    await expect(rows.locator("tr", has_text="En plakat").locator("td").first).to_have_text("7")
    await expect(rows.locator("tr", has_text="En avis").locator("td").first).to_contain_text("færre end")
    await expect(page.get_by_role("img").first).to_be_visible()


@pytest.mark.requirement("S4.32")
async def test_as_of_an_earlier_day_there_was_nothing(page: Page) -> None:
    await page.goto(f"/reporting/figures?programme={PROGRAMME}")
    await page.get_by_label("Til og med").fill("2020-01-31")
    await page.get_by_role("button", name="Vis").click()
    await expect(page.get_by_text("Til og med 31. januar 2020.")).to_be_visible()
    await expect(page.locator("#volunteers tr", has_text="meldt").first.locator("td")).to_have_text("0")


async def test_a_day_that_has_not_come_is_refused_in_words(page: Page) -> None:
    answer = await page.goto(f"/reporting/figures?programme={PROGRAMME}&as_of=2999-01-01")
    assert answer is not None
    assert answer.status == 422
    await expect(page.locator("main")).to_contain_text("Et tal gælder for i dag eller en tidligere dag.")


async def test_what_is_kept_is_what_is_shown(page: Page, tmp_path: Path) -> None:
    await page.goto(f"/reporting/figures?programme={PROGRAMME}")
    files = {}
    for form in ("CSV", "XLSX", "PDF"):
        async with page.expect_download() as started:
            await page.get_by_role("link", name=form, exact=True).click()
        download = await started.value
        assert download.suggested_filename == f"kobling.{form.lower()}"
        files[form] = Path(await download.path()).read_bytes()  # noqa: ASYNC240 - a small file
    rows = list(csv.reader(io.StringIO(files["CSV"].decode("utf-8-sig")), delimiter=";"))
    of_all_who_applied = next(row[1] for row in rows if row[2] == "En plakat")
    by_group = {row[2]: row[3] for row in rows if row[1] == of_all_who_applied}
    assert (by_group["En plakat"], by_group["En avis"]) == ("7", "vises ikke")
    sheet = openpyxl.load_workbook(io.BytesIO(files["XLSX"])).active
    assert sheet is not None
    assert sheet.max_row == len(rows)
    text = "".join(part.extract_text() for part in PdfReader(io.BytesIO(files["PDF"])).pages)
    assert "En plakat: 7" in text
    assert "En avis: 4" not in text
