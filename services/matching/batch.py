"""A suggestion for a programme's waiting list: who could be proposed to whom, explained pair by pair (S2.30).

Nothing follows from it by itself: a coordinator picks each pair, or does not, the way any candidate is picked.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, TypeVar

from chassis.clock import Clock
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.base import JsonObject
from services.matching.candidates import Candidates
from services.matching.domain.approval import PEOPLE_ARE_FRESH_FOR
from services.matching.domain.search_state import Search, Status
from services.matching.projections.proposals import proposals, proposed_for
from services.matching.projections.searches import searches, waiting_for_somebody, wishes_in
from services.matching.ranking.batch import NOBODY, Waiting
from services.matching.ranking.explain import Ranked
from services.matching.ranking.kernel import best
from services.matching.ranking.own_process import assign_elsewhere
from services.matching.ranking.rank import look_at
from services.matching.ranking.table import HelperTable

AT_MOST = 1000
# Between awaits so many requests are worked on: others are answered meanwhile.
_AT_ONCE = 25
_LOOKED_AT_FOR_BLOCKS = 200

WhyNobody = Literal[
    "not_waiting", "requester_fristed", "category_does_not_fit", "nobody_suits", "needed_elsewhere", "changed_meanwhile"
]


@dataclass(frozen=True, slots=True)
class Suggested:
    """One request, and the helper who could be proposed for it; else why there is nobody."""

    search: Search
    ranked: Ranked | None
    why_nobody: WhyNobody | None = None


@dataclass(slots=True)
class _Asked:
    search: Search
    waiting: Waiting

    def keep_apart(self, helper_ids: frozenset[str]) -> None:
        question = self.waiting.question
        apart = replace(question, kept_apart=question.kept_apart | helper_ids)
        self.waiting = replace(self.waiting, question=apart)

    def why_nobody(self, *, suits: bool) -> WhyNobody:
        if self.waiting.question.requester_in_peace:
            return "requester_fristed"
        if not self.waiting.question.terms.category_fits:
            return "category_does_not_fit"
        return "needed_elsewhere" if suits else "nobody_suits"


class Batch:
    """Makes suggestions from what is known now. The optimum is found in a process of its own."""

    def __init__(self, candidates: Candidates, reading: ReadModels, clock: Clock) -> None:
        self._candidates = candidates
        self._reading = reading
        self._clock = clock

    async def require_fresh_facts(self, tenant: str, programme: str) -> None:
        """Raises FactsTooOld where a suggestion would rest on what was known more than a minute ago."""
        await self._candidates.facts(tenant, programme)
        oldest = min([await self._reading.facts_as_of(model) for model in (searches, proposals)])
        if self._clock.now() - oldest > PEOPLE_ARE_FRESH_FOR:
            raise FactsTooOld("who waits")

    async def suggest(self, tenant: str, programme: str, request_ids: Sequence[str] | None) -> list[Suggested]:
        """For these requests, or for the thousand that have waited longest. Raises FactsTooOld, NotSolved."""
        await self.require_fresh_facts(tenant, programme)
        asked = await self._asked(tenant, programme, request_ids)
        _, table = await self._candidates.facts(tenant, programme)
        while True:
            ids = list(table.ids)  # rows move when the table changes, as it may while we wait
            found = await assign_elsewhere(table, [one.waiting for one in asked])
            given = [None if row == NOBODY else ids[row] for row in found.rows]
            if await self._nobody_is_apart(tenant, table, list(zip(given, asked, strict=True))):
                break
        suggested: list[Suggested] = []
        async for place, one in _by_and_by(asked):
            suggested.append(_explained(table, one, given[place], suits=found.suits[place]))
        return suggested + _not_waiting(request_ids, asked)

    async def as_known_now(self, tenant: str, suggested: Sequence[Suggested]) -> tuple[Suggested, ...]:
        """Without pairs that have been kept apart since: that looks like any other change (S2.9)."""
        shown = []
        async for _, one in _by_and_by(suggested):
            is_apart = one.ranked and self._candidates.apart(tenant, one.search, [one.ranked.helper_id])
            shown.append(Suggested(one.search, None, "changed_meanwhile") if is_apart else one)
        return tuple(shown)

    async def _asked(self, tenant: str, programme: str, request_ids: Sequence[str] | None) -> list[_Asked]:
        documents = await waiting_for_somebody(self._reading, tenant, programme, request_ids=request_ids, limit=AT_MOST)
        proposed = await proposed_for(self._reading, tenant, [document["request_id"] for document in documents])
        known, _ = await self._candidates.facts(tenant, programme)
        searches_found = [_search(document) for document in documents]
        wished = await self._candidates.wishes(tenant, [search.wishes for search in searches_found])
        asked = []
        async for place, search in _by_and_by(searches_found):
            question = replace(
                self._candidates.question(tenant, search, wished[place], known=known),
                proposed=frozenset(proposed.get(search.request_id, ())),
                kept_apart=self._candidates.known_apart(tenant, search),
            )
            asked.append(_Asked(search, Waiting(question, search.needed_since)))
        return asked

    async def _nobody_is_apart(
        self, tenant: str, table: HelperTable, given: Sequence[tuple[str | None, _Asked]]
    ) -> bool:
        """Whether no pair of the suggestion is held (S2.9). Who has one is asked for again, without those held.

        A token costs more than a score: only pairs that would be shown are asked about, and where one is held, those
        that could come instead.
        """
        is_fine = True
        async for _, (helper_id, one) in _by_and_by(given):
            if helper_id is None or not self._candidates.apart(tenant, one.search, [helper_id]):
                continue
            is_fine = False
            rows = best(table, one.waiting.question, limit=_LOOKED_AT_FOR_BLOCKS).rows.tolist()
            nearby = [helper_id, *(table.ids[row] for row in rows)]
            one.keep_apart(self._candidates.apart(tenant, one.search, nearby))
            self._candidates.remember_apart(tenant, one.search, one.waiting.question.kept_apart)
        return is_fine


Item = TypeVar("Item")


async def _by_and_by(items: Sequence[Item]) -> AsyncIterator[tuple[int, Item]]:
    """The items with their places, letting others run after every few."""
    for place, item in enumerate(items):
        if place % _AT_ONCE == 0:
            await asyncio.sleep(0)
        yield place, item


def _explained(table: HelperTable, one: _Asked, helper_id: str | None, *, suits: bool) -> Suggested:
    if helper_id is None:
        return Suggested(one.search, None, one.why_nobody(suits=suits))
    ranked = look_at(table, helper_id, one.waiting.question)
    if ranked.why_not:
        return Suggested(one.search, None, "changed_meanwhile")
    return Suggested(one.search, ranked)


def _not_waiting(request_ids: Sequence[str] | None, asked: Sequence[_Asked]) -> list[Suggested]:
    """Also what another tenant's request looks like."""
    known = {one.search.request_id for one in asked}
    missing = [request_id for request_id in dict.fromkeys(request_ids or ()) if request_id not in known]
    return [Suggested(Search(request_id=request_id), None, "not_waiting") for request_id in missing]


def _search(document: JsonObject) -> Search:
    return Search(
        status=Status.OPEN,
        request_id=document["request_id"],
        person_id=document["person_id"],
        programme=document["programme"],
        category=document["category"],
        needed_since=date.fromisoformat(document["needed_since"]),
        wishes=wishes_in(document),
    )
