"""Ressursvenn in Oslo, from the first referral in 2016 to the first match, on everything real."""

import pytest

from tests.support.platform import platform_at
from tests.support.service import Place
from tests.system.ressursvenn.finding import finding
from tests.system.ressursvenn.opening import opening
from tests.system.ressursvenn.oslo import Oslo


@pytest.mark.timeout(240)
@pytest.mark.requirement("S2.3", "S2.6", "S2.7", "S2.9", "S2.12", "S2.22", "S2.25", "S2.27", "S2.28", "S3.19")
async def test_ressursvenn_from_the_first_referral_to_the_first_match(place: Place) -> None:
    await place.make_topics("oslo")
    async with platform_at(place) as platform:
        oslo = Oslo(platform, "oslo", "ressursvenn")
        opened = await opening(oslo)
        await finding(oslo, opened)
