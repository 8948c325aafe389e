"""2014: a talk, what nobody asked for, and what one gave and received (9 and 10)."""

from tests.support.town import Json
from tests.system.ressourcebanken.opening import Bank
from tests.system.tenant import Person, Tenant

TALK = {"kind": "lecture", "title": "Kinas økonomi", "what_we_do": "Vi ser på tal og kort og taler om dem."}


async def together(bank: Tenant, people: Bank) -> None:
    bank.move_to(2014, 2, 3)
    await talk(bank, people)
    await unused(bank, people)
    await given_and_received(bank, people)


async def talk(bank: Tenant, people: Bank) -> None:
    """9: C proposes a talk, it is supported and held; two answers are too few to show (S1.19, S1.22, S1.23, S0.9)."""
    body = {"programme": bank.programme, "category": "workshops", **TALK}
    made = await bank.do("matching", "/v1/activities", body, by=people.c)
    path = f"/v1/activities/{made['id']}"
    await bank.refused("needs_supporter", "matching", f"{path}/publish")
    await bank.do("matching", f"{path}/support", {})
    await bank.do("matching", f"{path}/publish")
    hours = {"begins_at": "2014-02-20T19:00:00+01:00", "ends_at": "2014-02-20T21:00:00+01:00", "room": "Salen"}
    session = f"/v1/sessions/{(await bank.do('matching', f'{path}/sessions', hours))['id']}"
    for one in (people.a, people.b):
        await bank.do("matching", f"{session}/sign-ups", {}, by=one)
    bank.move_to(2014, 2, 21)
    await bank.do("matching", f"{session}/held", {"heads": 14})
    for one in (people.a, people.b):
        await bank.do("matching", f"{session}/feedback", {"was_good": True, "would_come_again": True}, by=one)
    values = await figure(bank, "activities", answers=2)
    assert (values["published"], values["held"], values["heads"]) == (1, 1, 14)
    assert (values["answers_by_good"]["withheld"], values["answers_by_good"]["cells"]) == (True, [])


async def unused(bank: Tenant, people: Bank) -> None:
    """10: C stands ready to sew, and nobody has asked (S1.4, S1.10)."""
    offer = {"programme": bank.programme, "category": "sewing", "words": "Jeg syr gerne gardiner."}
    made = await bank.do("matching", "/v1/offers", offer, by=people.c)
    seen = await bank.until("matching", f"/v1/offers?programme={bank.programme}", _has_items, by=people.b)
    [shown] = seen["items"]
    assert (shown["words"], people.c.person_id in str(shown)) == (offer["words"], False)
    listed = await bank.until("matching", f"/v1/offers/unused?programme={bank.programme}", _has_items)
    assert [one["offer_id"] for one in listed["items"]] == [made["id"]]
    assert (await figure(bank, "resources", standing=1))["never_asked_for"] == 1


def _has_items(found: Json) -> bool:
    return bool(found["items"])


async def given_and_received(bank: Tenant, people: Bank) -> None:
    """10: what A received and gave is shown to A alone; nobody owes anybody (S1.15)."""
    shown = await _counts(bank, people.a)
    assert shown == {"given": 0, "received": 1}
    assert await _counts(bank, people.b) == {"given": 1, "received": 0}
    tenders = await figure(bank, "tenders", completed=2)
    assert (tenders["opened"], tenders["answered"], tenders["lapsed"]) == (3, 3, 0)
    chances = await figure(bank, "chances", helpers=2)
    assert chances["helpers_by_times_chosen"]["withheld"] is True


async def _counts(bank: Tenant, who: Person) -> Json:
    return await bank.until("matching", "/v1/me/given-and-received", lambda found: any(found.values()), by=who)


async def figure(bank: Tenant, name: str, **expected: int) -> Json:
    """The values of a figure, once they hold what is expected."""
    path = f"/v1/figures/{name}?programme={bank.programme}"

    def holds(found: Json) -> bool:
        return all(found["values"][name] == value for name, value in expected.items())

    values: Json = (await bank.until("reporting", path, holds))["values"]
    return values
