"""2013: shelves, a computer, the shopping: from a wish to a task that both say is done (4 to 8)."""

from datetime import timedelta

import httpx

from tests.support.town import Json
from tests.system.ressourcebanken.opening import Bank
from tests.system.ressourcebanken.people import chosen, comes_forward, tender, wish
from tests.system.tenant import Person, Tenant, words_of

SHELVES = "To hylder skal op på en væg, det tager et par timer."


async def tasks(bank: Tenant, people: Bank) -> None:
    bank.move_to(2013, 1, 14)
    request_id, tender_id = await put_up(bank, people)
    await agreed(bank, people, request_id, tender_id)
    await fair(bank, people)
    await shopping(bank, people)
    await needs_pairing(bank, people)


async def put_up(bank: Tenant, people: Bank) -> tuple[str, str]:
    """4: a wish is no tender yet; a text that identifies is refused; members see the clean one (S1.3, S1.13, S1.14)."""
    request_id = await wish(bank, people.a, "shelves", "To hylder i min stue.", expected_duration="PT2H")
    path = f"/v1/searches/{request_id}"
    await bank.until("matching", path, bool)
    assert (await bank.ask("GET", "matching", f"{path}/tender")).status_code == httpx.codes.NOT_FOUND
    assert (await bank.get("matching", "/v1/tenders", by=people.b))["items"] == []
    closes_at = (bank.clock.now() + timedelta(days=14)).isoformat()
    telling = {"text": f"{SHELVES} Ring 20 12 34 56.", "closes_at": closes_at}
    problem = await bank.refused("identifies", "matching", f"{path}/tender", telling)
    assert "20 12 34 56" not in str(problem)
    tender_id = await tender(bank, request_id, SHELVES)
    for one in (people.b, people.c):
        seen = await bank.until("matching", f"/v1/tenders/{tender_id}", bool, by=one)
        assert (seen["text"], seen["category"], seen["you_offered"]) == (SHELVES, "shelves", False)
        assert not {people.a.person_id, people.a.name, request_id} & set(map(str, seen.values()))
    for outsider in (people.e, people.a):
        answer = await bank.ask("GET", "matching", f"/v1/tenders/{tender_id}", by=outsider)
        assert answer.status_code == httpx.codes.NOT_FOUND
    await told_of_it(bank, people)
    return request_id, tender_id


async def told_of_it(bank: Tenant, people: Bank) -> None:
    """B hears at once, C on the morning after, neither of whom it is about."""
    await bank.told(people.b, "tender-open")
    bank.move_to(2013, 1, 15)
    await bank.told(people.c, "tender-news")
    for one in (people.b, people.c):
        words = words_of(bank.mails(one)[-1])
        assert [word for word in (people.a.name, "hylder", "Agnes") if word in words] == []


async def agreed(bank: Tenant, people: Bank, request_id: str, tender_id: str) -> None:
    """5: B and C offer, C takes it back, B is chosen; only when A says yes do those two see each other (S1.2)."""
    a, b, c = people.a, people.b, people.c
    await comes_forward(bank, tender_id, b, c)
    assert (await bank.ask("DELETE", "matching", f"/v1/tenders/{tender_id}/offers", by=c)).is_success
    proposal = await chosen(bank, request_id, b)
    await bank.told(b, "chosen")
    await bank.told(a, "proposed")
    for one in (a, b, None):
        assert (await _contact(bank, request_id, one)).status_code == httpx.codes.NOT_FOUND
    await bank.do("matching", f"{proposal}/answers", {"answer": "yes"}, by=a)
    for one, other in ((a, b), (b, a)):
        shown = await bank.until("intake", _contact_of(request_id), bool, by=one)
        assert (shown["name"], shown["email"]) == (other.name, other.email)
        await bank.told(one, "contact-agreed")
    for outsider in (c, people.e, None):
        assert (await _contact(bank, request_id, outsider)).status_code == httpx.codes.NOT_FOUND
    await done_by_both(bank, request_id, proposal, b, a)


def _contact_of(request_id: str) -> str:
    return f"/v1/requests/{request_id}/contact"


async def _contact(bank: Tenant, request_id: str, by: Person | None) -> httpx.Response:
    return await bank.ask("GET", "intake", _contact_of(request_id), by=by)


async def done_by_both(bank: Tenant, request_id: str, proposal: str, first: Person, second: Person) -> None:
    """6: one says done, and it is open; both, and the wish is met (S1.2)."""
    said = await bank.do("matching", f"{proposal}/done", by=first)
    assert said["state"] == "in-touch"
    assert (await bank.get("intake", f"/v1/requests/{request_id}"))["status"] not in ("met", "withdrawn")
    said = await bank.do("matching", f"{proposal}/done", by=second)
    assert said["state"] == "done"
    await bank.until("intake", f"/v1/requests/{request_id}", lambda found: found["status"] == "met")


async def fair(bank: Tenant, people: Bank) -> None:
    """6: C was never chosen, is shown to the coordinator, and ranks before B next time (S1.16)."""
    request_id = await wish(bank, people.e, "computer", "Min computer er langsom.", expected_duration="PT1H")
    tender_id = await tender(bank, request_id, "En computer er blevet langsom.")
    await comes_forward(bank, tender_id, people.b, people.c)

    def both(found: Json) -> bool:
        return len(found["offers"]) == len((people.b, people.c))

    seen = await bank.until("matching", f"/v1/searches/{request_id}/tender", both)
    assert [(one["helper_id"], one["never_chosen"]) for one in seen["offers"]] == [
        (people.c.person_id, True),
        (people.b.person_id, False),
    ]
    path = f"/v1/offers/never-chosen?programme={bank.programme}"
    passed_by = await bank.until("matching", path, lambda found: found["items"])
    assert [one["helper_id"] for one in passed_by["items"]] == [people.c.person_id]
    proposal = await chosen(bank, request_id, people.c)
    await bank.do("matching", f"{proposal}/answers", {"answer": "yes"}, by=people.e)
    await bank.told(people.b, "help-not-needed")
    await done_by_both(bank, request_id, proposal, people.e, people.c)


async def shopping(bank: Tenant, people: Bank) -> None:
    """7: two people look before money is entrusted and there is any contact; the receipt is kept (S1.21)."""
    a, b = people.a, people.b
    request_id = await wish(bank, a, "shopping", "Handle ind på fredag.", expected_duration="PT1H")
    tender_id = await tender(bank, request_id, "Der skal handles ind på fredag.")
    await comes_forward(bank, tender_id, b)
    proposal = await chosen(bank, request_id, b)
    await bank.do("matching", f"{proposal}/answers", {"answer": "yes"}, by=a)
    money = {"safeguard": "money"}
    await bank.do("matching", f"{proposal}/safeguards", money, despite="not_agreed_yet")
    await bank.refused("safeguards_open", "matching", f"{proposal}/done", by=b)
    assert (await _contact(bank, request_id, b)).status_code == httpx.codes.NOT_FOUND
    await bank.refused("second_person_needed", "matching", f"{proposal}/safeguards", money)
    await bank.do("matching", f"{proposal}/safeguards", {**money, "receipt": "bon 2013-17"}, by=a)
    await bank.until("intake", _contact_of(request_id), bool, by=b)
    looks = await bank.until("matching", f"{proposal}/safeguards", lambda found: found["items"][0]["is_confirmed"])
    assert [look["receipt"] for look in looks["items"][0]["looks"]] == [None, "bon 2013-17"]


async def needs_pairing(bank: Tenant, people: Bank) -> None:
    """8: a visiting friend comes for a long time: a pairing, and not a task for whoever is first (S1.20)."""
    request_id = await wish(bank, people.a, "visiting", "En at tale med.")
    closes_at = (bank.clock.now() + timedelta(days=14)).isoformat()
    body = {"text": "En besøgsven.", "closes_at": closes_at}
    await bank.refused("needs_pairing", "matching", f"/v1/searches/{request_id}/tender", body)
