"""2019 and 2020: permanent, a match on leap day, and a spring without meetings (8 to 10)."""

from dataclasses import dataclass

from tests.support.town import Json
from tests.support.wait import eventually
from tests.system.ressursvenn.finding import Wish
from tests.system.ressursvenn.opening import Opened, policy
from tests.system.ressursvenn.people import matched, met, proposed, volunteer, volunteering_of
from tests.system.tenant import Person, Tenant

NEW_TEXT = "v2"
LAST_DAY = "2021-02-28"


@dataclass(frozen=True, slots=True)
class LeapDayMatch:
    """P and W."""

    p: Person
    w: Person
    match_id: str

    @property
    def path(self) -> str:
        return f"/v1/matches/{self.match_id}"


async def year(oslo: Tenant, opened: Opened, wishes: list[Wish]) -> LeapDayMatch:
    await permanent(oslo, opened, wishes.pop())
    match = await leap_day(oslo, opened)
    await covid(oslo, match, wishes.pop())
    return match


async def permanent(oslo: Tenant, opened: Opened, next_wish: Wish) -> None:
    """8: ids and counts go on (S2.2)."""
    oslo.move_to(2019, 1, 2)
    await oslo.do("intake", f"/v1/programmes/{oslo.programme}/permanence", {})
    shown = await oslo.until(
        "intake", f"/v1/programmes/{oslo.programme}", lambda found: found["policy"]["status"] == "permanent"
    )
    assert shown["programme"] == oslo.programme
    assert (await oslo.get("intake", f"/v1/requests/{opened.request_id}"))["waiting_since"] == "2016-02-01"
    match_id = await matched(oslo, *next_wish, opened.v)
    await oslo.until("matching", f"/v1/matches/{match_id}", lambda found: found["number"] == 2)


async def leap_day(oslo: Tenant, opened: Opened) -> LeapDayMatch:
    """9: the newest confidentiality text is signed first; a year from leap day ends on 28 February (S2.16, S2.24)."""
    oslo.move_to(2020, 2, 10)
    p, w = opened.p, await volunteer(oslo, "wenche", languages=[{"code": "nb"}, {"code": "so", "level": "b1"}])
    proposal = await proposed(oslo, opened.request_id, w)
    await met(oslo, proposal)
    oslo.move_to(2020, 2, 28)
    await oslo.do("intake", f"/v1/programmes/{oslo.programme}/policy", {"policy": new_policy(), "adopted_by": "N.K.S."})
    await oslo.until("matching", f"/v1/searches/{opened.request_id}/candidates/{w.person_id}", _is_outdated)
    answers = f"{proposal}/answers"
    await oslo.do("matching", answers, {"answer": "yes"}, by=p)
    await oslo.refused("approval_outdated", "matching", answers, {"answer": "yes"}, by=w)
    oslo.move_to(2020, 2, 29)
    await oslo.do("intake", f"{volunteering_of(oslo, w)}/confidentiality", {"text_version": NEW_TEXT}, by=w)
    await oslo.do("matching", answers, {"answer": "yes"}, by=w, despite="approval_outdated")
    search = await oslo.until("matching", f"/v1/searches/{opened.request_id}", lambda found: found["match_id"])
    match = await oslo.until("matching", f"/v1/matches/{search['match_id']}", lambda found: found["number"])
    assert (match["starts_on"], match["ends_on"], match["number"]) == ("2020-02-29", LAST_DAY, 3)
    return LeapDayMatch(p, w, match["match_id"])


def new_policy() -> Json:
    needs = policy()["roles"]["ressursvenn"]
    return policy(status="permanent", roles={"ressursvenn": {**needs, "confidentiality": NEW_TEXT}})


def _is_outdated(found: Json) -> bool:
    return "approval_outdated" in found["why_not"]


async def covid(oslo: Tenant, match: LeapDayMatch, waiting: Wish) -> None:
    """10: no meetings, reminders are left out with the reason, and nothing stale comes afterwards (S2.29)."""
    oslo.move_to(2020, 3, 5)
    k = await volunteer(oslo, "kirsten", signed=NEW_TEXT)
    request_id, m = waiting
    proposal = await proposed(oslo, request_id, k)
    for who in (k, m):
        await oslo.told(who, "invited")
    oslo.move_to(2020, 3, 12)
    await oslo.do("intake", f"/v1/programmes/{oslo.programme}/pause")
    meeting = {"meets_at": "2020-03-20T17:00:00+01:00"}
    await eventually(oslo.platform.is_settled, timeout=60)
    oslo.move_to(2020, 3, 13)  # what a service remembers of the policy is a second old at most
    await oslo.refused("programme_paused", "matching", f"{proposal}/meeting", meeting)
    oslo.move_to(2020, 4, 2)
    for who in (k, m):
        await oslo.told(who, "reminder", status="held")
    oslo.move_to(2020, 6, 15)
    mails = len(oslo.platform.mail.mails)
    for who in (k, m):
        [reminder] = await oslo.told(who, "reminder", status="suppressed")
        assert reminder["reason"] in ("paused", "stale")
    assert not await oslo.told(match.w, "check-in", at_least=0)
    await oslo.do("intake", f"/v1/programmes/{oslo.programme}/resumption")
    await eventually(oslo.platform.is_settled, timeout=60)
    assert len(oslo.platform.mail.mails) == mails
    assert (await oslo.get("matching", match.path))["ends_on"] == LAST_DAY
