"""A batch solved in a process of its own, so that the event loop answers others meanwhile.

A process for each batch and not a pool: nothing idles between two suggestions an hour, the solver's memory goes back,
it imports what it needs and not the service, and what it is handed is written in pieces, never pickled at one go.
"""

import asyncio
import json
import pickle
import sys
from collections.abc import Sequence

from services.matching.ranking.batch import Assigned, Waiting
from services.matching.ranking.columns import Snapshot
from services.matching.ranking.table import HelperTable

_IN_ONE_PIECE = 50
_SECONDS = 120.0


class NotSolved(RuntimeError):
    """The solver ended without an answer, or took longer than two minutes."""


async def assign_elsewhere(table: HelperTable, waiting: Sequence[Waiting]) -> Assigned:
    """What `batch.assign` gives for the table as it stands now. Raises NotSolved; the process is gone in any case."""
    # The snapshot is taken before the first await: rows move when the table changes.
    snapshot = Snapshot.of(table, [one.question for one in waiting])
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services.matching.ranking.solver"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_SECONDS):
            answer, _ = await asyncio.gather(_answer(process), _hand_over(process, snapshot, waiting))
    except (TimeoutError, ConnectionError) as fault:
        raise NotSolved from fault
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return answer


async def _hand_over(process: asyncio.subprocess.Process, snapshot: Snapshot, waiting: Sequence[Waiting]) -> None:
    pipe = process.stdin
    if pipe is None:
        raise NotSolved
    pipe.write(pickle.dumps(snapshot) + pickle.dumps(len(waiting)))
    await pipe.drain()
    for first in range(0, len(waiting), _IN_ONE_PIECE):
        pipe.write(pickle.dumps(list(waiting[first : first + _IN_ONE_PIECE])))
        await pipe.drain()
        await asyncio.sleep(0)
    pipe.close()


async def _answer(process: asyncio.subprocess.Process) -> Assigned:
    if process.stdout is None:
        raise NotSolved
    text = await process.stdout.read()
    if await process.wait() != 0:
        raise NotSolved
    found = json.loads(text)
    return Assigned(found["rows"], found["suits"])
