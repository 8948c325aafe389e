"""`python -m deploy.local.broker_files`: the files of a secured broker that another starts (deploy/compose).

    --data /data --listener INSIDE=kafka:9092 --operator /operator

In `/data`: server.properties, format.arguments (for `kafka-storage format @…`), operator.properties (for Kafka's own
tools), and `access` with certificates and passwords. In `/operator`: what `kobling topics` needs. Only the owner may
read any of it.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from deploy.local.kafka import PROPERTIES
from deploy.local.ports import HOST
from deploy.local.secured import OPERATOR, Listener, SecuredFiles
from deploy.local.storage import CLUSTER_ID
from deploy.secret_files import write_secret

_CONTROLLER_PORT = 9093


def write_broker_files(data: Path, listeners: Sequence[Listener], operator: Path) -> None:
    """What is there is kept: passwords and certificates outlive a restart."""
    secured, properties = SecuredFiles(data), data / "server.properties"
    own = secured.prepare(listeners, controller=(HOST, _CONTROLLER_PORT))
    shared = PROPERTIES.format(host=HOST, controller_port=_CONTROLLER_PORT, data=data)
    write_secret(properties, (shared + own).encode())
    secured.write_format_arguments(data / "format.arguments", CLUSTER_ID, properties)
    write_secret(data / "operator.properties", secured.client_properties(OPERATOR).encode())
    access = secured.reached_as(OPERATOR, "")
    operator.mkdir(mode=0o700, parents=True, exist_ok=True)
    for file in (access.password_file, secured.ca_file):
        shutil.copy(file, operator)


def _listener(text: str) -> Listener:
    """`NAME=host:port`: listens on every interface, and tells clients to come to that host."""
    name, _, address = text.partition("=")
    host, _, port = address.rpartition(":")
    return Listener(name, "", int(port), advertised=host)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--listener", type=_listener, action="append", required=True)
    parser.add_argument("--operator", type=Path, required=True)
    asked = parser.parse_args(arguments)
    write_broker_files(asked.data, asked.listener, asked.operator)


if __name__ == "__main__":
    main()
