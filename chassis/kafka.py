"""How Kafka is reached: the one place that makes the arguments every client of ours is made with."""

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MECHANISM = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class SecuredKafka:
    """Brokers that are spoken to over TLS, by a user who proves to know a password.

    `servers` is `host:port[,host:port]`; `ca_file` (PEM) says who vouches for the brokers, None: whom the system
    trusts. The password stays in its file and is read for each new client: a rotation needs no restart.
    """

    servers: str
    user: str
    password_file: Path
    ca_file: Path | None = None


Kafka = str | SecuredKafka
"""A plain string are servers without TLS or password: for tests and machines of developers only."""


def connection(kafka: Kafka) -> dict[str, Any]:
    """The arguments of aiokafka's producers, consumers and admin clients. Raises OSError when a file cannot be read."""
    if isinstance(kafka, str):
        return {"bootstrap_servers": kafka}
    return {
        "bootstrap_servers": kafka.servers,
        "security_protocol": "SASL_SSL",
        "ssl_context": ssl.create_default_context(cafile=kafka.ca_file),
        "sasl_mechanism": MECHANISM,
        "sasl_plain_username": kafka.user,
        "sasl_plain_password": kafka.password_file.read_text().strip(),
    }
