"""People: found by name and by nothing else (S0.3, S3.31), registered, and called by name on other pages."""

from pathlib import Path

from chassis.web import Pages, Shown, View
from services.intake.pages.programme_words import language_choices

pages = Pages(Path(__file__).parent)

CHANNELS = ("phone", "walk-in", "staff", "web")


@pages.page("/people", "people.html", "people:read")
async def people(view: View) -> Shown:
    """Nobody is listed who was not asked for. `for` is what one is about to do for who is found."""
    name = view.query.get("name", "").strip()
    found = await view.api.get("/v1/persons", name=name, limit=50) if name else {"items": []}
    purpose = view.query.get("for", "")
    return {"people": found["items"], "name": name, "purpose": purpose if purpose in ("request", "volunteer") else ""}


@pages.page("/people-new", "person-new.html", "people:write")
async def new_person(view: View) -> Shown:
    return {"channels": CHANNELS, "known_languages": language_choices(view.language)}


new_person.action("register", "/v1/persons", then="/people/{id}")


@pages.page("/people/{person_id}/name-part", "name-part.html", "people:read")
async def name_part(view: View, person_id: str) -> Shown:
    """What other services' pages show instead of a pseudonym; a word for anybody where no name is known."""
    found = await view.api.get_or_none(f"/v1/persons/{person_id}")
    return {"name": found["name"] if found else None}
