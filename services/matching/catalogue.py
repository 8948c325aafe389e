"""The catalogue of standing offers, as a member or a coordinator may see it (S1.10).

A member sees what is offered and in which words, never by whom. Who wishes to be left in peace, is not approved now, or
is kept apart from the member is not in it, and nothing tells that somebody is missing (S2.9, S3.30).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld, NotFound
from contracts.base import JsonObject
from contracts.envelope import StreamId
from contracts.sealed import Redacted, Sealed
from services.matching.domain.approval import PEOPLE_ARE_FRESH_FOR, why_unapproved
from services.matching.domain.helper import helper
from services.matching.pairs import Pairs
from services.matching.policies import KnownPolicy, Policies
from services.matching.projections.askings import times_asked
from services.matching.projections.candidates import PAIRS, candidates
from services.matching.projections.offers import offers_by_id, offers_of, offers_oldest_first
from services.matching.shown_offers import ShownOffer, asked_since, is_ready

_AT_A_TIME = 200


class CatalogueNotFound(NotFound):
    rule, sentence = "catalogue_not_found", "There is no catalogue here for you by that name."


class Catalogue:
    def __init__(
        self,
        commands: CommandHandler,
        reading: ReadModels,
        keyring: Keyring,
        *,
        pairs: Pairs,
        policies: Policies,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._pairs = pairs
        self._policies = policies
        self._clock = clock

    async def for_member(
        self, tenant: str, person_id: str, programme: str | None, *, category: str | None, after: Any, limit: int
    ) -> list[ShownOffer]:
        """At most `limit` offers of others in the programmes whose approved member they are now.

        Raises CatalogueNotFound where they are none in the one they ask for.
        """
        known = await self._as_member(tenant, person_id, programme)
        if self._clock.now() - await self._reading.facts_as_of(candidates) > PEOPLE_ARE_FRESH_FOR:
            raise FactsTooOld("who is kept apart")

        async def batch(last: Any) -> list[JsonObject]:
            return await offers_by_id(self._reading, tenant, [*known], category=category, after=last, limit=_AT_A_TIME)

        async def shown(found: Sequence[JsonObject]) -> list[ShownOffer]:
            others = [one for one in found if one["helper_id"] != person_id]
            return await self._opened(tenant, await self._visible(tenant, others, known, seen_by=person_id))

        return await _gather(batch, shown, key=lambda one: one["offer_id"], after=after, limit=limit)

    async def for_coordinator(
        self,
        tenant: str,
        programme: str | None,
        *,
        category: str | None = None,
        only_unused: bool = False,
        after: Any,
        limit: int,
    ) -> list[ShownOffer]:
        """At most `limit` offers, the oldest first, with who offers and how often it was asked for.

        Who could not be asked now is left out: not approved, or in fristed.
        """

        async def batch(last: Any) -> list[JsonObject]:
            return await offers_oldest_first(
                self._reading, tenant, programme, category=category, after=last, limit=_AT_A_TIME
            )

        async def shown(found: Sequence[JsonObject]) -> list[ShownOffer]:
            ready = await self._ready(tenant, found)
            asked = await times_asked(self._reading, tenant, [one["helper_id"] for one in ready])
            counted = [one | {"asked_for": asked_since(one, asked)} for one in ready]
            opened = await self._opened(tenant, counted)
            return [one for one in opened if one.is_unused or not only_unused]

        return await _gather(batch, shown, key=lambda one: [one["made_at"], one["offer_id"]], after=after, limit=limit)

    async def of_person(
        self, tenant: str, person_id: str, *, limit: int, at_least: Position | None = None
    ) -> list[ShownOffer]:
        """Their own."""
        found = await offers_of(self._reading, tenant, person_id, limit=limit, at_least=at_least)
        return await self._opened(tenant, found)

    async def _as_member(self, tenant: str, person_id: str, programme: str | None) -> dict[str, KnownPolicy]:
        """The same word for a programme that is not there and one that they are no member of."""
        ready = await self._commands.state(helper, StreamId(tenant, "helper", person_id))
        known: dict[str, KnownPolicy] = {}
        for code, listing in ready.state.listings.items():
            if programme in (None, code):
                policy = await self._policies.known(tenant, code)
                if why_unapproved(listing, policy.at(self._clock.now())) is None:
                    known[code] = policy
        if programme is not None and not known:
            raise CatalogueNotFound()
        return known

    async def _visible(
        self, tenant: str, found: Sequence[JsonObject], known: Mapping[str, KnownPolicy], *, seen_by: str
    ) -> list[JsonObject]:
        """Those that this member may see: in one look, so that nobody is newer than the blocks."""
        helper_ids = {one["helper_id"] for one in found}
        tokens = {f"{tenant}/{PAIRS}{self._pairs.token(tenant, seen_by, one)}": one for one in helper_ids}
        people = await self._documents(tenant, [*(f"{tenant}/{one}" for one in helper_ids), *tokens])
        apart = {helper_id for name, helper_id in tokens.items() if name in people}
        return [one for one in self._askable(tenant, found, people, known) if one["helper_id"] not in apart]

    async def _ready(self, tenant: str, found: Sequence[JsonObject]) -> list[JsonObject]:
        """Those whose helpers could be asked now."""
        known = {code: await self._policies.known(tenant, code) for code in {one["programme"] for one in found}}
        people = await self._documents(tenant, [f"{tenant}/{one}" for one in {one["helper_id"] for one in found}])
        return self._askable(tenant, found, people, known)

    async def _documents(self, tenant: str, names: Sequence[str]) -> dict[str, JsonObject]:
        found = await self._reading.find(candidates, tenant, {"_id": {"$in": list(names)}}, limit=0)
        return {one["_id"]: one for one in found}

    def _askable(
        self,
        tenant: str,
        found: Sequence[JsonObject],
        people: Mapping[str, JsonObject],
        known: Mapping[str, KnownPolicy],
    ) -> list[JsonObject]:
        now = self._clock.now()
        return [
            one
            for one in found
            if is_ready(people.get(f"{tenant}/{one['helper_id']}"), one["programme"], known, now=now)
        ]

    async def _opened(self, tenant: str, found: Sequence[JsonObject]) -> list[ShownOffer]:
        """What was erased is absent."""
        sealed: list[Sealed[str]] = [Sealed(one["words"]["subject"], one["words"]["sealed"]) for one in found]
        texts = await self._keyring.open_many(tenant, sealed)
        return [
            ShownOffer(
                offer_id=one["offer_id"],
                helper_id=one["helper_id"],
                programme=one["programme"],
                category=one["category"],
                words=text,
                made_at=one["made_at"],
                asked_for=one.get("asked_for", 0),
                became_activity=one["became_activity"],
            )
            for one, text in zip(found, texts, strict=True)
            if not isinstance(text, Redacted)
        ]


async def _gather(
    batch: Callable[[Any], Awaitable[list[JsonObject]]],
    shown: Callable[[Sequence[JsonObject]], Awaitable[list[ShownOffer]]],
    *,
    key: Callable[[JsonObject], Any],
    after: Any,
    limit: int,
) -> list[ShownOffer]:
    """Batch after batch until `limit` offers are shown, or there are no more."""
    gathered: list[ShownOffer] = []
    while len(gathered) < limit:
        found = await batch(after)
        gathered += await shown(found)
        if len(found) < _AT_A_TIME:
            break
        after = key(found[-1])
    return gathered[:limit]
