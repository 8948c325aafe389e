"""`kobling up`: everything on this machine, behind one port, until Ctrl-C."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

HOUSE = Path(__file__).resolve().parents[2]
Root = Annotated[Path, typer.Option(help="Where state and logs are.")]
Port = Annotated[int, typer.Option(help="The one port in front of everything.")]
Fresh = Annotated[bool, typer.Option("--fresh", help="Start with empty state.")]


def up(root: Root = HOUSE / ".local", port: Port = 8080, fresh: Fresh = False) -> None:
    """Start engines, issuer, mailbox and the four services, and stay up until Ctrl-C."""
    from deploy.local.ending import run_until_told

    raise typer.Exit(asyncio.run(run_until_told(_stay_up(root.resolve(), port, fresh=fresh))))


async def _stay_up(root: Path, port: int, *, fresh: bool) -> int:
    from deploy.local.problem import StackProblem
    from deploy.local.progress import OnTerminal
    from deploy.local.stack import local_stack

    console = Console()
    try:
        async with local_stack(root, port=port, fresh=fresh, on_progress=OnTerminal(console)) as stack:
            console.print(f"The site is at {stack.front.site}", highlight=False, soft_wrap=True)
            console.print(f"What else there is: {stack.front.around}", highlight=False, soft_wrap=True)
            console.print(f"Logs are in {root / 'logs'}. Ctrl-C stops everything.", highlight=False)
            await asyncio.Event().wait()
    except StackProblem as problem:
        console.print(str(problem), style="red", highlight=False)
    return 1
