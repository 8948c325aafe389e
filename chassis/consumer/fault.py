"""What went wrong with a record, in words an operator may see: no message of an exception, it might quote a person."""

import asyncio
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chassis.consumer.record import Unreadable
from chassis.dead_letters import BEHIND
from chassis.refusal import Refusal
from chassis.transient import is_transient

# Tried again in place after these pauses; what still fails then is parked, so that other streams go on.
_PAUSES_SECONDS = (0.05, 0.2, 0.8)
_LONGEST_ATTEMPT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Fault:
    """`passes`: it is worth trying again without anybody asking."""

    rule: str
    field: str = ""
    sentence: str = ""
    passes: bool = False

    @classmethod
    def of(cls, cause: Exception) -> "Fault":
        """A Refusal says its rule; anything else is `engine_away` when it passes, and else a bug with its place."""
        if isinstance(cause, Refusal):
            return cls(cause.rule, sentence=cause.sentence, passes=cause.retryable)
        if is_transient(cause):
            return cls("engine_away", sentence=type(cause).__name__, passes=True)
        frames = traceback.extract_tb(cause.__traceback__)
        place = f" in {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
        return cls("bug", sentence=f"{type(cause).__name__}{place}")

    @classmethod
    def unreadable(cls, found: Unreadable) -> "Fault":
        return cls(found.rule, found.field, found.sentence)


WAITS_BEHIND = Fault(BEHIND, sentence="An earlier record of this stream is a dead letter.")


async def attempt(work: Callable[[], Awaitable[None]]) -> Fault | None:
    """Do it, a few times if the fault passes by itself. None: done."""
    for pause in (*_PAUSES_SECONDS, None):
        try:
            async with asyncio.timeout(_LONGEST_ATTEMPT_SECONDS):
                await work()
        except Exception as cause:  # noqa: BLE001 (whatever a handler raises, it must not stop the others)
            fault = Fault.of(cause)
            if pause is None or not fault.passes:
                return fault
            await asyncio.sleep(pause)
        else:
            return None
    raise AssertionError("the last attempt returns")
