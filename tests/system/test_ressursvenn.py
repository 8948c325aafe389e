"""Ressursvenn in Oslo, from the first referral in 2016 to the hundredth match: the whole story, on everything real."""

import pytest

from tests.support.platform import platform_at
from tests.support.service import Place
from tests.system.ressursvenn.ending import ending
from tests.system.ressursvenn.finding import finding
from tests.system.ressursvenn.hundred import hundred
from tests.system.ressursvenn.opening import opening
from tests.system.ressursvenn.year import year
from tests.system.tenant import Tenant


@pytest.mark.timeout(600)
@pytest.mark.requirement("S2.1", "S2.2", "S2.3", "S2.6", "S2.7", "S2.9", "S2.12", "S2.15", "S2.16", "S2.17", "S2.19")
@pytest.mark.requirement("S2.22", "S2.24", "S2.25", "S2.27", "S2.28", "S2.29", "S2.31", "S2.33", "S3.19")
async def test_ressursvenn_from_the_first_referral_to_the_hundredth_match(place: Place) -> None:
    await place.make_topics("oslo")
    async with platform_at(place) as platform:
        oslo = Tenant(platform, "oslo", "ressursvenn")
        opened = await opening(oslo)
        wishes = await finding(oslo, opened)
        match = await year(oslo, opened, wishes)
        await ending(oslo, match)
        await hundred(oslo, wishes)
