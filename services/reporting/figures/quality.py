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
_IN_TIME_DAYS = 14
# A review that is due on no day cannot be late.
_KINDS: JsonObject = {
    "$group": {
        "_id": "$kind",
        "count": {"$sum": 1},
        "late": {
            "$sum": {
                "$cond": [
                    {
                        "$and": [
                            {"$gt": ["$until", None]},
                            {"$gt": ["$happened_at", {"$add": ["$until", _IN_TIME_DAYS * 24 * 3600 * 1000]}]},
                        ]
                    },
                    1,
                    0,
                ]
            }
        },
    }
}
_NONE: JsonObject = {"count": 0, "late": 0}
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
    counted = {row["_id"]: row for row in await rows(("closing-talk", "review-due", "review-held"), _KINDS)}
    reviews = counted.get("review-held", _NONE)
    lengths = {row["_id"]: row["count"] for row in await rows(("match-made", "match-ended"), *_LENGTHS)}
    well = _by(check_ins, "well", {True: "well", False: "not-well"})
    talk = _by(check_ins, "wants_talk", {True: "wants-talk", False: "content"})
    benefits = _by(check_ins, "benefits", {})
    return {
        "ended_by_length": breakdown(lengths, asked.min_cell),
        "closing_talks": counted.get("closing-talk", _NONE)["count"],
        "reviews_due": counted.get("review-due", _NONE)["count"],
        "reviews_held": reviews["count"],
        "reviews_in_time": reviews["count"] - reviews["late"],
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
