"""Settings that say half of how Kafka is reached are refused: nobody speaks in the clear by mistake."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chassis.kafka import SecuredKafka
from chassis.settings import Settings

NEEDED: dict[str, Any] = {
    "kafka": "kafka.example:9092",
    "mongo": "mongodb://mongo.example",
    "kms_dir": Path("kms"),
    "issuer": "https://issuer.example",
}


def test_a_user_and_the_file_of_its_password_make_a_secured_connection() -> None:
    files: dict[str, Any] = {"kafka_password_file": Path("password"), "kafka_ca_file": Path("ca.pem")}
    settings = Settings(**NEEDED, kafka_user="service.intake", **files)
    assert settings.brokers == SecuredKafka("kafka.example:9092", "service.intake", Path("password"), Path("ca.pem"))


def test_without_a_user_the_servers_are_spoken_to_in_the_clear() -> None:
    assert Settings(**NEEDED).brokers == "kafka.example:9092"


@pytest.mark.parametrize(
    "half",
    [{"kafka_user": "service.intake"}, {"kafka_password_file": Path("password")}, {"kafka_ca_file": Path("ca.pem")}],
)
def test_half_of_it_is_refused(half: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="KOBLING_KAFKA_"):
        Settings(**NEEDED, **half)
