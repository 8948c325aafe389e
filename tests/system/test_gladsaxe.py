"""Mentors in Gladsaxe on the same code as Ressursvenn, with rules of their own: what is true as of 30 November 2017."""

import zoneinfo

import pytest

from tests.support.platform import platform_at
from tests.support.service import Place
from tests.system.gladsaxe.mentors import course, frame, volunteers
from tests.system.gladsaxe.pairs import one_to_one, overdue, who_may
from tests.system.tenant import Tenant


@pytest.mark.timeout(400)
@pytest.mark.requirement("S4.1", "S4.13", "S4.16", "S4.18", "S4.19", "S4.23", "S4.24", "S4.28", "S4.31")
async def test_mentors_are_trained_tell_what_they_like_and_are_there_one_to_one(place: Place) -> None:
    await place.make_topics("gladsaxe")
    async with platform_at(place) as platform:
        gladsaxe = Tenant(platform, "gladsaxe", "gladsaxe", zone=zoneinfo.ZoneInfo("Europe/Copenhagen"))
        await frame(gladsaxe)
        mentors = await volunteers(gladsaxe, await course(gladsaxe))
        pairs = await one_to_one(gladsaxe, mentors)
        await who_may(gladsaxe, mentors)
        await overdue(gladsaxe, pairs[0])
