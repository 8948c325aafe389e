"""What is published: every event in its current version, the messages of the referral contract, the policy."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from contracts import intake, matching, notifications, referral, reporting
from contracts.base import Event, JsonObject, event_classes
from contracts.policy import Policy
from contracts.publish.schemas import event_schema, read_schema, written_schema
from contracts.topics import SERVICES

PUBLISHED = Path(__file__).parents[1] / "published"

# Importing them registers their events.
MODULES = (intake, matching, notifications, reporting)

Direction = Literal["stored", "written", "read"]


@dataclass(frozen=True, slots=True)
class Published:
    """One schema file and its example.

    `direction`: stored and read back (events), written for others, or read from others; it decides which changes break.
    """

    name: str
    version: int
    folder: str
    model: type[BaseModel]
    direction: Direction

    @property
    def stem(self) -> str:
        return f"{self.folder}/{self.name}.v{self.version}"

    @property
    def schema(self) -> JsonObject:
        """Made once; not to be changed."""
        return _schema(self)


@cache
def _schema(item: Published) -> JsonObject:
    if issubclass(item.model, Event):
        return event_schema(item.model)
    make = read_schema if item.direction == "read" else written_schema
    return make(item.model, item.name, item.version)


def published() -> Iterator[Published]:
    """Everything that has a schema, in a fixed order."""
    for name, cls in sorted(event_classes().items()):
        if cls.__module__.startswith("contracts."):
            yield Published(name, cls.schema_version, "events", cls, "stored")
    version = referral.SCHEMA_VERSION
    yield Published(referral.REFERRAL, version, "messages", referral.Referral, "read")
    yield Published(referral.STATUS, version, "messages", referral.ReferralStatus, "written")
    yield Published(referral.REJECTED, version, "messages", referral.ReferralRejected, "written")
    yield Published("kobling.policy", 1, "messages", Policy, "read")


def events_of(service: str) -> list[type[Event]]:
    """What a service publishes to others, by name; internal events are left out."""
    if service not in SERVICES:
        raise LookupError(f"{service} is no service")
    mine = (cls for name, cls in sorted(event_classes().items()) if name.startswith(f"{service}."))
    return [cls for cls in mine if not cls.internal and cls.__module__.startswith("contracts.")]
