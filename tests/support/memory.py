"""Where what only a test keeps lies in memory: an engine waits for a disk at every write it has promised."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

MEMORY = Path("/dev/shm")  # noqa: S108 (Linux has it; pytest makes a directory of its own in it)
_ROOM = 2_000_000_000


def room_in_memory() -> bool:
    """Whether every engine of a run fits there; in a container there may be 64 MB only."""
    return os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > _ROOM
