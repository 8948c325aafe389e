"""How the chances to help are spread: who comes forward and is never chosen (S1.16). Words: chances.yaml."""

from collections import Counter
from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, Figure, FigureValue, Source

_PERSONS: tuple[JsonObject, ...] = ({"$group": {"_id": "$helper", "count": {"$sum": 1}}},)


async def compute(source: Source, asked: Asked) -> Mapping[str, FigureValue]:
    """Who came forward and took it back did come forward; chosen is chosen, whatever the answer was."""
    offering = [row["_id"] for row in await source.rows(("help-offered",), *_PERSONS)]
    chosen = {row["_id"]: row["count"] for row in await source.rows(("helper-chosen",), *_PERSONS)}
    times = Counter(_times(chosen.get(helper, 0)) for helper in offering)
    return {"helpers": len(offering), "helpers_by_times_chosen": breakdown(times, asked.min_cell)}


def _times(count: int) -> str:
    return ("never", "once")[count] if count < 2 else "more"


figure = Figure("chances", 1, compute)
