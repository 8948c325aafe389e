"""Ressourcebanken in Rudersdal, played by its people in the browser: neighbours ask, come forward, and are done."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, expect

from tests.browser.acting import Actor
from tests.browser.matching_town import in_days
from tests.browser.stories import Story, story_at
from tests.support.site import Site

A, B, C, D = (f"{name} Opdigtet" for name in ("Agnes", "Bent", "Carla", "Ditte"))
SHELVES = "Two shelves, it takes two hours."


@dataclass(frozen=True, slots=True)
class Cast:
    """The coordinator; A asks, B and C are members as A is."""

    bodil: Actor
    a: Actor
    b: Actor
    c: Actor


@pytest.mark.timeout(300)
@pytest.mark.requirement("S1.2", "S1.3", "S1.4", "S1.12", "S1.13", "S1.14", "S1.15", "S1.20", "S1.21", "S1.24", "S3.19")
async def test_ressourcebanken_by_clicking(site: Site, browser: Browser) -> None:
    async with story_at(site, browser, "rudersdal", "ressourcebanken") as bank:
        await bank.adopts(mandate={"from": "2012-12-01", "to": "2200-12-31"})
        cast = await joined(bank)
        await not_concrete(cast.a)
        await put_up(cast)
        await agreed(cast)
        await done_by_both(cast)
        await shopping(bank, cast)
        await unused(cast)


async def joined(bank: Story) -> Cast:
    """2: staff type A in, who rang; B and C say who they are and are in at once; D lives elsewhere."""
    bodil = await bank.coordinator()
    await bodil.opens("/intake/people-new")
    await bodil.types(Name=A, Telephone="+4520123456", Municipality="Rudersdal")
    await bodil.chooses("Language of messages", "Dansk")
    await bodil.presses("Register")
    await expect(bodil.page.get_by_role("heading", level=1)).to_have_text(A)
    person_id = bodil.page.url.partition("?")[0].rpartition("/")[2]
    await bodil.unfolds("Wants to help in The resource bank")
    await bodil.ticks("Member")
    await bodil.presses("Write it down")
    await bodil.reads("Nothing more is asked for.")
    b, c = [await member(bank, name, "Rudersdal") for name in (B, C)]
    for one in (b, c):
        await one.reads("You are approved.")
    d = await member(bank, D, "Aarhus")
    await d.reads_refusal("What you can do instead:")
    return Cast(bodil, await bank.person(A, person_id), b, c)


async def member(bank: Story, name: str, municipality: str) -> Actor:
    """Somebody says who they are and where they live, and would like to take part."""
    one = await bank.person(name)
    await one.opens("/intake/me")
    email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    await one.types(Your_name=name, Municipality=municipality, **{"Your_e-mail_address": email})
    await one.presses("Go on")
    await one.reads(f"Hello, {name}")
    await one.goes("My training", within="nav")
    await one.goes("Apply to be there for others")
    await one.ticks("Member")
    await one.presses("I would like to take part")
    return one


async def asks(a: Actor, what: str, kind: str, duration: str = "") -> None:
    await a.opens("/intake/me")
    await a.goes("Ask for something")
    await a.types(**{"What_would_you_like?": what})
    await a.chooses("What is it about?", kind)
    if duration:
        await a.chooses("How long does it take?", duration)
    await a.presses("Send")


async def not_concrete(a: Actor) -> None:
    """3: care every day, without an end, is no task: the answer is no, with other ways."""
    await asks(a, "Care every day.", "Garden")
    await a.reads("What you can do instead:", "It is not about you. A coordinator can help you further.")


async def put_up(cast: Cast) -> None:
    """4: a wish is no tender yet; a text that tells who asks is not hung up, and members see the clean one."""
    bodil = cast.bodil
    await cast.b.goes("Somebody would like help", within="nav")
    await asks(cast.a, "Two shelves in my living room.", "Putting things up", "Two hours")
    await cast.a.reads("Next: somebody here reads it. You need not do anything.")
    await cast.b.reads("Nobody asks for anything that fits you right now.")
    await finds(bodil, "Two shelves in my living room.")
    await bodil.unfolds("Hang it on the board instead")
    await bodil.types(What_is_wished=f"{SHELVES} Ring 20 12 34 56.", Take_it_down_on=in_days(7)[:16])
    await bodil.presses("Hang it up")
    await bodil.reads_refusal("tell who asks")
    await bodil.types(What_is_wished=SHELVES)
    await bodil.presses("Hang it up")
    await bodil.reads_done("It hangs on the board.")
    for one in (cast.b, cast.c):
        await comes_forward(one, SHELVES)
        await one.does_not_read("Agnes", "living room")
    await cast.a.goes("Somebody would like help", within="nav")
    await cast.a.reads("Nobody asks for anything that fits you right now.")


async def finds(bodil: Actor, what: str) -> None:
    """To the finding for A's newest wish."""
    await bodil.goes("People", within="nav")
    await bodil.types(Name="Agnes")
    await bodil.presses("Find")
    await bodil.goes(A)
    await bodil.goes("The resource bank")
    await bodil.reads(what)
    await bodil.goes("Find somebody")
    await bodil.reads("Where it stands")


async def comes_forward(one: Actor, text: str) -> None:
    await one.goes("Somebody would like help", within="nav")
    await one.reads(text)
    await one.goes("Look at it")
    await one.presses("I can help")
    await one.reads_done("Thank you. Whoever asks can choose you now.")


async def chooses(bodil: Actor, name: str) -> None:
    """Among those who came forward."""
    await bodil.presses("Choose", beside=name)
    await bodil.reads_done("The one who asks is told, and can say yes.")


async def agreed(cast: Cast) -> None:
    """5: C takes it back and B is chosen; only when A says yes do those two see how to reach each other."""
    await cast.c.presses("Not after all")
    await cast.c.reads_done("It is taken back. That is all right.")
    await cast.bodil.goes("Tender board", within="nav")
    await cast.bodil.goes("Shelves")
    await cast.bodil.reads("Cannot after all")
    await chooses(cast.bodil, B)
    await cast.b.goes("My matches", within="nav")
    await cast.b.reads("Somebody would like you to be there")
    await cast.a.goes("My matches", within="nav")
    await cast.a.does_not_read("Bent", "How you reach each other")
    await cast.a.presses("Yes, I would like that")
    for one, other in ((cast.a, "bent@example.org"), (cast.b, "+4520123456")):
        await one.goes("My matches", within="nav")
        await one.goes("How you reach each other")
        await one.reads(other, "Nobody else sees it.")
    await cast.c.goes("My matches", within="nav")
    await cast.c.reads("There is nothing here yet.")


async def done_by_both(cast: Cast) -> None:
    """6: one says done, and it is open; both, and the wish is met."""
    for one in (cast.a, cast.b):
        await one.goes("My matches", within="nav")
        await one.presses("It is done")
        await one.reads_done("Thank you. It is noted.")
    await cast.bodil.reads("The wish is met.")
    await cast.a.opens("/intake/me")
    await cast.a.unfolds("Earlier")


async def shopping(bank: Story, cast: Cast) -> None:
    """7: two people look before money is entrusted; the same one twice is not two."""
    text = "Shopping on Friday."
    await asks(cast.a, text, "Shopping", "An hour")
    await finds(cast.bodil, text)
    await cast.bodil.unfolds("Hang it on the board instead")
    await cast.bodil.types(What_is_wished=text, Take_it_down_on=in_days(7)[:16])
    await cast.bodil.presses("Hang it up")
    await comes_forward(cast.b, text)
    await chooses(cast.bodil, B)
    await cast.a.goes("My matches", within="nav")
    await cast.a.presses("Yes, I would like that")
    await cast.bodil.reads("Both said yes.")
    await cast.bodil.presses("I have looked")
    await cast.bodil.reads("1 of 2 have looked")
    await cast.bodil.presses("I have looked")
    await expect(cast.bodil.page.get_by_role("alert")).to_be_visible()
    await cast.b.goes("My matches", within="nav")
    await cast.b.does_not_read("How you reach each other")
    colleague = await bank.coordinator("Gro Prøve")
    await colleague.opens(cast.bodil.page.url.removesuffix("/safeguard"))
    await colleague.types(Receipt_number="bon 17")
    await colleague.presses("I have looked")
    await cast.b.reads("You are in touch about this.")


async def unused(cast: Cast) -> None:
    """10: C would like to sew, and nobody has asked; what A received is shown to A alone."""
    words = "I like to sew curtains."
    await cast.c.goes("What we offer each other", within="nav")
    await cast.c.unfolds("Write down something you like to be asked for")
    await cast.c.chooses("What is it about?", "Sewing")
    await cast.c.types(**{"What_do_you_like_to_do?": words})
    await cast.c.presses("Write it down")
    await cast.c.reads_done("Thank you. It is written down.")
    await cast.b.goes("What we offer each other", within="nav")
    await cast.b.reads(words)
    await cast.b.does_not_read("Carla")
    await cast.bodil.goes("Tender board", within="nav")
    await cast.bodil.goes("What people offer")
    await cast.bodil.reads("Nobody has asked for it yet", words)
    await cast.a.goes("What we offer each other", within="nav")
    await cast.a.unfolds("Given and received, for you alone")
    await cast.a.reads("Times you have been helped: 1.", "Times you have helped: 0.")
