"""Programmes and their rules, readable: mandate, pause, categories, who is asked what, the end (S1.5, S0.30)."""

from pathlib import Path

from chassis.web import Pages, Shown, View
from services.intake.pages.programme_words import programmes_of, title, titles

pages = Pages(Path(__file__).parent)


@pages.page("/programmes", "programmes.html", "programmes:read", "programmes:manage")
async def programmes(view: View) -> Shown:
    found = await programmes_of(view)
    return {"programmes": found, "titles": titles(found, view.language)}


@pages.page("/programmes/{code}", "programme.html", "programmes:read", "programmes:manage")
async def programme(view: View, code: str) -> Shown:
    found = await view.api.get(f"/v1/programmes/{code}")
    return {
        "programme": found,
        "policy": found["policy"],
        "title": title(found, view.language),
        "is_open": found["status"] != "closed",
    }


for _name in ("mandate", "pause", "resumption", "categories", "permanence", "closure"):
    programme.action(_name, f"/v1/programmes/{{code}}/{_name}")
