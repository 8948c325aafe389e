"""How it went for those in a match, which is told wherever matches are counted (S2.30). Words: matches.yaml."""

from collections import Counter
from collections.abc import Mapping

from contracts.base import JsonObject
from services.reporting.figures.cells import breakdown
from services.reporting.figures.figure import Asked, FigureValue, Rows

_CHECK_INS: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": {"well": "$well", "wants_talk": "$wants_talk", "benefits": "$benefits"},
            "count": {"$sum": 1},
        }
    },
)
_KINDS: JsonObject = {"$group": {"_id": "$kind", "count": {"$sum": 1}}}
# The days stay with a match for ever; how it went does not (S2.17).
_LENGTHS: tuple[JsonObject, ...] = (
    {
        "$group": {
            "_id": "$about",
            "until": {"$max": "$until"},
            "ended": {"$max": {"$cond": [{"$eq": ["$kind", "match-ended"]}, "$happened_at", None]}},
        }
    },
    {"$match": {"ended": {"$ne": None}}},
    {
        "$group": {
            "_id": {
                "$cond": [
                    {"$eq": [{"$ifNull": ["$until", None]}, None]},
                    "no-length",
                    {"$cond": [{"$gte": ["$ended", "$until"]}, "full-length", "before"]},
                ]
            },
            "count": {"$sum": 1},
        }
    },
)


async def quality(rows: Rows, asked: Asked) -> Mapping[str, FigureValue]:
    check_ins = await rows(("check-in",), *_CHECK_INS)
    counted = {row["_id"]: row["count"] for row in await rows(("closing-talk", "review-due", "review-held"), _KINDS)}
    lengths = {row["_id"]: row["count"] for row in await rows(("match-made", "match-ended"), *_LENGTHS)}
    well = _by(check_ins, "well", {True: "well", False: "not-well"})
    talk = _by(check_ins, "wants_talk", {True: "wants-talk", False: "content"})
    benefits = _by(check_ins, "benefits", {})
    return {
        "ended_by_length": breakdown(lengths, asked.min_cell),
        "closing_talks": counted.get("closing-talk", 0),
        "reviews_due": counted.get("review-due", 0),
        "reviews_held": counted.get("review-held", 0),
        "check_ins": benefits.total(),
        "check_ins_by_wellbeing": breakdown(well, asked.min_cell),
        "check_ins_by_wish_to_talk": breakdown(talk, asked.min_cell),
        "check_ins_by_benefit": breakdown(benefits, asked.min_cell),
    }


def _by(check_ins: list[JsonObject], field: str, names: Mapping[bool, str]) -> Counter[str]:
    counted: Counter[str] = Counter()
    for row in check_ins:
        value = row["_id"][field]
        counted[names.get(value, value)] += row["count"]
    return counted
