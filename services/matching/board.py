"""The board on which members see open tenders. What a member may not see is not there, in the same words and steps."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.base import JsonObject
from contracts.envelope import StreamId
from services.matching.domain.approval import PEOPLE_ARE_FRESH_FOR, why_unapproved
from services.matching.domain.helper import helper
from services.matching.domain.tender_commands import TenderNotFound
from services.matching.pairs import Pairs
from services.matching.policies import KnownPolicy, Policies
from services.matching.projections.candidate_seals import NOTHING_TOLD, told_in
from services.matching.projections.candidates import PAIRS, area_in, candidates
from services.matching.projections.tenders import open_tenders, tender_called
from services.matching.ranking.criteria import folded

_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Member:
    """What decides which tenders somebody sees: where they are approved now, where they live, what they offer."""

    person_id: str
    programmes: Mapping[str, KnownPolicy]
    area: str | None
    offers: frozenset[tuple[str, str]]
    in_peace: bool

    def may_answer(self, tender: JsonObject) -> bool:
        """Whether it is put to them, open or not; never to who asks (S1.14)."""
        narrowed = tender["audience"]
        return (
            tender["programme"] in self.programmes
            and tender["person_id"] != self.person_id
            and not self.in_peace
            and (not narrowed["areas"] or self._lives_in(narrowed["areas"]))
            and (not narrowed["offering"] or (tender["programme"], tender["category"]) in self.offers)
        )

    def sees_open(self, tender: JsonObject, now: datetime) -> bool:
        """Whether it hangs on the board: in a pause, and while one who answered is asked, nothing does (S2.29)."""
        pauses = self.programmes[tender["programme"]].pauses
        closed = pauses.have_let_pass(tender["opens_at"], tender["closes_at"], now)
        return tender["state"] == "open" and not closed and not pauses.are_on

    def _lives_in(self, areas: list[str]) -> bool:
        return self.area is not None and folded(self.area) in {folded(area) for area in areas}


class Board:
    def __init__(
        self,
        commands: CommandHandler,
        reading: ReadModels,
        keyring: Keyring,
        *,
        policies: Policies,
        pairs: Pairs,
        clock: Clock,
    ) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._policies = policies
        self._pairs = pairs
        self._clock = clock

    async def open_for(
        self, tenant: str, person_id: str, *, after: Any, limit: int, at_least: Position | None
    ) -> list[JsonObject]:
        """The tenders that somebody may answer now, at most `limit`. Raises FactsTooOld where blocks may be unheard."""
        member = await self._member(tenant, person_id)
        shown: list[JsonObject] = []
        while member.programmes and len(shown) < limit:
            found = await open_tenders(
                self._reading, tenant, [*member.programmes], after=after, limit=_AT_ONCE, at_least=at_least
            )
            shown += await self._visible(tenant, member, found)
            if len(found) < _AT_ONCE:
                break
            after = found[-1]["tender_id"]
        return shown[:limit]

    async def open_one(
        self, tenant: str, person_id: str, tender_id: str, *, at_least: Position | None = None
    ) -> JsonObject:
        """Raises TenderNotFound."""
        member, found = await self._look_for(tenant, person_id, tender_id, at_least=at_least)
        if found is None or not member.sees_open(found, self._clock.now()):
            raise TenderNotFound()
        return found

    async def put_to(self, tenant: str, person_id: str, tender_id: str) -> tuple[JsonObject, KnownPolicy]:
        """The tender, open or not any more, if it was ever put to this member. Raises TenderNotFound."""
        member, found = await self._look_for(tenant, person_id, tender_id, at_least=None)
        if found is None:
            raise TenderNotFound()
        return found, member.programmes[found["programme"]]

    async def _look_for(
        self, tenant: str, person_id: str, tender_id: str, *, at_least: Position | None
    ) -> tuple[Member, JsonObject | None]:
        """The same look-ups whether there is a tender or not: nobody learns by the clock that there is one."""
        member = await self._member(tenant, person_id)
        found = await tender_called(self._reading, tenant, tender_id, at_least=at_least)
        asker = tender_id if found is None else found["person_id"]
        is_kept = await self._kept_from(tenant, person_id, {asker})
        if found is None or is_kept or not member.may_answer(found):
            return member, None
        return member, found

    async def _visible(self, tenant: str, member: Member, found: list[JsonObject]) -> list[JsonObject]:
        now = self._clock.now()
        fitting = [one for one in found if member.may_answer(one) and member.sees_open(one, now)]
        kept = await self._kept_from(tenant, member.person_id, {one["person_id"] for one in fitting})
        return [one for one in fitting if one["person_id"] not in kept]

    async def _kept_from(self, tenant: str, person_id: str, askers: set[str]) -> set[str]:
        """Those of them who are held apart from this person, or wish to be left in peace (S2.9, S3.30)."""
        tokens = {asker: PAIRS + self._pairs.token(tenant, asker, person_id) for asker in askers}
        names = [f"{tenant}/{name}" for name in (*askers, *tokens.values())]
        found = await self._reading.find(candidates, tenant, {"_id": {"$in": names}}, limit=0)
        known = {one["_id"].partition("/")[2]: one for one in found}
        return {asker for asker in askers if tokens[asker] in known or known.get(asker, {}).get("in_peace", False)}

    async def _member(self, tenant: str, person_id: str) -> Member:
        now = self._clock.now()
        if now - await self._reading.facts_as_of(candidates) > PEOPLE_ARE_FRESH_FOR:
            raise FactsTooOld("who is kept apart")
        ready = (await self._commands.state(helper, StreamId(tenant, "helper", person_id))).state
        listings = ready.listings
        known = {programme: await self._policies.known(tenant, programme) for programme in listings}
        for policy in known.values():
            policy.at(now).require_fresh(now)
        approved = {
            programme: policy
            for programme, policy in known.items()
            if why_unapproved(listings[programme], policy.at(now)) is None
        }
        profile = await self._reading.get(candidates, tenant, person_id) or {}
        offers = frozenset((offer.programme, offer.category) for offer in ready.offers.live.values())
        [told] = await told_in(self._keyring, [profile]) if profile else [NOTHING_TOLD]
        area = area_in(profile, told.profile) if profile else None
        return Member(person_id, approved, area, offers, in_peace=profile.get("in_peace", False))
