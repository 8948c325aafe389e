"""Activities with their sessions, as somebody who might come sees them.

An activity led or supported by somebody who is kept apart from the viewer is not there, nor a session for which such a
person has signed up; nothing tells that it is missing (S2.9). Who has signed up themselves still sees it, to withdraw.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chassis.clock import Clock
from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.position import Position
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.base import JsonObject
from contracts.envelope import StreamId
from contracts.sealed import Redacted, Sealed
from services.matching.domain.activity import Activity, activity
from services.matching.domain.approval import PEOPLE_ARE_FRESH_FOR
from services.matching.domain.session import Session, session
from services.matching.domain.session_commands import SessionNotFound
from services.matching.pairs import Pairs
from services.matching.projections.activities import activities_called, activities_in
from services.matching.projections.candidates import PAIRS, candidates
from services.matching.projections.sessions import sessions_of

_AT_A_TIME = 100


@dataclass(frozen=True, slots=True)
class Gathering:
    """An activity's document, its title and what is done in it (None: erased), and its sessions, the soonest first."""

    activity: JsonObject
    title: str | None
    what_we_do: str | None
    sessions: Sequence[JsonObject]

    @property
    def words(self) -> JsonObject:
        return {"title": self.title, "what_we_do": self.what_we_do}


class Gatherings:
    def __init__(
        self, commands: CommandHandler, reading: ReadModels, keyring: Keyring, *, pairs: Pairs, clock: Clock
    ) -> None:
        self._commands = commands
        self._reading = reading
        self._keyring = keyring
        self._pairs = pairs
        self._clock = clock

    async def published(
        self,
        tenant: str,
        person_id: str,
        *,
        programme: str | None,
        after: Any,
        limit: int,
        at_least: Position | None = None,
    ) -> list[Gathering]:
        """At most `limit` published activities with their coming sessions, the newest first."""
        shown: list[Gathering] = []
        while len(shown) < limit:
            found = await activities_in(
                self._reading,
                tenant,
                "published",
                programme=programme,
                after=after,
                limit=_AT_A_TIME,
                at_least=at_least,
            )
            shown += await self._seen_by(tenant, person_id, await self.of(tenant, found, only_coming=True))
            if len(found) < _AT_A_TIME:
                break
            after = place_in_list(found[-1])
        return shown[:limit]

    async def of(
        self, tenant: str, found: Sequence[JsonObject], *, only_coming: bool, at_least: Position | None = None
    ) -> list[Gathering]:
        """These activities with their words opened, in two round trips."""
        coming_at = self._clock.now() if only_coming else None
        names = [one["activity_id"] for one in found]
        dated = await sessions_of(self._reading, tenant, names, coming_at=coming_at, at_least=at_least)
        words = [one[field] for one in found for field in ("title", "what_we_do")]
        sealed: list[Sealed[str]] = [Sealed(word["subject"], word["sealed"]) for word in words]
        opened = await self._keyring.open_many(tenant, sealed)
        texts = [None if isinstance(text, Redacted) else text for text in opened]
        return [
            Gathering(one, title, what_we_do, dated[one["activity_id"]])
            for one, title, what_we_do in zip(found, texts[::2], texts[1::2], strict=True)
        ]

    async def titles(self, tenant: str, activity_ids: Collection[str]) -> dict[str, str]:
        """By activity; one that was erased is not there."""
        found = await activities_called(self._reading, tenant, activity_ids)
        sealed: list[Sealed[str]] = [Sealed(one["title"]["subject"], one["title"]["sealed"]) for one in found]
        opened = zip(found, await self._keyring.open_many(tenant, sealed), strict=True)
        return {one["activity_id"]: title for one, title in opened if not isinstance(title, Redacted)}

    async def activity(self, tenant: str, activity_id: str) -> Activity:
        """As its own stream has it."""
        return (await self._commands.state(activity, StreamId(tenant, "activity", activity_id))).state

    async def open_to(self, tenant: str, person_id: str, session_id: str) -> Session:
        """The session, if this person may know of it. Raises SessionNotFound."""
        found = (await self._commands.state(session, StreamId(tenant, "session", session_id))).state
        hosted = await self.activity(tenant, found.activity_id) if found.activity_id else Activity()
        for host in filter(None, (hosted.lead_id, hosted.supporter_id)):
            # The pair's own stream is exact, which for all who have signed up would be too many to ask.
            if await self._pairs.are_barred(tenant, person_id, host):
                raise SessionNotFound()
        if person_id not in found.enrolled and await self._apart(tenant, person_id, found.enrolled):
            raise SessionNotFound()
        return found

    async def _seen_by(self, tenant: str, person_id: str, found: Sequence[Gathering]) -> list[Gathering]:
        others = {who for one in found for who in (*_hosts(one.activity), *_signed_up(one.sessions))}
        apart = await self._apart(tenant, person_id, others - {person_id})
        return [
            replace(
                one,
                sessions=[
                    dated
                    for dated in one.sessions
                    if person_id in dated["enrolled"] or not apart & set(dated["enrolled"])
                ],
            )
            for one in found
            if not apart & _hosts(one.activity)
        ]

    async def _apart(self, tenant: str, person_id: str, others: Collection[str]) -> set[str]:
        """Those of them who are kept apart from this person. Raises FactsTooOld where a block may be unheard."""
        if self._clock.now() - await self._reading.facts_as_of(candidates) > PEOPLE_ARE_FRESH_FOR:
            raise FactsTooOld("who is kept apart")
        tokens: Mapping[str, str] = {
            f"{tenant}/{PAIRS}{self._pairs.token(tenant, person_id, other)}": other for other in others
        }
        found = await self._reading.find(candidates, tenant, {"_id": {"$in": list(tokens)}}, limit=0)
        return {tokens[document["_id"]] for document in found}


def place_in_list(document: JsonObject) -> list[str]:
    """After which the next part of a list begins."""
    return [document["changed_at"].isoformat(), document["activity_id"]]


def _hosts(document: JsonObject) -> set[str]:
    return {document["lead_id"], document["supporter_id"]} - {None}


def _signed_up(dated: Sequence[JsonObject]) -> set[str]:
    return {person_id for one in dated for person_id in one["enrolled"]}
