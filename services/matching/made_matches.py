"""A match together with the policy it goes by: what every command on it needs to know first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chassis.clock import Clock
from chassis.command_handler import CommandHandler, Context, Outcome
from contracts.envelope import StreamId
from contracts.matching import MatchMade
from services.matching.domain.match_commands import Command, MatchNotFound
from services.matching.domain.match_rhythm import Rhythm
from services.matching.domain.match_state import Match
from services.matching.domain.pairing import pairing
from services.matching.policies import KnownPolicy, Policies


@dataclass(frozen=True, slots=True)
class MadeMatch:
    """A match that was made, and the policy in force as this service knows it `now`."""

    stream: StreamId
    made: MatchMade
    known: KnownPolicy
    now: datetime

    @property
    def rhythm(self) -> Rhythm:
        return Rhythm.of(self.known.policy)

    def programme_paused(self) -> bool:
        """Raises FactsTooOld where that may have changed unheard."""
        self.known.at(self.now).require_fresh(self.now)
        return self.known.paused


class MadeMatches:
    """Finds matches and asks of them."""

    def __init__(self, commands: CommandHandler, policies: Policies, clock: Clock) -> None:
        self._commands = commands
        self._policies = policies
        self._clock = clock

    async def find(self, tenant: str, match_id: str, *, not_before: datetime | None = None) -> MadeMatch:
        """Raises MatchNotFound. A timer's clock may stand a little before its due time, `not_before`, which was rounded
        up to the millisecond."""
        stream = StreamId(tenant, "match", match_id)
        made = (await self._commands.state(pairing, stream)).state.made
        if made is None:
            raise MatchNotFound()
        now = self._clock.now()
        known = await self._policies.known(tenant, made.programme)
        return MadeMatch(stream, made, known, now if not_before is None else max(now, not_before))

    async def ask(
        self, found: MadeMatch, command: Command, *, context: Context, expected_version: int | None = None
    ) -> Outcome[Match]:
        return await self._commands.handle(
            pairing, found.stream, command, context=context, expected_version=expected_version
        )


class HelpersMatches(Protocol):
    async def of_helper(self, tenant: str, helper_id: str, programme: str, *, known_since: datetime) -> list[str]:
        """The ids of all live matches; none that was published before `known_since` is missing.

        Raises FactsTooOld, which is retryable, while that is not known.
        """
