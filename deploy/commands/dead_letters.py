"""`kobling dead-letters`: what could not be worked off, and what is to become of it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from chassis import dead_letters
from contracts.topics import SERVICES
from deploy.commands.database import Mongo, Prefix, ask, stopped
from deploy.commands.listing import print_rows

app = typer.Typer(no_args_is_help=True, help="What could not be worked off: look, try again, or let go.")

Service = Annotated[str | None, typer.Option(help="Only this service.")]
Consumer = Annotated[str, typer.Argument(help="As `list` shows it, e.g. matching.helpers.1")]
Stream = Annotated[str, typer.Argument(help="As `list` shows it, e.g. oslo/request/42")]
Letter = Annotated[str, typer.Argument(help="As `show` shows it.")]


@app.command("list")
def list_(service: Service = None, mongo: Mongo = None, prefix: Prefix = "") -> None:
    """The streams that wait, longest first; exit code 1 when there are any."""
    names = [service] if service else SERVICES
    blocked = [row for name in names for row in ask(mongo, f"{prefix}{name}", dead_letters.list_dead_letters)]
    if not blocked:
        typer.echo("No stream waits.")
        return
    print_rows(
        ("consumer", "stream", "letters", "rule", "field", "since"),
        [
            (row.consumer, row.stream, str(row.letters), row.rule, row.field, f"{row.since:%Y-%m-%d %H:%M:%S}")
            for row in blocked
        ],
    )
    raise typer.Exit(1)


@app.command()
def show(consumer: Consumer, stream: Stream, mongo: Mongo = None) -> None:
    """The letters of one stream, in the order in which they will be tried again. Personal fields in them are sealed."""
    letters = ask(mongo, _database_of(consumer), lambda database: dead_letters.show(database, consumer, stream))
    if not letters:
        raise stopped(f"No letter of {stream} waits at {consumer}.")
    for letter in letters:
        typer.echo(f"{letter.id}\n  {letter.sentence} (rule {letter.rule}, field {letter.field or '-'})")
        typer.echo(f"  {letter.topic}[{letter.partition}]@{letter.offset}, tried {letter.attempts} times")
        typer.echo("  " + _readable(letter.body))


@app.command()
def replay(consumer: Consumer, stream: Stream, mongo: Mongo = None) -> None:
    """Ask the running service to try the letters of a stream again, in order."""
    waiting = ask(mongo, _database_of(consumer), lambda database: dead_letters.replay(database, consumer, stream))
    if not waiting:
        raise stopped(f"No letter of {stream} waits at {consumer}.")
    typer.echo(f"{waiting} letters of {stream} are tried again.")


@app.command()
def drop(letter: Letter, mongo: Mongo = None) -> None:
    """Let one letter go for good; those behind it are tried again."""
    if not ask(mongo, _database_of(letter), lambda database: dead_letters.drop(database, letter)):
        raise stopped(f"There is no letter {letter}.")
    typer.echo(f"{letter} is let go.")


def _database_of(name: str) -> str:
    """A consumer is named `<database>.<name>`, and the id of a letter begins with its consumer."""
    return name.split(".", 1)[0]


def _readable(body: bytes | None) -> str:
    if body is None:
        return "(no body)"
    try:
        return json.dumps(json.loads(body), ensure_ascii=False)
    except ValueError:
        return repr(body)
