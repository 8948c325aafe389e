"""How operators' commands reach Kafka: as they are told, else as the operator of the stack on this machine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from chassis.kafka import Kafka, SecuredKafka
from deploy.commands.database import HOUSE, stopped
from deploy.local.rootlock import read_state

Answer = TypeVar("Answer")

Servers = Annotated[
    str | None,
    typer.Option(
        "--kafka", envvar="KOBLING_KAFKA", help="Bootstrap servers, host:port[,host:port]; without it this machine's."
    ),
]
User = Annotated[
    str, typer.Option("--kafka-user", envvar="KOBLING_KAFKA_USER", help="A user who may do everything there.")
]
PasswordFile = Annotated[
    Path | None,
    typer.Option(
        "--kafka-password-file", envvar="KOBLING_KAFKA_PASSWORD_FILE", help="Its password; without it all is plain."
    ),
]
CaFile = Annotated[
    Path | None,
    typer.Option("--kafka-ca-file", envvar="KOBLING_KAFKA_CA_FILE", help="Who vouches for the brokers (PEM)."),
]


@dataclass(frozen=True, slots=True)
class Reached:
    """What the options say about Kafka."""

    servers: str | None
    user: str
    password_file: Path | None
    ca_file: Path | None

    @property
    def kafka(self) -> Kafka:
        """Ends the command where nobody said it and no stack has run here."""
        if self.servers is None:
            return _local()
        if self.password_file is None:
            return self.servers
        return SecuredKafka(self.servers, self.user, self.password_file, self.ca_file)

    def ask(self, question: Callable[[Kafka], Awaitable[Answer]]) -> Answer:
        """The answer. Ends the command with one sentence when Kafka is away or refuses."""
        from aiokafka.errors import KafkaError

        from deploy.access import AccessRefused
        from deploy.topics import TopicsRefused

        kafka = self.kafka

        async def asked() -> Answer:
            return await question(kafka)

        try:
            return asyncio.run(asked())
        except (KafkaError, TopicsRefused, AccessRefused) as error:
            where = kafka if isinstance(kafka, str) else f"{kafka.servers}, as {kafka.user},"
            raise stopped(f"Kafka at {where} refused: {error}") from None
        except OSError as error:
            raise stopped(f"{error.filename}: {error.strerror}") from None


def _local() -> Kafka:
    from deploy.local.secured import OPERATOR, SecuredFiles

    state = read_state(HOUSE / ".local")
    if state is None:
        raise stopped("Say where Kafka is with --kafka or KOBLING_KAFKA; no stack has run on this machine yet.")
    return SecuredFiles(HOUSE / ".local" / "data" / "kafka").reached_as(OPERATOR, state.kafka)
