"""Candidates for a search, on what is known now: the table of the programme, the policy in force, the day it is."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from chassis.clock import Clock
from chassis.keyring import Keyring, open_models
from chassis.refusal import FactsTooOld
from contracts.intake import Wishes
from contracts.sealed import Sealed
from services.matching.domain.approval import PEOPLE_ARE_FRESH_FOR
from services.matching.domain.helper_commands import HelperNotFound
from services.matching.domain.search_state import Search
from services.matching.pairs import Pairs
from services.matching.people import People
from services.matching.policies import KnownPolicy, Policies
from services.matching.ranking.criteria import Question, Terms
from services.matching.ranking.explain import Ranked
from services.matching.ranking.rank import look_at, pass_over, rank
from services.matching.ranking.table import HelperTable

_NOBODY: frozenset[str] = frozenset()
_REMEMBERED = 10_000


class Tables(Protocol):
    """The helpers of a programme and what is known of a tenant's people; CandidateTables answers it."""

    async def of(self, tenant: str, programme: str) -> HelperTable: ...
    def people(self, tenant: str) -> People: ...
    async def as_of(self) -> datetime: ...


class Candidates:
    """Ranks and explains; a person decides (S2.30).

    Raises FactsTooOld while no policy is known, and where blocks are known from more than a minute ago (S2.9).
    """

    def __init__(self, tables: Tables, policies: Policies, keyring: Keyring, *, pairs: Pairs, clock: Clock) -> None:
        self._tables = tables
        self._policies = policies
        self._keyring = keyring
        self._pairs = pairs
        self._clock = clock
        self._people_as_of = datetime.min.replace(tzinfo=UTC)
        self._found_apart: dict[tuple[str, str], frozenset[str]] = {}

    async def best(self, tenant: str, search: Search, *, limit: int) -> list[Ranked]:
        """The best `limit` helpers against whom no hard rule stands, without those who are kept apart."""
        return await self._found(tenant, search, partial(rank, limit=limit))

    async def passed_over(self, tenant: str, search: Search, *, limit: int) -> list[Ranked]:
        """`limit` helpers against whom a hard rule stands, with all of them, without those who are kept apart."""
        return await self._found(tenant, search, partial(pass_over, limit=limit))

    async def _found(
        self, tenant: str, search: Search, find: Callable[[HelperTable, Question], list[Ranked]]
    ) -> list[Ranked]:
        known, table = await self.facts(tenant, search.programme)
        [wishes] = await self.wishes(tenant, [search.wishes])
        question = replace(
            self.question(tenant, search, wishes, known=known),
            kept_apart=self.known_apart(tenant, search),
        )
        while True:
            # Only those who would be shown are asked about: a token for each of thousands would cost more than ranking.
            found = find(table, question)
            apart = self.apart(tenant, search, [one.helper_id for one in found])
            if not apart:
                return found
            question = replace(question, kept_apart=question.kept_apart | apart)
            self.remember_apart(tenant, search, question.kept_apart)

    async def look_at(self, tenant: str, search: Search, helper_id: str) -> Ranked:
        """One helper, suiting or not, with every rule that stands against them.

        Raises HelperNotFound for who never was a helper here, and in the same words for who is kept apart (S2.9).
        """
        known, table = await self.facts(tenant, search.programme)
        if table.row_of(helper_id) is None or self.apart(tenant, search, [helper_id]):
            raise HelperNotFound()
        [wishes] = await self.wishes(tenant, [search.wishes])
        return look_at(table, helper_id, self.question(tenant, search, wishes, known=known))

    def apart(self, tenant: str, search: Search, helper_ids: Collection[str]) -> frozenset[str]:
        """Those of them who are kept apart from who asks."""
        held = self._tables.people(tenant).held_pairs
        if not held:
            return _NOBODY
        return frozenset(one for one in helper_ids if self._pairs.token(tenant, search.person_id, one) in held)

    def known_apart(self, tenant: str, search: Search) -> frozenset[str]:
        """Those found apart before who still are: asked about first, so that one ranking is mostly enough."""
        return self.apart(tenant, search, self._found_apart.get((tenant, search.person_id), _NOBODY))

    def remember_apart(self, tenant: str, search: Search, helper_ids: frozenset[str]) -> None:
        """Who was found apart is asked about first the next time, so that one ranking is enough."""
        if len(self._found_apart) >= _REMEMBERED:
            self._found_apart.clear()
        self._found_apart[tenant, search.person_id] = helper_ids

    async def facts(self, tenant: str, programme: str) -> tuple[KnownPolicy, HelperTable]:
        """What questions about the programme rest on, as it is known now."""
        await self._require_fresh_people()
        return await asyncio.gather(self._policies.known(tenant, programme), self._tables.of(tenant, programme))

    async def _require_fresh_people(self) -> None:
        """What was known up to an instant stays known: it is asked again only when that is half too old."""
        now = self._clock.now()
        if not timedelta(0) <= now - self._people_as_of < PEOPLE_ARE_FRESH_FOR / 2:
            self._people_as_of = await self._tables.as_of()
        if now - self._people_as_of > PEOPLE_ARE_FRESH_FOR:
            raise FactsTooOld("who is kept apart")

    async def wishes(self, tenant: str, sealed: Sequence[Sealed[Wishes] | None]) -> list[Wishes]:
        """What is wished, opened, in one round trip; who was erased wishes for nothing."""
        return [wishes or Wishes() for wishes in await open_models(self._keyring, tenant, Wishes, sealed)]

    def question(self, tenant: str, search: Search, wishes: Wishes, *, known: KnownPolicy) -> Question:
        """What is asked of every helper for this search. `kept_apart` is still empty."""
        now, people = self._clock.now(), self._tables.people(tenant)
        if search.person_id in people.protected:
            # How near somebody lives would tell where the other lives (S2.9).
            wishes = wishes.model_copy(update={"area": None})
        return Question(
            request_id=search.request_id,
            requester_id=search.person_id,
            wishes=wishes,
            category=search.category,
            terms=terms_of(known, search.category),
            today=known.day_of(now),
            now=now,
            proposed=frozenset(proposal.helper_id for proposal in search.proposals.values()),
            experienced=people.experienced if wishes.lived_experience else frozenset(),
            requester_in_peace=search.person_id in people.in_peace,
        )


def terms_of(known: KnownPolicy, category: str | None) -> Terms:
    """What ranking needs of a policy. A matter with an authority is no task for helpers (S3.77)."""
    policy = known.policy
    for_authorities = any(kind.code == category and kind.by == "authority" for kind in policy.categories)
    return Terms(known.version, frozenset(policy.roles), policy.weights, category_fits=not for_authorities)
