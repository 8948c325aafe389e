"""Those who offered, ranked like any candidates; among equals who was never chosen comes first (S1.16)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from chassis.read_models import ReadModels
from services.matching.candidates import Candidates
from services.matching.domain.helper_commands import HelperNotFound
from services.matching.domain.search_state import Search
from services.matching.projections.candidates import candidates
from services.matching.ranking.criteria import rotation, salt
from services.matching.ranking.explain import Ranked


@dataclass(frozen=True, slots=True)
class Chance:
    """`chosen_at` is when they were chosen last in this programme; None: never."""

    ranked: Ranked
    chosen_at: Any
    turn: int

    @property
    def order(self) -> tuple[bool, float, bool, str, int]:
        """Suiting first, then the score; then never chosen, then longest ago; then whose turn it is this time."""
        longest = "" if self.chosen_at is None else self.chosen_at.isoformat()
        score = -round(self.ranked.score, 4)
        return bool(self.ranked.why_not), score, self.chosen_at is not None, longest, self.turn


async def chances(
    reading: ReadModels, ranking: Candidates, tenant: str, search: Search, helper_ids: Iterable[str]
) -> list[Chance]:
    """Best first. Who is kept apart from the asker is absent (S2.9)."""
    known = {one["_id"].partition("/")[2]: one for one in await _people(reading, tenant, helper_ids)}
    found = []
    for helper_id, person in known.items():
        try:
            ranked = await ranking.look_at(tenant, search, helper_id)
        except HelperNotFound:
            continue
        turn = rotation(salt(helper_id), salt(search.request_id))
        found.append(Chance(ranked, person["chosen_at"].get(search.programme), turn))
    return sorted(found, key=lambda chance: chance.order)


async def _people(reading: ReadModels, tenant: str, helper_ids: Iterable[str]) -> list[dict[str, Any]]:
    names = [f"{tenant}/{helper_id}" for helper_id in helper_ids]
    return await reading.find(candidates, tenant, {"_id": {"$in": names}}, limit=0)
