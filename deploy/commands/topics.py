"""`kobling topics`: the declared topics on the broker, who may use them, and the credentials of those who do."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.commands.brokers import CaFile, PasswordFile, Reached, Servers, User
from deploy.commands.database import stopped

if TYPE_CHECKING:
    from chassis.kafka import Kafka
    from deploy.access import AccessReport
    from deploy.topics import TopicReport

Tenants = Annotated[
    list[str] | None,
    typer.Option("--tenant", help="A tenant whose systems exchange referrals; may be repeated."),
]
Replication = Annotated[int, typer.Option(help="Replicas of each topic that is made.")]
Check = Annotated[bool, typer.Option("--check", help="Change nothing, only tell what differs.")]
Credentials = Annotated[
    Path | None,
    typer.Option(help="A folder for what services need: missing passwords are made, the CA's certificate is copied."),
]
Tenant = Annotated[str, typer.Argument(help="The tenant whose systems connect.")]
Into = Annotated[Path | None, typer.Option(help="Write the password to this file (0600) and print nothing.")]
TakeBack = Annotated[bool, typer.Option("--take-back", help="The tenant's systems may not connect any more.")]

app = typer.Typer(invoke_without_command=True)


@app.callback()
def topics(
    context: typer.Context,
    kafka: Servers = None,
    kafka_user: User = "operator",
    kafka_password_file: PasswordFile = None,
    kafka_ca_file: CaFile = None,
    tenant: Tenants = None,
    replication_factor: Replication = 1,
    check: Check = False,
    credentials: Credentials = None,
) -> None:
    """Make topics that are missing, give each service and tenant its rules, and take back what is not theirs.

    A topic that differs, or a rule for a user who is not ours, is told and left alone (exit code 1).
    """
    reached = Reached(kafka, kafka_user, kafka_password_file, kafka_ca_file)
    if context.invoked_subcommand is not None:
        context.obj = reached
        return
    tenants = [_checked(name) for name in tenant or []]
    made, access = reached.ask(lambda kafka: _applied(kafka, tenants, replication_factor, only_look=check))
    if credentials is not None and not check:
        _ensure(reached, credentials)
    _tell(made, access, only_looked=check)
    differs = access.differs if check else bool(access.foreign)
    raise typer.Exit(1 if made.differing or differs else 0)


@app.command()
def credential(context: typer.Context, tenant: Tenant, into: Into = None, take_back: TakeBack = False) -> None:
    """Make a password for the systems of a tenant and print it, once. The one it had opens no connection any more."""
    from deploy.access import issue
    from deploy.access import take_back as taken
    from deploy.secret_files import write_secret

    reached: Reached = context.obj
    name = _checked(tenant)
    if take_back:
        had_one = reached.ask(lambda kafka: taken(kafka, name))
        typer.echo(f"The systems of {name} can do nothing any more." if had_one else f"{name} had no credential.")
        return
    password = reached.ask(lambda kafka: issue(kafka, name))
    if into is None:
        typer.echo(password)
    else:
        write_secret(into, f"{password}\n".encode())


async def _applied(
    kafka: Kafka, tenants: list[str], replication_factor: int, *, only_look: bool
) -> tuple[TopicReport, AccessReport]:
    from contracts.topics import EVENT_TOPICS, topics_of_tenant
    from deploy.access import apply_access
    from deploy.topics import apply_topics

    wanted = [*EVENT_TOPICS, *(topic for name in tenants for topic in topics_of_tenant(name))]
    made = await apply_topics(kafka, wanted, replication_factor=replication_factor, only_look=only_look)
    return made, await apply_access(kafka, tenants, only_look=only_look)


def _ensure(reached: Reached, directory: Path) -> None:
    from contracts.topics import SERVICES
    from deploy.access import ensure_credentials, service_user

    reached.ask(lambda kafka: ensure_credentials(kafka, map(service_user, SERVICES), directory))
    if reached.ca_file is not None:
        shutil.copyfile(reached.ca_file, directory / "ca.pem")


def _tell(made: TopicReport, access: AccessReport, *, only_looked: bool) -> None:
    _tell_each("made", made.created)
    _tell_each("is there", made.present)
    _tell_each("differs", made.differing, is_wrong=True)
    _tell_each("is missing:" if only_looked else "given:", access.given, is_wrong=only_looked)
    _tell_each("is too much:" if only_looked else "taken back:", access.taken_back, is_wrong=only_looked)
    _tell_each("not ours:", access.foreign, is_wrong=True)
    if access.is_open:
        typer.echo("This broker has no authorizer: everybody may do everything there.", err=True)


def _tell_each(what: str, things: Iterable[object], *, is_wrong: bool = False) -> None:
    for thing in things:
        typer.echo(f"{what} {thing}", err=is_wrong)


def _checked(tenant: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,40}", tenant):
        raise stopped(f"{tenant}: a tenant is called by small letters, digits and hyphens, 40 at most.")
    return tenant
