"""Figures with what they mean beside them, as of a day and as known at a day (S4.32, S0.9)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from services.reporting.pages.charts import bar_chart, line_chart

pages = Pages(Path(__file__).parent)

_MONTHS = 12

Json = dict[str, Any]


@pages.page("/figures", "figures.html", "figures:read")
async def figures(view: View) -> Shown:
    chosen = await _chosen(view)
    if chosen["programme"] is None:
        return {**chosen, "figures": []}
    definitions = (await view.api.get("/v1/figures"))["items"]
    answers = await asyncio.gather(*(_answer(view, one["name"], chosen) for one in definitions))
    return {**chosen, "figures": [_shown(*each) for each in zip(definitions, answers, strict=True)]}


@pages.page("/figures/{name}", "figure.html", "figures:read")
async def figure(view: View, name: str) -> Shown:
    """One figure, and how its numbers came to be what they are, month by month."""
    chosen = await _chosen(view)
    definition = next((one for one in (await view.api.get("/v1/figures"))["items"] if one["name"] == name), None)
    answer = await _answer(view, name, chosen)  # refuses a name that is none
    days = _month_ends(date.fromisoformat(answer["as_of"]))
    before = await asyncio.gather(*(_answer(view, name, {**chosen, "as_of": day.isoformat()}) for day in days))
    shown = _shown(definition or {}, answer)
    lines = [
        {
            **value,
            "chart": line_chart(
                [(day.isoformat(), past["values"].get(value["name"])) for day, past in zip(days, before, strict=True)]
            ),
        }
        for value in shown["numbers"]
    ]
    return {**chosen, "figure": shown, "lines": lines}


for _form in ("csv", "xlsx", "pdf"):
    pages.download(f"/figures.{_form}", f"/v1/figures-to-keep/{_form}", f"kobling.{_form}")


async def _chosen(view: View) -> Json:
    """What is asked for, and what can be: the first programme when none is named."""
    programmes = (await view.api.get("/v1/counted-programmes"))["items"]
    codes = [one["programme"] for one in programmes]
    asked = {name: view.query.get(name) or None for name in ("programme", "as_of", "known_at")}
    programme = asked["programme"] or (codes[0] if codes else None)
    return {**asked, "programme": programme, "programmes": codes, "today": view.now.date().isoformat()}


async def _answer(view: View, name: str, chosen: Mapping[str, Any]) -> Json:
    asked = {key: chosen[key] for key in ("programme", "as_of", "known_at")}
    answer: Json = await view.api.get(f"/v1/figures/{name}", **asked)
    return answer


def _shown(definition: Json, answer: Json) -> Json:
    """Numbers, and what is broken down: each with its words."""
    said: Mapping[str, Json] = definition["values"]
    numbers = [
        {"name": name, "said": said[name], "value": value}
        for name, value in answer["values"].items()
        if not isinstance(value, dict)
    ]
    broken_down = [
        {"name": name, "said": said[name], **value, "chart": bar_chart(_counts(value["cells"]))}
        for name, value in answer["values"].items()
        if isinstance(value, dict)
    ]
    return {
        **answer,
        "title": definition["title"],
        "meaning": definition["meaning"],
        "numbers": numbers,
        "broken_down": broken_down,
    }


def _counts(cells: Sequence[Json]) -> list[tuple[str, int | None]]:
    return [(cell["group"], cell["count"]) for cell in cells]


def _month_ends(last: date) -> list[date]:
    """The last days of the months before, and the day itself."""
    ends = [last]
    while len(ends) < _MONTHS:
        ends.append(ends[-1].replace(day=1) - timedelta(days=1))
    return ends[::-1]
