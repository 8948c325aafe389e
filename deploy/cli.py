"""The command line of operators and developers: Kobling on this machine and elsewhere."""

from __future__ import annotations

import typer

from deploy.commands import audit, dead_letters, keys, programme, topics
from deploy.commands.backup import backup, drill, restore
from deploy.commands.demo import demo
from deploy.commands.erase import erase
from deploy.commands.front import front
from deploy.commands.rebuild import rebuild
from deploy.commands.token import token
from deploy.commands.up import up

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.command()(demo)
app.command()(up)
app.command()(front)
app.command()(token)
app.command()(rebuild)
app.command()(backup)
app.command()(restore)
app.command()(drill)
app.command()(erase)
app.add_typer(topics.app, name="topics")
app.add_typer(dead_letters.app, name="dead-letters")
app.add_typer(programme.app, name="programme")
app.add_typer(keys.app, name="keys")
app.add_typer(audit.app, name="audit")


def main() -> None:
    """What `kobling` calls."""
    app()


if __name__ == "__main__":
    main()
