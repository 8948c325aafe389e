"""Which two people are never brought together (S2.9): asked by token, a keyed hash of both ids."""

from functools import lru_cache

from chassis.command_handler import CommandHandler, Context
from chassis.keyring import Keyring
from contracts.envelope import RecordedEvent, StreamId
from contracts.intake import PAIR, pair_value
from services.matching.domain.guard import Engagement, EngagePair, guard

_REMEMBERED_TOKENS = 20_000


class Pairs:
    """Answers from the pair's own stream, which no read model's lag can falsify."""

    def __init__(self, commands: CommandHandler, keyring: Keyring) -> None:
        self._commands = commands
        self._token = lru_cache(_REMEMBERED_TOKENS)(lambda tenant, value: keyring.fingerprint(tenant, PAIR, value))

    def token(self, tenant: str, one: str, other: str) -> str:
        """The same for both orders; nobody without the tenant's key can tell of whom it is."""
        token: str = self._token(tenant, pair_value(one, other))
        return token

    async def are_barred(self, tenant: str, one: str, other: str) -> bool:
        """Whether these two are to be kept apart, as far as this service has heard."""
        stream = StreamId(tenant, "guard", self.token(tenant, one, other))
        return (await self._commands.state(guard, stream)).state.is_barred

    async def engaged(self, tenant: str, token: str) -> list[Engagement]:
        """Every proposal that ever brought the pair together; those that were settled have a match."""
        return list((await self._commands.state(guard, StreamId(tenant, "guard", token))).state.engaged.values())

    async def engage(self, cause: RecordedEvent, requester_id: str, engagement: Engagement) -> None:
        """Before a proposal is made. Raises HelperNotFound where the pair is barred."""
        command = EngagePair(engagement.proposal_id, engagement.request_id, engagement.helper_id)
        stream = StreamId(cause.tenant, "guard", self.token(cause.tenant, requester_id, engagement.helper_id))
        await self._commands.handle(guard, stream, command, context=Context.caused_by(cause, "engage-pair"))
