"""How the local stack tells what it is doing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of the way: `done` of `total` bytes, or a plain sentence when `total` is 0."""

    text: str
    done: int = 0
    total: int = 0


OnProgress = Callable[[Progress], None]


def silent(_: Progress) -> None:
    """The listener of tests."""


class OnTerminal:
    """Prints plain steps, and draws a bar for what has a total, only while it lasts: a stack at rest draws nothing.

    May be called from several threads.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = Lock()
        self._bar: Bar | None = None
        self._task = TaskID(0)

    def __call__(self, progress: Progress) -> None:
        with self._lock:
            if not progress.total:
                self._finish()
                self._console.print(progress.text, highlight=False)
                return
            if self._bar is None:
                columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
                self._bar = Bar(*columns, console=self._console, transient=True)
                self._bar.start()
                self._task = self._bar.add_task(progress.text, total=progress.total)
            self._bar.update(self._task, completed=progress.done, total=progress.total)

    def _finish(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
