"""Ressourcebanken in Rudersdal, played by its people in the browser: neighbours ask, come forward, and are done."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.browser.ressourcebanken import (
    A,
    B,
    C,
    Cast,
    D,
    E,
    asks,
    chooses,
    comes_forward,
    file_of,
    finds,
    hung_up,
    introduced,
    member,
    next_week,
)
from tests.browser.stories import Story, story_at
from tests.support.site import Site

SHELVES = "Two shelves, it takes two hours."


@pytest.mark.timeout(300)
@pytest.mark.requirement("S1.2", "S1.3", "S1.4", "S1.5", "S1.10", "S1.12", "S1.13", "S1.14", "S1.15", "S1.16", "S1.19")
@pytest.mark.requirement("S1.20", "S1.21", "S1.22", "S1.23", "S1.24", "S3.19")
async def test_ressourcebanken_by_clicking(own_site: Site, browser: Browser) -> None:
    async with story_at(own_site, browser, "rudersdal", "ressourcebanken", begins=(2012, 12, 3)) as bank:
        cast = await joined(bank)
        await not_concrete(cast)
        bank.move_to(2013, 1, 14)
        await put_up(bank, cast)
        await agreed(cast)
        await done_by_both(cast)
        await fair(bank, cast)
        await shopping(bank, cast)
        await needs_pairing(cast)
        await talk(bank, cast)
        await unused(cast)
        await moving_away(bank, cast)
        await mandate(bank, cast)


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
    e = await introduced(bank, E, "Rudersdal")
    return Cast(bodil, await bank.person(A, person_id), b, c, e)


async def not_concrete(cast: Cast) -> None:
    """3: care every day, without an end, is no task: the answer is no, with other ways."""
    await asks(cast.a, "Care every day.", "Garden")
    await cast.a.reads("What you can do instead:", "It is not about you. A coordinator can help you further.")


async def put_up(bank: Story, cast: Cast) -> None:
    """4: a wish is no tender yet; a text that tells who asks is not hung up, and members see the clean one."""
    bodil = cast.bodil
    await cast.b.goes("Somebody would like help", within="nav")
    request_id = await asks(cast.a, "Two shelves in my living room.", "Putting things up", "Two hours")
    await cast.a.reads("Next: somebody here reads it. You need not do anything.")
    await cast.b.reads("Nobody asks for anything that fits you right now.")
    await finds(bodil, A, request_id)
    await bodil.unfolds("Hang it on the board instead")
    await bodil.types(What_is_wished=f"{SHELVES} Ring 20 12 34 56.", Take_it_down_on=next_week(bank))
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


async def agreed(cast: Cast) -> None:
    """5: C takes it back and B is chosen; only when A says yes do those two see how to reach each other."""
    await cast.c.presses("Not after all")
    await cast.c.reads_done("It is taken back. That is all right.")
    await cast.bodil.goes("Tender board", within="nav")
    await cast.bodil.goes("Putting things up")
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


async def fair(bank: Story, cast: Cast) -> None:
    """6: C was never chosen, is shown to the coordinator, and stands before B next time."""
    bodil, text = cast.bodil, "A computer has become slow."
    await finds(bodil, E, await asks(cast.e, text, "Computer", "An hour"))
    await hung_up(bank, cast, text)
    search = bodil.page.url
    for one in (cast.b, cast.c):
        await comes_forward(one, text)
    await bodil.reads(B, C)
    first = bodil.page.locator("ol.cards > li").first
    await expect(first).to_contain_text(C)
    await expect(first).to_contain_text("Not chosen before")
    await bodil.goes("Tender board", within="nav")
    await bodil.goes("What people offer")
    await bodil.reads("Came forward, and was never chosen", C)
    await bodil.opens(search)
    await chooses(bodil, C)
    await cast.e.goes("My matches", within="nav")
    await cast.e.presses("Yes, I would like that")
    for one in (cast.e, cast.c):
        await one.goes("My matches", within="nav")
        await one.presses("It is done")
        await one.reads_done("Thank you. It is noted.")


async def shopping(bank: Story, cast: Cast) -> None:
    """7: two people look before money is entrusted; the same one twice is not two."""
    text = "Shopping on Friday."
    await finds(cast.bodil, A, await asks(cast.a, text, "Shopping", "An hour"))
    await hung_up(bank, cast, text)
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


async def needs_pairing(cast: Cast) -> None:
    """8: a visiting friend comes for a long time, and is not whoever is first: it cannot be hung on the board."""
    await finds(cast.bodil, A, await asks(cast.a, "Somebody to talk with.", "Visits"))
    await cast.bodil.reads("Who could help")
    await expect(cast.bodil.page.get_by_text("Hang it on the board instead")).to_have_count(0)


async def talk(bank: Story, cast: Cast) -> None:
    """9: C's talk has somebody beside it before it opens, is held, and two answers are too few to show."""
    title, bodil = "Kinas økonomi", cast.bodil
    bank.move_to(2014, 2, 3)
    await cast.c.goes("My activities", within="nav")
    await cast.c.goes("Propose something to do together")
    await cast.c.types(**{"What_shall_it_be_called?": title, "What_do_we_do?": "We look at numbers and maps."})
    await cast.c.chooses("What kind?", "A talk")
    await cast.c.presses("Send the idea")
    await cast.c.reads(title, "We look for somebody to stand beside you.")
    await bodil.goes("Activities", within="nav")
    await bodil.goes("Proposed")
    await bodil.goes(title)
    await expect(bodil.page.get_by_role("button", name="Open it")).to_have_count(0)
    await bodil.presses("I stand beside them")
    await bodil.presses("Open it")
    await bodil.types(Begins="2014-02-20T19:00", Ends="2014-02-20T21:00", Where="Salen")
    await bodil.presses("Plan it")
    await bodil.reads_done("The session is planned.")
    for one in (cast.a, cast.b):
        await one.goes("My activities", within="nav")
        await one.presses("I am coming")
    bank.move_to(2014, 2, 21)
    await bodil.goes("20 Feb 2014")
    await bodil.types(How_many_were_there="14")
    await bodil.presses("Save")
    for one in (cast.a, cast.b):
        await one.goes("My activities", within="nav")
        await one.unfolds(title)
        for question in ("Was it good?", "Would you come again?"):
            await one.page.get_by_role("group", name=question).get_by_label("Yes").check()
        await one.presses("Send")
        await one.reads_done("Thank you for telling us.")
    await bodil.goes("Figures", within="nav")
    await bodil.goes("What we do together")
    await bodil.reads("Not shown: some groups are smaller than 5")


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


async def moving_away(bank: Story, cast: Cast) -> None:
    """11: B moves away: on day 30 B may still help, on day 31 not."""
    text = "A hedge is to be cut."
    bank.move_to(2019, 5, 1)
    await file_of(cast.bodil, B)
    await cast.bodil.unfolds("Has moved")
    await cast.bodil.types(Municipality="Fredensborg")
    await cast.bodil.presses("Save", beside="Since")
    bank.move_to(2019, 5, 31)
    await finds(cast.bodil, A, await asks(cast.a, text, "Garden", "Two hours"))
    await hung_up(bank, cast, text)
    await cast.b.goes("Somebody would like help", within="nav")
    await cast.b.reads(text)
    bank.move_to(2019, 6, 1)
    await cast.b.reads("Nobody asks for anything that fits you right now.")


async def mandate(bank: Story, cast: Cast) -> None:
    """12: after its last day nothing new is taken in, until the mandate is renewed."""
    bank.move_to(2023, 1, 1)
    await asks(cast.a, "Leaves on my path.", "Garden", "An hour")
    await cast.a.reads("The programme may take new requests again when its mandate is renewed.")
    await cast.bodil.goes("Programmes", within="nav")
    await cast.bodil.goes("The resource bank")
    await cast.bodil.unfolds("Renew the mandate")
    await cast.bodil.types(From="2023-01-01", Until="2032-12-31", Who_decided_it="Social Udvalget")
    await cast.bodil.presses("Renew")
    await cast.bodil.reads_done("The mandate is renewed.")
    await asks(cast.a, "Leaves on my path.", "Garden", "An hour")
    await cast.a.reads("Next: somebody here reads it. You need not do anything.")
