"""Ressursvenn in Oslo, played by its people in the browser: a referral, a block, an approval, a no, a year together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tests.browser.acting import Actor
from tests.browser.folk import Json
from tests.browser.stories import Story, story_at
from tests.support.referring import refer, statuses
from tests.support.site import Site

ROLE = "ressursvenn"
BLOCKED_PHONE = "+4791234567"
P, V, W, X, T = (f"{name} Oppdiktet" for name in ("Pernille", "Vigdis", "Wenche", "Xander", "Turid"))


@dataclass(frozen=True, slots=True)
class Cast:
    """Who has come in: the coordinator, who asks, and who helps."""

    solveig: Actor
    p: Actor
    v: Actor
    request_id: str


@pytest.mark.timeout(300)
@pytest.mark.requirement("S2.3", "S2.7", "S2.9", "S2.12", "S2.16", "S2.17", "S2.22", "S2.24", "S2.25", "S2.27")
@pytest.mark.requirement("S2.28", "S2.29", "S3.19")
async def test_ressursvenn_by_clicking(site: Site, browser: Browser) -> None:
    async with story_at(site, browser, "oslo", "ressursvenn") as oslo:
        solveig = await oslo.coordinator()
        p, request_id = await referred(oslo, solveig)
        await blocked(oslo, solveig, p)
        v = await approved(oslo, solveig)
        cast = Cast(solveig, p, v, request_id)
        await asked_after_a_second_look(oslo, cast)
        await neutral_no(oslo, cast)
        w = await signed_first(oslo, cast)
        await a_year(oslo, cast, w)


def referral(number: str, name: str, *, acute_over: bool) -> Json:
    """What the crisis shelter writes of somebody, under its own number."""
    languages = [{"code": "nb", "level": "b1"}, {"code": "so", "level": "native"}]
    person = {"reference": f"citizen-{number}", "name": name, "birth_date": "1984-05-17", "languages": languages}
    return {
        "referral_id": number,
        "programme": "ressursvenn",
        "person": {**person, "email": f"referred-{number}@example.org", "language": "en"},
        "what": "Somebody to practise Norwegian with.",
        "wishes": {"languages": [{"code": "so", "level": "b1"}], "support_forms": ["norwegian", "guide"]},
        "gates": {"acute_over": acute_over},
        "needed_since": "2026-02-01",
        "agreed_with_person": True,
    }


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


async def shown_everything(oslo: Story, person_id: str, **profile: Any) -> None:
    """The way to approval, for those whose way the story does not tell."""
    await oslo.folk.do("intake", f"/v1/persons/{person_id}/profile", profile)
    body = {"programme": oslo.programme, "roles": [ROLE], "person_id": person_id}
    await oslo.folk.do("intake", "/v1/volunteerings", body)
    path = f"/v1/volunteerings/{person_id}_{oslo.programme}"
    modules = ["measure", "violence", "shelter", "role"]
    for step, said in (
        ("training", {"session": "evening-1", "hours": 12, "modules": modules}),
        ("confidentiality", {"text_version": "v1"}),
        ("certificate", {"kind": "police", "purpose": "to be a friend"}),
        ("interview", {"outcome": "suitable"}),
        ("approval", {}),
    ):
        await oslo.folk.do("intake", f"{path}/{step}", said)


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


async def attended(solveig: Actor, hours: str, *modules: str) -> None:
    await solveig.unfolds("Training attended")
    await solveig.types(Hours_attended=hours)
    await solveig.ticks(*modules)
    await solveig.presses("Save", beside="Hours attended")
    await solveig.reads_done("The hours are written down.")


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
    await solveig.opens(f"/matching/searches/{cast.request_id}/candidates/{t}")
    await solveig.reads("Has no free place now.")
    await solveig.goes("Back to all who could help")
    await solveig.page.locator(f'a[href$="/candidates/{v.person_id}"]').click()
    colleague = await oslo.coordinator("Gro Prøve")
    await colleague.opens(f"/matching/searches/{other}/candidates/{v.person_id}")
    await colleague.reads("What happens then")
    await solveig.presses("Ask them both")
    await solveig.reads_done("Both are asked.")
    await colleague.presses("Ask them both")
    await colleague.reads_refusal("no free")


async def wish(oslo: Story, name: str) -> str:
    """Somebody else who waits; the request's id, once matching has heard of it."""
    person_id = await oslo.folk.registered(f"{name} Oppdiktet")
    body = {"programme": oslo.programme, "person_id": person_id, "what": "A talk.", "gates": {"acute_over": True}}
    request_id = str((await oslo.folk.do("intake", "/v1/requests", body))["request_id"])
    await oslo.folk.until("matching", f"/v1/searches/{request_id}")
    return request_id


async def they_meet(cast: Cast, helper: Actor) -> None:
    """No yes before they have met; then each can answer."""
    await cast.p.goes("My matches", within="nav")
    await cast.p.reads("We have found somebody for you", "First you meet")
    await expect(cast.p.page.get_by_role("button", name="Yes, I would like that")).to_have_count(0)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT17:00")
    await cast.solveig.types(When=tomorrow)
    await cast.solveig.presses("Invite both")
    await cast.solveig.reads_done("Both are invited.")
    for one in (cast.p, helper):
        await one.goes("My matches", within="nav")
        await one.reads("You meet")
    await cast.solveig.presses("They met")
    await cast.solveig.reads_done("Now each of them can answer.")


async def says(who: Actor, answer: str) -> None:
    await who.goes("My matches", within="nav")
    await who.presses(answer)


async def neutral_no(oslo: Story, cast: Cast) -> None:
    """7: P says yes and V says no: both read the same words, and P keeps her place."""
    await they_meet(cast, cast.v)
    await says(cast.p, "Yes, I would like that")
    await cast.p.reads_done("Thank you. Your answer is noted, and only we see it.")
    await says(cast.v, "No, not this time")
    told = {
        (await newest_message(one, "does not go further")).replace(name, "") for one, name in ((cast.p, P), (cast.v, V))
    }
    assert len(told) == 1, told
    await cast.p.goes("My matches", within="nav")
    await cast.p.reads("There is nothing here yet. You hear from us when somebody suits you.")
    await cast.solveig.reads("Nobody is asked just now.", "It did not fit this time.", "since 1 February 2026")


async def newest_message(one: Actor, words: str) -> str:
    await one.goes("Messages to me", within="nav")
    await one.reads(words)
    return await one.page.locator("main li", has_text=words).first.locator("p.lines").inner_text()


async def signed_first(oslo: Story, cast: Cast) -> Actor:
    """9: both say yes, but W has a new text to sign; when she has, they are a match."""
    w = await oslo.person(W, await oslo.folk.registered(W))
    await w.opens("/intake/me")
    await shown_everything(oslo, w.person_id, languages=[{"code": "so", "level": "b1"}])
    path = f"/v1/searches/{cast.request_id}/candidates/{w.person_id}"
    await oslo.folk.until("matching", path, lambda found: not found["why_not"])
    await cast.solveig.opens(f"/matching/searches/{cast.request_id}/candidates/{w.person_id}")
    await cast.solveig.presses("Ask them both")
    await they_meet(cast, w)
    needs = oslo.policy["roles"][ROLE]
    await oslo.adopts(roles={ROLE: {**needs, "confidentiality": "v2"}})
    await oslo.folk.until("matching", path, lambda found: "approval_outdated" in found["why_not"])
    await says(cast.p, "Yes, I would like that")
    await says(w, "Yes, I would like that")
    await w.reads_refusal("The rules have changed since the approval.")
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


async def a_year(oslo: Story, cast: Cast, w: Actor) -> None:
    """10 and 11: a pause in which nothing is asked, a check-in in ten seconds, and an end that leaves nothing."""
    solveig = cast.solveig
    await solveig.goes("Programmes", within="nav")
    await solveig.goes("Resource friend")
    await solveig.presses("Pause the programme")
    await solveig.reads_done("The programme is paused.")
    await cast.p.goes("Open")
    await cast.p.reads("Everything here has a pause. Nothing is asked of you.")
    await solveig.presses("Go on")
    await w.goes("Open")
    await w.presses("It was well")
    await w.reads_done("Thank you for telling us.")
    await solveig.goes("Matches", within="nav")
    await solveig.goes(P)
    await solveig.reads("they met. It was well")
    await solveig.unfolds("End the match")
    await solveig.ticks("Both", "A closing talk was held")
    await solveig.presses("End it")
    await solveig.reads_done("It is ended, and both are free.")
    await solveig.reads("None yet.")
    await cast.p.goes("My matches", within="nav")
    await cast.p.unfolds("Earlier")
    await w.goes("My matches", within="nav")
    await w.unfolds("Earlier")
