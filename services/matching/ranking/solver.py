"""The process that solves one batch: reads it from stdin as its parent pickled it, writes the rows to stdout.

`own_process.py` starts it. It ends by itself when its parent is gone, for then stdin ends.
"""

import json
import os
import pickle
import sys
from typing import BinaryIO

from services.matching.ranking.batch import Waiting, assign
from services.matching.ranking.columns import Snapshot

# Whoever waits for an answer of the service goes first on a machine with few cores.
_NICE = 5


def main(given: BinaryIO) -> None:
    os.nice(_NICE)
    snapshot: Snapshot = pickle.load(given)  # noqa: S301 - nobody but the parent can write here
    count: int = pickle.load(given)  # noqa: S301
    waiting: list[Waiting] = []
    while len(waiting) < count:
        waiting += pickle.load(given)  # noqa: S301
    found = assign(snapshot, waiting)
    sys.stdout.write(json.dumps({"rows": found.rows, "suits": found.suits}))


if __name__ == "__main__":
    main(sys.stdin.buffer)
