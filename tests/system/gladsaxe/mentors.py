"""2017: a frame, a course, volunteers, and what some of them tell of themselves (1, 3, 4)."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import httpx
import yaml

from contracts.policy import Policy
from tests.support.town import Json
from tests.system.tenant import Person, Tenant

POLICY = Path(__file__).resolve().parents[3] / "deploy" / "programmes" / "gladsaxe.yaml"
MENTOR = "mentor"
NIGHTS = 3
TOLD = {"purposes": ["figures", "matching"]}


async def frame(gladsaxe: Tenant) -> None:
    """1: 720 000 DKK and 37 + 12 hours a week, in the rules themselves (S4.28, S4.31)."""
    gladsaxe.move_to(2017, 1, 9)
    policy = Policy.model_validate(yaml.safe_load(POLICY.read_text()))
    body = {"policy": policy.model_dump(mode="json", by_alias=True, exclude_none=True), "adopted_by": "Byrådet"}
    await gladsaxe.do("intake", f"/v1/programmes/{gladsaxe.programme}/policy", body)
    shown = await gladsaxe.get("intake", f"/v1/programmes/{gladsaxe.programme}")
    year = shown["policy"]["frame"]["2017"]
    assert (year["budget"], year["currency"], year["staff_hours_per_week"]) == (720_000, "DKK", 37 + 12)


async def course(gladsaxe: Tenant) -> list[Person]:
    """3: 75 come to the course, five of them for 19.5 hours: 70 are trained; hours attended count (S4.19, S4.23)."""
    gladsaxe.move_to(2017, 3, 1)
    people = await asyncio.gather(*(citizen(gladsaxe, f"course{n}") for n in range(75)))
    await asyncio.gather(*(_attended(gladsaxe, who, 6.5 if n < 5 else 7) for n, who in enumerate(people)))
    half_an_hour_short, trained = people[:5], people[5:]
    await volunteers_figure(gladsaxe, "trained", 70)
    await _applied(gladsaxe, half_an_hour_short[0])
    path = _volunteering(gladsaxe, half_an_hour_short[0])
    assert (await gladsaxe.get("intake", path))["hours"] == 19.5
    refused = await gladsaxe.refused("requirements_missing", "intake", f"{path}/approval", {})
    assert [gap["code"] for gap in refused["missing"]] == ["hours"]
    return trained


async def volunteers(gladsaxe: Tenant, trained: Sequence[Person]) -> list[Person]:
    """4: 32 become volunteers; 21 tell of lived experience on their own word, one takes it back: 20 (S4.4, S4.18)."""
    gladsaxe.move_to(2017, 4, 3)
    mentors = list(trained[:32])
    await asyncio.gather(*(_approved(gladsaxe, mentor) for mentor in mentors))
    await asyncio.gather(*(_told(gladsaxe, mentor) for mentor in mentors[:21]))
    await gladsaxe.do("intake", f"/v1/persons/{mentors[20].person_id}/lived-experience/withdrawal", by=mentors[20])
    funnel = await volunteers_figure(gladsaxe, "lived_experience", 20)
    assert (funnel["volunteers"], funnel["volunteers_percent"]) == (32, 45.7)
    assert funnel["lived_experience_percent"] == 62.5
    return mentors


async def citizen(gladsaxe: Tenant, name: str, *, born: str = "1980-05-17") -> Person:
    """Somebody who called."""
    full_name, email = f"{name.title()} Opdigtet", f"{name}@example.org"
    body = {"channel": "phone", "name": full_name, "birth_date": born, "contact": {"language": "da", "email": email}}
    made = await gladsaxe.do("intake", "/v1/persons", {**body, "profile": {"languages": [{"code": "da"}]}})
    return Person(made["id"], full_name, email)


async def volunteers_figure(gladsaxe: Tenant, name: str, expected: float) -> Json:
    """The way of volunteers, once the value of that name is as expected."""
    path = f"/v1/figures/funnel?programme={gladsaxe.programme}"
    found = await gladsaxe.until("reporting", path, lambda figure: figure["values"][name] == expected)
    values: Json = found["values"]
    return values


def _volunteering(gladsaxe: Tenant, person: Person) -> str:
    return f"/v1/volunteerings/{person.person_id}_{gladsaxe.programme}"


async def _attended(gladsaxe: Tenant, person: Person, last_night: float) -> None:
    for night, hours in enumerate((6.5, 6.5, last_night), 1):
        body = {"session": f"mentor-course-{night}", "hours": hours}
        await gladsaxe.do("intake", f"{_volunteering(gladsaxe, person)}/training", body)


async def _applied(gladsaxe: Tenant, person: Person) -> None:
    body = {"programme": gladsaxe.programme, "roles": [MENTOR], "person_id": person.person_id}
    await gladsaxe.do("intake", "/v1/volunteerings", body)


async def _approved(gladsaxe: Tenant, person: Person) -> None:
    await _applied(gladsaxe, person)
    await gladsaxe.do("intake", f"{_volunteering(gladsaxe, person)}/approval", {})


async def _told(gladsaxe: Tenant, person: Person) -> None:
    path = f"/v1/persons/{person.person_id}/lived-experience"
    diagnosis = await gladsaxe.ask("POST", "intake", path, {**TOLD, "diagnosis": "a word"}, by=person)
    assert diagnosis.status_code == httpx.codes.UNPROCESSABLE_ENTITY
    await gladsaxe.do("intake", path, TOLD, by=person)
