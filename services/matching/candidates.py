"""Candidates for a search, on what is known now: the table of the programme, the policy in force, the day it is."""

import asyncio

from chassis.clock import Clock
from services.matching.domain.search_state import Search
from services.matching.policies import KnownPolicy, Policies
from services.matching.projections.candidate_tables import CandidateTables
from services.matching.ranking.criteria import Question, Terms
from services.matching.ranking.explain import Ranked
from services.matching.ranking.rank import look_at, rank
from services.matching.ranking.table import HelperTable


class Candidates:
    """Ranks and explains; a person decides (S2.30). Raises FactsTooOld while no policy is known."""

    def __init__(self, tables: CandidateTables, policies: Policies, clock: Clock) -> None:
        self._tables = tables
        self._policies = policies
        self._clock = clock

    async def best(self, tenant: str, search: Search, *, limit: int) -> list[Ranked]:
        """The best `limit` helpers against whom no hard rule stands."""
        known, table = await self._facts(tenant, search.programme)
        return rank(table, self._question(search, known), limit=limit)

    async def look_at(self, tenant: str, search: Search, helper_id: str) -> Ranked:
        """One helper, suiting or not, with every rule that stands against them."""
        known, table = await self._facts(tenant, search.programme)
        return look_at(table, helper_id, self._question(search, known))

    async def _facts(self, tenant: str, programme: str) -> tuple[KnownPolicy, HelperTable]:
        return await asyncio.gather(self._policies.known(tenant, programme), self._tables.of(tenant, programme))

    def _question(self, search: Search, known: KnownPolicy) -> Question:
        now = self._clock.now()
        return Question(
            request_id=search.request_id,
            requester_id=search.person_id,
            wishes=search.wishes,
            category=search.category,
            terms=terms_of(known, search.category),
            today=known.day_of(now),
            now=now,
            proposed=frozenset(proposal.helper_id for proposal in search.proposals.values()),
        )


def terms_of(known: KnownPolicy, category: str | None) -> Terms:
    """What ranking needs of a policy. A matter with an authority is no task for helpers (S3.77)."""
    policy = known.policy
    for_authorities = any(kind.code == category and kind.by == "authority" for kind in policy.categories)
    return Terms(known.version, frozenset(policy.roles), policy.weights, category_fits=not for_authorities)
