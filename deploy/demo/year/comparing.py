"""The table at the end of the year: each figure of reporting beside what was told along the way."""

from __future__ import annotations

from deploy.demo.world import Json, World, expect
from deploy.demo.year.acts import STAFF
from deploy.demo.year.told import Line, Told, figures_of


async def compare(world: World, told: Told, programme: str) -> None:
    """Raises StepFailed with the names of the figures that say something else."""
    _reckon(told)
    lines: list[Line] = []

    async def figure(name: str) -> Json:
        answer = await world.get(STAFF, "reporting", f"/v1/figures/{name}", programme=programme)
        values: Json = answer["values"]
        return values

    async def are_the_same() -> bool:
        lines[:] = told.beside({name: await figure(name) for name in figures_of(told)})
        return all(line.is_the_same for line in lines)

    await world.until_or_last(are_the_same)
    world.say(f"{'figure':44} {'told':>8} {'shown':>8}")
    for line in lines:
        world.say(f"{line.figure:44} {line.told:8g} {_number(line.shown):>8} {_mark(line)}")
    wrong = [line.figure for line in lines if not line.is_the_same]
    expect(not wrong, f"figures that differ from what was told: {', '.join(wrong)}")


def _reckon(told: Told) -> None:
    """What follows from what was counted."""
    counts = told.counts
    counts["matches.running"] = counts["matches.made"] - counts["matches.ended"]
    counts["matches.latest_number"] = counts["matches.made"]
    counts["requests.waiting"] = counts["requests.posted"] - counts["requests.met"] - counts["requests.withdrawn"]


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:g}"


def _mark(line: Line) -> str:
    return "" if line.is_the_same else "<- differs"
