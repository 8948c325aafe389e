"""How the local stack tells what it is doing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TextColumn, TimeRemainingColumn
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


@contextmanager
def on_terminal(console: Console) -> Iterator[OnProgress]:
    """Yield a listener that prints plain steps and draws a bar for whatever has a total."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Bar(*columns, console=console, transient=True) as bar:
        tasks = {}

        def tell(progress: Progress) -> None:
            if not progress.total:
                bar.console.print(progress.text)
                return
            if progress.text not in tasks:
                tasks[progress.text] = bar.add_task(progress.text, total=progress.total)
            bar.update(tasks[progress.text], completed=progress.done, total=progress.total)

        yield tell
