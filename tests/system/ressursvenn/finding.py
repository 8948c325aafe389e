"""2016: candidates with reasons, one slot that only one can have, and a no that nobody can be blamed for (5 to 7)."""

import asyncio

import httpx

from tests.support.town import Json
from tests.system.ressursvenn.opening import Opened
from tests.system.ressursvenn.people import met, proposed, volunteer, wish
from tests.system.tenant import Person, Tenant, words_of

_TRIES = 64

Wish = tuple[str, Person]


async def finding(oslo: Tenant, opened: Opened) -> list[Wish]:
    """The wishes that are still open afterwards, beside that of P."""
    t = await volunteer(oslo, "turid")
    first = await wish(oslo, "other")
    ahead = await proposed(oslo, first[0], t)
    await candidates(oslo, opened, t)
    proposal = await reserved(oslo, opened)
    wishes = await one_wins(oslo)
    await neutral_no(oslo, opened, proposal)
    await the_first(oslo, first, t, ahead)
    return wishes


async def candidates(oslo: Tenant, opened: Opened, t: Person) -> None:
    """5: V with reasons, X absent, a third with her "why not" (S2.6, S2.9, S2.12)."""
    path = f"/v1/searches/{opened.request_id}/candidates"
    listed = await oslo.until("matching", path, lambda found: _one(found, opened.v))
    reasons = {reason["code"] for reason in _one(listed, opened.v)["reasons"]}
    assert {"languages", "support_forms"} <= reasons
    third = await oslo.until("matching", f"{path}/{t.person_id}", lambda found: found["why_not"])
    assert third["why_not"] == ["no_free_slot"]
    assert opened.x.person_id not in str(listed)
    why_not_x = await oslo.ask("GET", "matching", f"{path}/{opened.x.person_id}")
    nobody = await oslo.ask("GET", "matching", f"{path}/01980000-0000-7000-8000-00000000dead")
    assert (why_not_x.status_code, why_not_x.json()["rule"]) == (nobody.status_code, nobody.json()["rule"])
    assert nobody.status_code == httpx.codes.NOT_FOUND


def _one(found: Json, helper: Person) -> Json:
    return next((item for item in found["items"] if item["helper_id"] == helper.person_id), {})


async def reserved(oslo: Tenant, opened: Opened) -> str:
    """6: V is reserved for P; nobody else can have the place (S2.27). The proposal's address."""
    path = f"/v1/searches/{opened.request_id}/proposals"
    other, _ = await wish(oslo, "another")
    picked = await oslo.do("matching", path, {"helper_id": opened.v.person_id})
    also = f"/v1/searches/{other}/proposals"
    await oslo.until("matching", f"/v1/searches/{other}", bool)
    await oslo.refused("no_free_slot", "matching", also, {"helper_id": opened.v.person_id})
    return f"{path}/{picked['id']}"


async def one_wins(oslo: Tenant) -> list[Wish]:
    """6: 64 pick the same helper at the same moment, each for somebody else (S2.27)."""
    u = await volunteer(oslo, "unni")
    wishes = await asyncio.gather(*(wish(oslo, f"w{n}") for n in range(_TRIES)))
    requests = [request_id for request_id, _ in wishes]
    await oslo.until("matching", f"/v1/searches/{requests[-1]}/candidates", lambda found: _one(found, u))
    await asyncio.gather(*(oslo.until("matching", f"/v1/searches/{one}", bool) for one in requests))
    picks = (
        oslo.ask("POST", "matching", f"/v1/searches/{one}/proposals", {"helper_id": u.person_id}) for one in requests
    )
    answers = await asyncio.gather(*picks)
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (_TRIES - 1)
    assert {answer.json()["rule"] for answer in answers if answer.status_code == httpx.codes.CONFLICT} == {
        "no_free_slot"
    }
    return wishes


async def neutral_no(oslo: Tenant, opened: Opened, proposal: str) -> None:
    """7: no yes before they met; then P says yes and V no: the same words for both, and P keeps her place (S2.28)."""
    p, v, answers = opened.p, opened.v, f"{proposal}/answers"
    await oslo.refused("not_met_yet", "matching", answers, {"answer": "yes"}, by=p)
    oslo.move_to(2016, 3, 2)
    await oslo.do("matching", f"{proposal}/meeting", {"meets_at": "2016-03-09T17:00:00+01:00"})
    oslo.move_to(2016, 3, 10)
    await oslo.do("matching", f"{proposal}/meeting/held")
    await oslo.do("matching", answers, {"answer": "yes"}, by=p)
    await oslo.do("matching", answers, {"answer": "no"}, by=v)
    for who in (p, v):
        await oslo.told(who, "proposal-dropped")
    words = {words_of(oslo.mails(who)[-1]).replace(who.name, "") for who in (p, v)}
    assert len(words) == 1, words
    search = await oslo.until("matching", f"/v1/searches/{opened.request_id}", lambda found: not found["proposal_id"])
    assert (search["status"], search["needed_since"]) == ("open", "2016-02-01")
    other, _ = await wish(oslo, "next")
    await oslo.until("matching", f"/v1/searches/{other}/candidates", lambda found: _one(found, v))


async def the_first(oslo: Tenant, wish: Wish, helper: Person, proposal: str) -> None:
    """Match number 1, so that there is something that goes on when the pilot ends (S2.1)."""
    request_id, requester = wish
    await met(oslo, proposal)
    for who in (requester, helper):
        await oslo.do("matching", f"{proposal}/answers", {"answer": "yes"}, by=who)
    await oslo.until("matching", f"/v1/searches/{request_id}", lambda found: found["match_id"])
    await oslo.until("matching", f"/v1/tallies/{oslo.programme}", lambda found: found["number"] == 1)
