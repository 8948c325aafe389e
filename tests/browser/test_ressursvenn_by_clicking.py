"""Ressursvenn in Oslo, played by its people in the browser: a referral, a block, an approval, a no, a year together."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.async_api import Browser, expect

from tests.browser.acting import Actor
from tests.browser.ressursvenn import (
    ROLE,
    Cast,
    K,
    P,
    T,
    V,
    W,
    X,
    attended,
    messages,
    newest_message,
    programme,
    referral,
    says,
    shown_everything,
    they_meet,
    wish,
)
from tests.browser.stories import Story, story_at
from tests.support.referring import refer, statuses
from tests.support.site import Site

BLOCKED_PHONE = "+4791234567"


@pytest.mark.timeout(300)
@pytest.mark.requirement("S2.1", "S2.2", "S2.3", "S2.7", "S2.9", "S2.12", "S2.16", "S2.17", "S2.22")
@pytest.mark.requirement("S2.24", "S2.25", "S2.27", "S2.28", "S2.29", "S3.19")
async def test_ressursvenn_by_clicking(own_site: Site, browser: Browser) -> None:
    async with story_at(own_site, browser, "oslo", "ressursvenn", begins=(2016, 3, 1)) as oslo:
        solveig = await oslo.coordinator()
        p, request_id = await referred(oslo, solveig)
        await blocked(oslo, solveig, p)
        v = await approved(oslo, solveig)
        cast = Cast(solveig, p, v, request_id)
        await asked_after_a_second_look(oslo, cast)
        await neutral_no(oslo, cast)
        await permanent(oslo, cast)
        w = await signed_first(oslo, cast)
        await covid(oslo, cast, w)
        await a_year(oslo, cast, w)


async def referred(oslo: Story, solveig: Actor) -> tuple[Actor, str]:
    """2: too early for one, who is shown other ways; the other's wish is the coordinator's to take up."""
    place, tenant = oslo.site.place, oslo.folk.tenant
    await refer(place, tenant, referral("17", "Petra Oppdiktet", acute_over=False), referral("18", P, acute_over=True))
    [declined, *_], [posted, *_] = await statuses(place, tenant, "17"), await statuses(place, tenant, "18")
    assert (declined["status"], posted["status"]) == ("declined", "posted")
    await solveig.opens("/intake/requests")
    await solveig.chooses("Where it stands", "Shown another way")
    await solveig.presses("Show")
    await solveig.goes("Somebody")
    await solveig.reads("This programme is not the way for this wish", "Acute help, day and night")
    await solveig.goes("Today", within="nav")
    await solveig.presses("I take it", beside=P)
    await solveig.reads_done("It is yours now.")
    request_id = str(posted["request_id"])
    person_id = str((await oslo.folk.until("intake", f"/v1/requests/{request_id}"))["person_id"])
    p = await oslo.person(P, person_id)
    await p.opens("/intake/me")
    await p.reads(f"Hello, {P}", "Somebody to practise Norwegian with.")
    await p.reads("Next: we look for somebody who suits you. You are asked before anything happens.")
    return p, request_id


async def blocked(oslo: Story, solveig: Actor, p: Actor) -> None:
    """3: P wants never to meet whoever has a number; X comes with it, and only a coordinator hears of it."""
    await p.goes("Safety")
    await p.types(Their_phone_number=BLOCKED_PHONE)
    await p.presses("Keep us apart")
    await p.reads_done("You are kept apart from now on.")
    await solveig.goes("Register somebody")
    await solveig.types(Name=X, Date_of_birth="1979-03-01", Telephone="912 34 567")
    await solveig.chooses("Language of messages", "Bokmål")
    await solveig.presses("Register")
    await expect(solveig.page.get_by_role("heading", level=1)).to_have_text(X)
    x = await oslo.person(X, solveig.page.url.partition("?")[0].rpartition("/")[2])
    await shown_everything(oslo, x.person_id, support_forms=["norwegian"], languages=[{"code": "so"}])
    await solveig.goes("Today", within="nav")
    await solveig.goes("Look whether two people may meet")
    await solveig.reads("Ask only the one who blocked. The other never hears of it.", P, X)
    await solveig.presses("Yes, keep them apart")
    await solveig.reads("There is nobody to look at.")
    await x.opens("/intake/me")
    await x.reads(f"Hello, {X}")
    await x.does_not_read("Pernille", "apart", "block")


async def approved(oslo: Story, solveig: Actor) -> Actor:
    """4: V says who she is and applies; 11.5 hours and no certificate are not enough, 12 hours and one seen are."""
    v = await oslo.person(V)
    await v.opens("/intake/me")
    await v.types(Your_name=V, Your_date_of_birth="1979-03-01", **{"Your_e-mail_address": "vigdis@example.org"})
    await v.presses("Go on")
    await v.reads(f"Hello, {V}")
    await v.goes("About you")
    await v.unfolds("Tell about yourself")
    await v.chooses("I speak", "Somali")
    await v.presses("Save")
    await v.reads("Somali")
    await v.goes("My training", within="nav")
    await v.goes("Apply to be there for others")
    await v.presses("I would like to take part")
    await v.reads("5 steps are left. Take them one at a time.")
    await v.presses("I have read it and sign it")
    await solveig.goes("Volunteers", within="nav")
    await solveig.goes(V)
    await attended(solveig, "6", "About the programme", "About violence")
    await attended(solveig, "5.5", "About the shelter", "About the role")
    await solveig.unfolds("Talk held")
    await solveig.ticks("It went well")
    await solveig.presses("Save", beside="Only how it went.")
    await solveig.reads("11.5 of 12 hours attended")
    await expect(solveig.page.locator("[data-met=no] strong")).to_have_text(["Training", "Certificate"])
    await expect(solveig.page.get_by_role("button", name="Approve")).to_have_count(0)
    await attended(solveig, "0.5")
    await solveig.unfolds("Certificate seen")
    await solveig.reads("Look at it and give it back. Nothing of it is stored.")
    await expect(solveig.page.locator("input[type=file]")).to_have_count(0)
    await solveig.presses("I have seen it")
    await solveig.presses("Approve")
    await solveig.reads_done("Approved.")
    await v.goes("My training", within="nav")
    await v.reads("You are approved.")
    return v


async def asked_after_a_second_look(oslo: Story, cast: Cast) -> None:
    """5 and 6: V with reasons, X nowhere, T with her "why not"; whom two coordinators want, one of them gets."""
    solveig, v = cast.solveig, cast.v
    t = await oslo.folk.registered(T)
    await shown_everything(oslo, t, languages=[{"code": "nb"}])
    await oslo.folk.do("matching", f"/v1/searches/{await wish(oslo, 'Olga')}/proposals", {"helper_id": t})
    other = await wish(oslo, "Anna")
    await solveig.goes("Requests", within="nav")
    await solveig.goes(P)
    await solveig.goes("Find somebody")
    await solveig.reads(V, "Speaks the language that is wished")
    await solveig.does_not_read(X)
    await solveig.goes("Who is not among them, and why")
    await solveig.reads(T)
    await solveig.does_not_read(X)
    await solveig.follows(f"/matching/searches/{cast.request_id}/candidates/{t}")
    await solveig.reads("Has no free place now.")
    await solveig.goes("Back to all who could help")
    await solveig.follows(f"/matching/searches/{cast.request_id}/candidates/{v.person_id}")
    colleague = await oslo.coordinator("Gro Prøve")
    await colleague.opens(f"/matching/searches/{other}/candidates/{v.person_id}")
    await colleague.reads("What happens then")
    await solveig.presses("Ask them both")
    await solveig.reads_done("Both are asked.")
    await colleague.presses("Ask them both")
    await colleague.reads_refusal("no free")


async def neutral_no(oslo: Story, cast: Cast) -> None:
    """7: P says yes and V says no: both read the same words, and P keeps her place."""
    await they_meet(oslo, cast, cast.v, date(2016, 3, 9))
    await says(cast.p, "Yes, I would like that")
    await cast.p.reads_done("Thank you. Your answer is noted, and only we see it.")
    await says(cast.v, "No, not this time")
    told = {
        (await newest_message(one, "does not go further")).replace(name, "") for one, name in ((cast.p, P), (cast.v, V))
    }
    assert len(told) == 1, told
    await cast.p.goes("My matches", within="nav")
    await cast.p.reads("There is nothing here yet. You hear from us when somebody suits you.")
    await cast.solveig.reads("Nobody is asked just now.", "It did not fit this time.", "since 1 February 2016")


async def permanent(oslo: Story, cast: Cast) -> None:
    """8: it is no pilot any more, and whoever waits has waited since the same day."""
    oslo.move_to(2019, 1, 2)
    await programme(cast)
    await cast.solveig.unfolds("Make it permanent")
    await cast.solveig.presses("Make it permanent")
    await cast.solveig.reads("Permanent")
    await cast.solveig.opens(f"/matching/searches/{cast.request_id}")
    await cast.solveig.reads("since 1 February 2016")


async def signed_first(oslo: Story, cast: Cast) -> Actor:
    """9: both say yes, but W has a new text to sign; when she has, they are a match."""
    oslo.move_to(2020, 2, 10)
    w = await oslo.person(W, await oslo.folk.registered(W))
    await w.opens("/intake/me")
    await shown_everything(oslo, w.person_id, languages=[{"code": "so", "level": "b1"}])
    path = f"/v1/searches/{cast.request_id}/candidates/{w.person_id}"
    await oslo.folk.until("matching", path, lambda found: not found["why_not"])
    await cast.solveig.opens(f"/matching/searches/{cast.request_id}/candidates/{w.person_id}")
    await cast.solveig.presses("Ask them both")
    await they_meet(oslo, cast, w, date(2020, 2, 14))
    needs = oslo.policy["roles"][ROLE]
    oslo.move_to(2020, 2, 28)
    await oslo.adopts(status="permanent", roles={ROLE: {**needs, "confidentiality": "v2"}}, milestones=[1])
    await oslo.folk.until("matching", path, lambda found: "approval_outdated" in found["why_not"])
    await says(cast.p, "Yes, I would like that")
    await says(w, "Yes, I would like that")
    await w.reads_refusal("The rules have changed since the approval.")
    oslo.move_to(2020, 2, 29)
    await w.goes("My training", within="nav")
    await w.reads("There is a new text about confidentiality.")
    await w.presses("I have read it and sign it")
    await w.reads_done("Thank you. You have signed.")
    await oslo.folk.until("matching", path, lambda found: "approval_outdated" not in found["why_not"])
    await says(w, "Yes, I would like that")
    await cast.p.goes("My matches", within="nav")
    await cast.p.reads("Somebody who is there for you")
    await w.goes("My matches", within="nav")
    await w.reads("Somebody you are there for")
    return w


async def covid(oslo: Story, cast: Cast, w: Actor) -> None:
    """10: no meetings while there is a pause; what would have been said is left out, and does not come afterwards."""
    solveig = cast.solveig
    oslo.move_to(2020, 3, 5)
    k = await oslo.folk.registered(K)
    await shown_everything(oslo, k, signed="v2")
    request_id = await wish(oslo, "Magna")
    await solveig.opens(f"/matching/searches/{request_id}/candidates/{k}")
    await solveig.presses("Ask them both")
    oslo.move_to(2020, 3, 12)
    await programme(cast)
    await solveig.presses("Pause the programme")
    await solveig.reads_done("The programme is paused.")
    await cast.p.goes("Open")
    await cast.p.reads("Everything here has a pause. Nothing is asked of you.")
    oslo.move_to(2020, 3, 13)
    await solveig.opens(f"/matching/searches/{request_id}")
    await solveig.types(When="2020-03-20T17:00")
    await solveig.presses("Invite both")
    await solveig.reads_refusal("The programme is paused: no new meetings until it goes on.")
    oslo.move_to(2020, 4, 2)
    await messages(solveig, "Held back")
    await solveig.reads("Reminder")
    oslo.move_to(2020, 6, 15)
    await messages(solveig, "Not sent, on purpose")
    await solveig.reads("Reminder")
    await programme(cast)
    await solveig.presses("Go on")
    await messages(solveig, "Sent")
    await solveig.reads("A match was made")
    await solveig.does_not_read("Reminder", "How is it going?")
    await cast.p.goes("My matches", within="nav")
    await cast.p.does_not_read("Everything here has a pause.")


async def a_year(oslo: Story, cast: Cast, w: Actor) -> None:
    """11 and 12: a check-in in ten seconds, a warning, an end on time that leaves nothing; the first is celebrated."""
    solveig = cast.solveig
    oslo.move_to(2020, 9, 1)
    await w.goes("My matches", within="nav")
    await w.goes("Open")
    await w.presses("It was well")
    await w.reads_done("Thank you for telling us.")
    await solveig.goes("Matches", within="nav")
    await solveig.goes(P)
    await solveig.reads("29 February 2020", "28 February 2021", "they met. It was well")
    oslo.move_to(2021, 1, 29, hour=12)
    for one in (cast.p, w):
        await newest_message(one, "Our time is nearly over")
    await solveig.unfolds("They would like to go on longer")
    await solveig.presses("What can they do instead?")
    await solveig.reads_refusal("A match never lasts longer than its last day.", "What you can do instead:")
    oslo.move_to(2021, 2, 26)
    await solveig.unfolds("End the match")
    await solveig.ticks("Both", "A closing talk was held")
    await solveig.presses("End it")
    await solveig.reads_done("It is ended, and both are free.")
    await solveig.reads("None yet.")
    await solveig.does_not_read("they met. It was well")
    for one in (cast.p, w):
        await one.goes("My matches", within="nav")
        await one.unfolds("Earlier")
        await one.does_not_read("It was well")
    await newest_message(w, "Thank you for all you gave")
    await newest_message(w, "has made pairing number 1.")
