"""Rows for a person at a terminal, or for the next program in a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import typer
from rich.console import Console
from rich.table import Table


def print_rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table that fits the terminal; without a terminal one line per row with tabs between, nothing cut."""
    console = Console()
    if not console.is_terminal:
        for row in rows:
            typer.echo("\t".join(row))
        return
    table = Table(*headings)
    for row in rows:
        table.add_row(*row)
    console.print(table)
