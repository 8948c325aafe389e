"""Ressourcebanken in Rudersdal, from its mandate in 2012 to its renewal in 2023, on everything real."""

import zoneinfo
from pathlib import Path

import pytest

from tests.support.platform import platform_at
from tests.support.service import Place
from tests.system.ressourcebanken.ending import mandate, moving_away, taken_over
from tests.system.ressourcebanken.opening import opening
from tests.system.ressourcebanken.tasks import tasks
from tests.system.ressourcebanken.together import together
from tests.system.tenant import Tenant


@pytest.mark.timeout(400)
@pytest.mark.requirement(
    "S1.1", "S1.2", "S1.3", "S1.4", "S1.5", "S1.7", "S1.8", "S1.10", "S1.11", "S1.12", "S1.13", "S1.14"
)
@pytest.mark.requirement("S1.15", "S1.16", "S1.18", "S1.19", "S1.20", "S1.21", "S1.22", "S1.23", "S1.24", "S1.25")
async def test_citizens_help_citizens(place: Place, tmp_path: Path) -> None:
    await place.make_topics("rudersdal", "fredensborg")
    async with platform_at(place) as platform:
        bank = Tenant(platform, "rudersdal", "rudersdal", zone=zoneinfo.ZoneInfo("Europe/Copenhagen"))
        people = await opening(bank)
        await tasks(bank, people)
        await together(bank, people)
        await moving_away(bank, people)
        await mandate(bank, people)
        await taken_over(bank, tmp_path)
