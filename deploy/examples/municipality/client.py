"""A municipality's own client: it refers people to a programme and reads what became of them.

All it knows of the platform is the topics, the CloudEvents headers and the schemas in contracts/published/messages.

    access="--kafka kafka.example:9092 --tenant fjordby --password-file password --ca-file ca.pem"
    python client.py $access refer referral.json another.json
    python client.py $access answers --wait 2
"""

import argparse
import asyncio
import ssl
from pathlib import Path
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer


def access(asked: argparse.Namespace) -> dict[str, Any]:
    """The user `tenant.<tenant>` proves its password over TLS. Without a password all goes in the clear: to try out."""
    if asked.password_file is None:
        return {"bootstrap_servers": asked.kafka}
    return {
        "bootstrap_servers": asked.kafka,
        "security_protocol": "SASL_SSL",
        "ssl_context": ssl.create_default_context(cafile=asked.ca_file),
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": f"tenant.{asked.tenant}",
        "sasl_plain_password": asked.password_file.read_text().strip(),
    }


async def refer(kafka: dict[str, Any], tenant: str, files: list[Path]) -> None:
    """Each file is the body of one referral, sent as it is; with acks=all the broker has it for good."""
    async with AIOKafkaProducer(**kafka, acks="all", enable_idempotence=True) as producer:
        for file in files:
            headers = {
                "ce_specversion": "1.0",
                "ce_id": str(uuid4()),
                "ce_source": f"/{tenant}/case-system",
                "ce_type": "kobling.referral",
                "ce_schemaversion": "1",
                "content-type": "application/json",
            }
            encoded = [(name, value.encode()) for name, value in headers.items()]
            await producer.send_and_wait(f"referrals.{tenant}", file.read_bytes(), headers=encoded)


async def answers(kafka: dict[str, Any], tenant: str, wait: int) -> None:
    """Prints every status and rejection so far, a JSON document a line, and waits until there are `wait` of them.

    The same answer may come twice, under the same ce_id: it is printed once.
    """
    topics = f"referral-status.{tenant}", f"referral-rejected.{tenant}"
    seen: set[bytes] = set()
    async with AIOKafkaConsumer(*topics, **kafka, auto_offset_reset="earliest") as consumer:
        while True:
            batch = await consumer.getmany(timeout_ms=1000)
            for record in [record for records in batch.values() for record in records]:
                event_id = dict(record.headers)["ce_id"]
                if event_id not in seen:
                    print(record.value.decode(), flush=True)
                    seen.add(event_id)
            if not batch and len(seen) >= wait:
                return


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kafka", required=True)
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--password-file", type=Path)
    parser.add_argument("--ca-file", type=Path, help="who vouches for the brokers; without it whom the system trusts")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("refer").add_argument("files", nargs="+", type=Path)
    commands.add_parser("answers").add_argument("--wait", type=int, default=0)
    asked = parser.parse_args()
    if asked.command == "refer":
        asyncio.run(refer(access(asked), asked.tenant, asked.files))
    else:
        asyncio.run(answers(access(asked), asked.tenant, asked.wait))


if __name__ == "__main__":
    main()
