"""In which programme what matching keeps belongs, for roles that are granted for one (S3.52)."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from chassis.auth import Whereabouts
from chassis.command_handler import CommandHandler
from chassis.decider import Decider
from chassis.http import Belongings, Belongs
from contracts.envelope import StreamId
from services.matching.domain.activity import activity
from services.matching.domain.pairing import pairing
from services.matching.domain.search import search
from services.matching.domain.session import session


def belongings(commands: CommandHandler) -> Belongings:
    async def named(tenant: str, code: str) -> Whereabouts:
        return Whereabouts(frozenset({code}))

    def of(decider: Decider[Any, Any], programme_of: Callable[[Any], str]) -> Belongs:
        async def belongs(tenant: str, name: str) -> Whereabouts | None:
            found = await commands.state(decider, StreamId(tenant, decider.category, name))
            return Whereabouts(frozenset({programme_of(found.state)})) if found.version else None

        return belongs

    return {
        **dict.fromkeys(("code", "programme"), named),
        "request_id": of(search, attrgetter("programme")),
        "match_id": of(pairing, attrgetter("made.programme")),
        "activity_id": of(activity, attrgetter("programme")),
        "session_id": of(session, attrgetter("programme")),
    }
