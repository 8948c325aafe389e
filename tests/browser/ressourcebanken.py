"""What the people of Ressourcebanken do over and over, at their pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from tests.browser.acting import Actor
from tests.browser.stories import Story

A, B, C, D, E = (f"{name} Opdigtet" for name in ("Agnes", "Bent", "Carla", "Ditte", "Elsa"))


@dataclass(frozen=True, slots=True)
class Cast:
    """The coordinator; A asks, B and C are members as A is; E lives in town and has not joined."""

    bodil: Actor
    a: Actor
    b: Actor
    c: Actor
    e: Actor


async def introduced(bank: Story, name: str, municipality: str) -> Actor:
    """Somebody says who they are and where they live."""
    one = await bank.person(name)
    await one.opens("/intake/me")
    email = f"{name.split(maxsplit=1)[0].lower()}@example.org"
    await one.types(Your_name=name, Municipality=municipality, **{"Your_e-mail_address": email})
    await one.presses("Go on")
    await one.reads(f"Hello, {name}")
    return one


async def member(bank: Story, name: str, municipality: str) -> Actor:
    """Somebody who would like to take part."""
    one = await introduced(bank, name, municipality)
    await one.goes("My training", within="nav")
    await one.goes("Apply to be there for others")
    await one.ticks("Member")
    await one.presses("I would like to take part")
    return one


async def asks(a: Actor, what: str, kind: str, duration: str = "") -> str:
    """The id of the wish, which is in the address of the page that thanks for it."""
    await a.opens("/intake/me")
    await a.goes("Ask for something")
    await a.types(**{"What_would_you_like?": what})
    await a.chooses("What is it about?", kind)
    if duration:
        await a.chooses("How long does it take?", duration)
    await a.presses("Send")
    return a.page.url.partition("?")[0].rpartition("/")[2]


def next_week(bank: Story) -> str:
    return (bank.clock.now() + timedelta(days=7)).strftime("%Y-%m-%dT%H:%M")


async def file_of(bodil: Actor, name: str) -> None:
    await bodil.goes("People", within="nav")
    await bodil.types(Name=name.partition(" ")[0])
    await bodil.presses("Find")
    await bodil.goes(name)


async def finds(bodil: Actor, name: str, request_id: str) -> None:
    """From the file of who asks to the finding for one of their wishes."""
    await file_of(bodil, name)
    await bodil.follows(f"/intake/requests/{request_id}")
    await bodil.goes("Find somebody")
    await bodil.reads("Where it stands")


async def hung_up(bank: Story, cast: Cast, text: str) -> None:
    await cast.bodil.unfolds("Hang it on the board instead")
    await cast.bodil.types(What_is_wished=text, Take_it_down_on=next_week(bank))
    await cast.bodil.presses("Hang it up")
    await cast.bodil.reads_done("It hangs on the board.")


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
