"""An operator's day by clicking: how the services do, what is stuck, and a read model that is built anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from playwright.async_api import Browser, Locator, Page, expect

from chassis.dead_letters import show
from contracts.envelope import Origin, StreamId, commit_headers, event_headers
from contracts.reporting import PersonPurged
from contracts.topics import REPORTING, SERVICES
from tests.browser.examples_operations import OPERATOR
from tests.browser.looking import Looking
from tests.support.site import Site
from tests.support.wait import eventually

TENANT = OPERATOR.partition("-")[0]


@pytest.fixture
async def page(browser: Browser, site: Site) -> AsyncIterator[Page]:
    page = await Looking(browser, site).as_(OPERATOR, "en")
    await page.goto("/intake/operations")
    yield page
    await page.context.close()


def part_of(page: Page, service: str) -> Locator:
    return page.get_by_role("region", name=f"The service {service}", exact=True)


async def test_all_services_are_seen_with_what_they_need_and_what_is_left_to_read(page: Page) -> None:
    for service in SERVICES:
        part = part_of(page, service)
        await expect(part.get_by_text("All is well")).to_be_visible()
        await part.get_by_text("Readers:").click()
        readers = part.get_by_role("table", name="How far each reader has come")
        await expect(readers.get_by_role("row").nth(1)).to_contain_text(service)


async def test_who_listens_to_whom_is_drawn_with_the_numbers_beside_it(page: Page) -> None:
    section = page.get_by_role("region", name="Who listens to whom", exact=True)
    drawn = section.get_by_role("img", name="Who listens to whom")
    rows = section.get_by_role("table", name="Kinds of messages").get_by_role("row")
    await expect(drawn.locator("path[marker-end]")).to_have_count(await rows.count() - 1)
    await expect(rows.filter(has_text="their own systems").first).to_contain_text("intake")


async def test_what_is_stuck_is_tried_again_and_let_go_by_clicking(page: Page, site: Site) -> None:
    stream = await _unreadable(site)
    found: dict[str, int] = {}

    async def tried() -> Mapping[str, int]:
        """How often what lies there was tried, by reader."""
        database = site.applications["intake"].database
        for consumer in await database["dead_letters"].distinct("consumer", {"stream": str(stream)}):
            [letter] = await show(database, consumer, str(stream))
            found[consumer] = letter.attempts
        return found

    before = dict(await eventually(tried))
    [(consumer, attempts)] = before.items()
    await page.reload()
    stuck = part_of(page, "intake").get_by_role("listitem").filter(has_text=f"for the reader {consumer}.")
    await expect(stuck).to_contain_text("It broke")
    await expect(part_of(page, "intake").get_by_text("Something needs you")).to_be_visible()

    await stuck.get_by_role("button", name="Try again").click()
    await expect(page.get_by_role("status")).to_have_text("It is tried again now.")

    async def is_tried_again() -> bool:
        return (await tried())[consumer] > attempts

    assert await eventually(is_tried_again)

    await page.reload()
    await stuck.get_by_text("Let the first one go").click()
    await stuck.get_by_role("button", name="Let it go for good").click()
    await expect(page.get_by_role("status")).to_have_text("It was let go.")

    async def is_gone() -> bool:
        await page.reload()
        return await stuck.count() == 0

    assert await eventually(is_gone)


async def test_a_read_model_is_built_anew_while_the_old_one_answers(page: Page) -> None:
    part = part_of(page, "intake")
    models = part.get_by_role("table", name="Read models")
    await part.get_by_text("Read models:").click()
    row = models.get_by_role("row").filter(has=page.get_by_role("rowheader", name="places", exact=True))
    generation = int(await row.get_by_role("cell").nth(1).inner_text())
    await row.get_by_role("button", name="Build anew").click()
    await expect(page.get_by_role("status")).to_have_text("It is being built anew.")

    async def is_built() -> bool:
        await page.reload()
        await part.get_by_text("Read models:").click()
        return int(await row.get_by_role("cell").nth(1).inner_text()) > generation

    assert await eventually(is_built, timeout=60)
    await expect(row.get_by_role("button", name="Build anew")).to_be_visible()


async def _unreadable(site: Site) -> StreamId:
    """The stream of a record of which nothing can be read."""
    stream, now = StreamId(TENANT, "purge", str(uuid4())), datetime.now(UTC)
    origin = Origin(now, now, str(uuid4()), "reporting")
    headers = event_headers(
        commit_headers(str(stream), origin),
        source="/kobling/reporting",
        name=PersonPurged.event_type,
        schema_version=PersonPurged.schema_version,
        position=1,
    )
    place = site.place
    async with AIOKafkaProducer(bootstrap_servers=place.engines.kafka, acks="all") as producer:
        topic = f"{place.namespace}{REPORTING}"
        await producer.send_and_wait(topic, b"{}", key=str(stream).encode(), headers=headers)
    return stream
