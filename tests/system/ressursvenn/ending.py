"""2020 and 2021: a year followed up, a warning, an end with a closing talk, and then it is nobody's business (11)."""

from tests.system.ressursvenn.year import LAST_DAY, LeapDayMatch
from tests.system.tenant import Tenant


async def ending(oslo: Tenant, match: LeapDayMatch) -> None:
    await followed_up(oslo, match)
    await warned(oslo, match)
    await ended(oslo, match)


async def followed_up(oslo: Tenant, match: LeapDayMatch) -> None:
    """Check-ins from both, a walk to a viewing, a review: what a coordinator sees while it lasts (S2.15, S2.19)."""
    oslo.move_to(2020, 9, 1)
    for who in (match.p, match.w):
        check_in = {"form": "met", "well": True, "benefits": ["support", "pleasant"]}
        await oslo.do("matching", f"{match.path}/check-ins", check_in, by=who)
    viewing = {"when": "2020-09-10T12:00:00+02:00", "where": "Oppdiktveien 1"}
    await oslo.do("matching", f"{match.path}/accompaniments", viewing, by=match.p)
    await oslo.do("matching", f"{match.path}/reviews", {"goes_on": True})
    seen = await oslo.until("matching", match.path, lambda found: found["reviews"])
    assert [one["given_by"] for one in seen["check_ins"]] == ["requester", "helper"]
    assert [one["where"] for one in seen["accompaniments"]] == ["Oppdiktveien 1"]


async def warned(oslo: Tenant, match: LeapDayMatch) -> None:
    """Thirty days before the last one (S2.16)."""
    oslo.move_to(2021, 1, 28, hour=12)
    assert not await oslo.told(match.p, "end-near", at_least=0)
    oslo.move_to(2021, 1, 29, hour=12)
    for who in (match.p, match.w):
        assert len(await oslo.told(who, "end-near")) == 1


async def ended(oslo: Tenant, match: LeapDayMatch) -> None:
    """A year is a year; after the closing talk the platform lets go (S2.16, S2.17)."""
    refused = await oslo.refused("max_length", "matching", f"{match.path}/extension")
    assert len(refused["options"]) >= 2
    oslo.move_to(2021, 2, 26)
    await oslo.do("matching", f"{match.path}/end", {"reason": "both", "closing_talk": True})
    check_in = {"form": "call", "well": True}
    await oslo.refused("match_over", "matching", f"{match.path}/check-ins", check_in, by=match.w)
    gone = await oslo.until("matching", match.path, lambda found: not found["check_ins"])
    assert (gone["reviews"], gone["accompaniments"]) == ([], [])
    assert (gone["state"], gone["ends_on"], gone["ended"]["closing_talk"]) == ("ended", LAST_DAY, True)
    await oslo.told(match.p, "match-ended")
    await oslo.told(match.w, "thank-you")
