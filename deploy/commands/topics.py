"""`kobling topics`: the declared topics on the broker."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

Kafka = Annotated[str, typer.Option(envvar="KOBLING_KAFKA", help="Bootstrap servers, host:port[,host:port].")]
Tenant = Annotated[list[str] | None, typer.Option(help="A tenant whose systems exchange referrals; may be repeated.")]
Replication = Annotated[int, typer.Option(help="Replicas of each topic that is made.")]


def topics(kafka: Kafka, tenant: Tenant = None, replication_factor: Replication = 1) -> None:
    """Make the topics that are missing and tell which ones differ from their declaration (exit code 1)."""
    from aiokafka.errors import KafkaError

    from contracts.topics import EVENT_TOPICS, topics_of_tenant
    from deploy.topics import TopicsRefused, apply_topics

    wanted = [*EVENT_TOPICS, *(topic for name in tenant or [] for topic in topics_of_tenant(name))]
    try:
        report = asyncio.run(apply_topics(kafka, wanted, replication_factor=replication_factor))
    except (KafkaError, TopicsRefused) as error:
        typer.echo(f"Kafka at {kafka} refused: {error}", err=True)
        raise typer.Exit(1) from None
    for name in report.created:
        typer.echo(f"made {name}")
    for name in report.present:
        typer.echo(f"is there {name}")
    for sentence in report.differing:
        typer.echo(f"differs {sentence}", err=True)
    raise typer.Exit(1 if report.differing else 0)
