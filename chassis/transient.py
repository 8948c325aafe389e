"""Which faults pass by themselves, and waiting until one has."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog
from aiokafka.errors import KafkaError
from pymongo.errors import ConnectionFailure, ExecutionTimeout, OperationFailure, WriteConcernError

from chassis.refusal import Refusal

Result = TypeVar("Result")

log = structlog.get_logger()

# Shutting down, stepping down, interrupted by either, no primary known: the server says "ask again".
_PASSING_CODES = frozenset({6, 7, 64, 89, 91, 133, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436, 50})
_FIRST_PAUSE_SECONDS = 0.05
_LONGEST_PAUSE_SECONDS = 2.0


def is_transient(fault: BaseException) -> bool:
    """Whether doing the same again later may well succeed."""
    match fault:
        case Refusal():
            return fault.retryable
        case ConnectionFailure() | ExecutionTimeout() | WriteConcernError():
            return True
        case OperationFailure():
            return fault.code in _PASSING_CODES or fault.has_error_label("RetryableWriteError")
        case FileNotFoundError() | PermissionError() | IsADirectoryError() | NotADirectoryError():
            return False
        case KafkaError() | OSError():
            return True
        case _:
            return False


async def until_done(work: Callable[[], Awaitable[Result]], *, what: str) -> Result:
    """Do the work, again and again while an engine is away. Raises what does not pass by itself."""
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return await work()
        except Exception as fault:
            if not is_transient(fault):
                raise
            log.warning("engine_away", what=what, fault=type(fault).__name__, next_try_seconds=pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
