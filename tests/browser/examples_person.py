"""Where the pages of participants, volunteers and members can be looked at."""

from tests.browser.matching_town import town_at
from tests.browser.people_town import agreed_on_a_task, busy_helper, half_way, together, training
from tests.support.site import Site

LONG = "Wilhelmina-Alexandra Opdigtet-Eksempelgaard"
WISH = "Jeg vil gerne have en at gå tur med om søndagen, når der er stille, og en, der kan hjælpe med papirerne."


async def examples(site: Site) -> dict[str, tuple[str, str]]:
    async with town_at(site) as town:
        folk = town.folk
        programme = await training(town)
        who, match_id, tender_id = await busy_helper(town, LONG)
        await half_way(town, programme, who)
        await together(town, who, who)
        ask = {"programme": town.programme, "person_id": who, "category": "visiting", "what": WISH}
        request_id = (await folk.do("intake", "/v1/requests", ask))["request_id"]
        person = f"/v1/persons/{who}"
        profile = {"gives": ["havearbejde"], "hopes": "Stille aftener.", "languages": [{"code": "so"}, {"code": "da"}]}
        await folk.do("intake", f"{person}/profile", profile, by=who)
        await folk.do("intake", f"{person}/blocks", {"phone": "+4790000002"}, by=who)
        await folk.do(
            "intake", f"{person}/consents", {"purpose": "status", "controller": "Krisecenter Opdigtet"}, by=who
        )
        await folk.do("intake", f"{person}/lived-experience", {"purposes": ["matching"], "words": "Uro."}, by=who)
        task_id = await agreed_on_a_task(town, who)
        await folk.until("intake", f"{person}/everything", lambda found: found["requests"], by=who)
    places = {
        "/intake/me": "",
        "/intake/me/requests/{request_id}": f"/intake/me/requests/{request_id}",
        "/intake/me/contact/{request_id}": f"/intake/me/contact/{task_id}",
        "/intake/me/new-request": f"/intake/me/new-request?programme={town.programme}",
        "/intake/me/about": "",
        "/intake/me/safety": "",
        "/intake/me/mine": "",
        "/intake/me/looked-at": "",
        "/intake/me/leave": "",
        "/intake/my-training": "",
        "/intake/my-training/apply": f"/intake/my-training/apply?programme={town.programme}",
        "/matching/my-matches": "",
        "/matching/my-next": "",
        "/matching/my-matches/{match_id}": f"/matching/my-matches/{match_id}",
        "/matching/tenders": "",
        "/matching/tenders/{tender_id}": f"/matching/tenders/{tender_id}",
        "/matching/offers": f"/matching/offers?programme={town.programme}",
        "/matching/my-activities": "",
        "/matching/my-activities/propose": f"/matching/my-activities/propose?programme={town.programme}",
        "/matching/looked-at": "",
        "/notifications/looked-at": "",
    }
    return {page: (folk.subject(who), place or page) for page, place in places.items()}
