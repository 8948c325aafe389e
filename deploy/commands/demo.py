"""`kobling demo`: everything on this machine, one referral all the way, told step by step; then it stays up."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from deploy.commands.up import HOUSE, Fresh, Port, Root

Once = Annotated[bool, typer.Option("--once", help="Play the story, check every step, and end.")]

YearLong = Annotated[bool, typer.Option("--year", help="Play a year of Ressursvenn with forty people instead.")]


def demo(
    root: Root = HOUSE / ".local",
    port: Port = 8080,
    fresh: Fresh = False,
    once: Once = False,
    year: YearLong = False,
) -> None:
    """Play one referral all the way through the real engines and services; ends with 1 naming a step that failed.

    With --year, a year of Ressursvenn is played by moving the clock; the clock stays where the year ended.
    """
    from deploy.local.ending import run_until_told

    raise typer.Exit(asyncio.run(run_until_told(_play(root.resolve(), port, fresh=fresh, once=once, year=year))))


async def _play(root: Path, port: int, *, fresh: bool, once: bool, year: bool) -> int:
    import httpx

    from deploy.demo.cast import new_cast
    from deploy.demo.story import Story
    from deploy.demo.world import StepFailed, World
    from deploy.demo.year.months import Year
    from deploy.local.problem import StackProblem
    from deploy.local.progress import OnTerminal
    from deploy.local.stack import local_stack

    console = Console(highlight=False)
    title = "starting"
    try:
        async with (
            local_stack(root, port=port, fresh=fresh, on_progress=OnTerminal(console)) as stack,
            httpx.AsyncClient(timeout=30) as http,
        ):
            console.print(f"The site is at {stack.front.site}", markup=False, soft_wrap=True)
            world = World(stack, http, lambda text: console.print(f"   {text}", markup=False))
            told = Year(world) if year else Story(world, new_cast())
            for number, (title, step) in enumerate(told.steps, 1):
                console.print(f"[bold]{number}. {title}[/bold]")
                await step()
            if once:
                console.print("[bold green]Every step came true.[/bold green]")
                return 0
            console.print(f"\nIt stays up. Log in at {stack.front.site} as one of these:", markup=False, soft_wrap=True)
            for line in await told.let_in():
                console.print(f"   {line}", markup=False, soft_wrap=True)
            console.print(f"What else there is: {stack.front.around}", markup=False, soft_wrap=True)
            console.print(f"Logs are in {root / 'logs'}. Ctrl-C stops everything.", markup=False)
            await asyncio.Event().wait()
    except StackProblem as problem:
        console.print(str(problem), style="red", markup=False)
    except (StepFailed, httpx.HTTPError) as fault:
        console.print(f"Step failed: {title}: {type(fault).__name__}: {fault}", style="red", markup=False)
    return 1
