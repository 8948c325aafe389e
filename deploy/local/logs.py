"""Log files of one run each."""

from __future__ import annotations

from pathlib import Path


def begin_log(log: Path) -> Path:
    """Put the log of the last run aside as `<name>.old.log`: a log tells of one run and never grows for ever."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists():
        log.replace(log.with_name(f"{log.stem}.old.log"))
    return log


def last_line(log: Path) -> str:
    """What a program said last, for a sentence about why it ended."""
    lines = log.read_text(errors="replace").split("\n") if log.exists() else []
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
