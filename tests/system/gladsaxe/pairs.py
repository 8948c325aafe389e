"""2017: thirty pairs, a wish that is one too young, helpers without experience, and a visit too long (5 to 7)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

from tests.support.town import STAFF, Json
from tests.system.gladsaxe.mentors import citizen
from tests.system.tenant import COORDINATOR, Person, Tenant

AS_OF = "2017-11-30"
Pair = tuple[str, Person]


async def one_to_one(gladsaxe: Tenant, mentors: Sequence[Person]) -> list[Pair]:
    """5: thirty people have a mentor, each counted once (S4.24). The matches with their mentors."""
    gladsaxe.move_to(2017, 5, 2)
    gladsaxe.look_every_seconds = 0.2
    pairs = await asyncio.gather(*(_paired(gladsaxe, n, mentor) for n, mentor in enumerate(mentors[:30])))
    gladsaxe.move_to(2017, 12, 1)
    path = f"/v1/figures/support?programme={gladsaxe.programme}&as_of={AS_OF}"
    figure = await gladsaxe.until("reporting", path, lambda found: found["values"]["one_to_one"] == 30)
    assert figure["as_of"] == AS_OF
    return pairs


async def _paired(gladsaxe: Tenant, number: int, mentor: Person) -> Pair:
    asker = await citizen(gladsaxe, f"asks{number}")
    search = f"/v1/searches/{await _wish(gladsaxe, asker)}"
    picked = await gladsaxe.do("matching", f"{search}/proposals", {"helper_id": mentor.person_id})
    proposal = f"{search}/proposals/{picked['id']}"
    tomorrow = (gladsaxe.clock.now() + timedelta(days=1)).isoformat()
    await gladsaxe.do("matching", f"{proposal}/meeting", {"meets_at": tomorrow})
    await gladsaxe.do("matching", f"{proposal}/meeting/held")
    for who in (asker, mentor):
        await gladsaxe.do("matching", f"{proposal}/answers", {"answer": "yes"}, by=who)
    return (await gladsaxe.until("matching", search, lambda found: found["match_id"]))["match_id"], mentor


async def _wish(gladsaxe: Tenant, asker: Person, **wishes: bool) -> str:
    body = {"programme": gladsaxe.programme, "person_id": asker.person_id, "what": "En mentor.", "wishes": wishes}
    return str((await gladsaxe.do("intake", "/v1/requests", body))["request_id"])


async def who_may(gladsaxe: Tenant, mentors: Sequence[Person]) -> None:
    """6: somebody aged 17 is told of other ways; who has no lived experience is listed all the same (S4.1, S4.16)."""
    young = await citizen(gladsaxe, "young", born="2000-06-01")
    body = {"programme": gladsaxe.programme, "person_id": young.person_id, "what": "En mentor."}
    declined = await gladsaxe.do("intake", "/v1/requests", body)
    assert (declined["status"], declined["rule"]) == ("declined", "min_age")
    assert len(declined["options"]) >= 2
    request_id = await _wish(gladsaxe, await citizen(gladsaxe, "prefers"), lived_experience=True)
    free = {mentor.person_id for mentor in mentors[30:]}
    path = f"/v1/searches/{request_id}/candidates"
    listed = await gladsaxe.until("matching", path, lambda found: len(found["items"]) >= len(free))
    assert {item["helper_id"] for item in listed["items"]} == free


async def overdue(gladsaxe: Tenant, pair: Pair) -> None:
    """7: nobody has heard from a mentor who is alone in somebody's home: a coordinator is told now (S4.13)."""
    match_id, mentor = pair
    headers = gladsaxe.bearer(COORDINATOR, [*STAFF, "messages:digest"])
    wanted = {"email": "henning@example.org", "language": "da"}
    await gladsaxe.ask("POST", "notifications", f"/v1/digests/{gladsaxe.programme}", wanted, headers=headers)
    out_at = (gladsaxe.clock.now() + timedelta(hours=2)).isoformat()
    await gladsaxe.do("matching", f"/v1/matches/{match_id}/visits", {"until": out_at}, by=mentor)
    gladsaxe.move_to(2017, 12, 1, hour=14)
    await gladsaxe.until("matching", f"/v1/matches/{match_id}", _is_overdue)
    coordinator = Person(COORDINATOR, "Henning Prøve", wanted["email"])
    assert len(await gladsaxe.told(coordinator, "lone-visit-overdue")) == 1


def _is_overdue(found: Json) -> bool:
    return any(need["kind"] == "visit-overdue" for need in found["needs"])
