"""What each user of the broker may do, derived from what is published about the services and from the topics.

Everything else is refused: the broker lets nobody do what no rule allows.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from contracts.topics import SERVICES, referral_rejected, referral_status, referrals

_PUBLISHED = Path(__file__).parents[2] / "contracts" / "published" / "asyncapi"
_TENANT = "{tenant}"


class Operation(IntEnum):
    """Each includes describing the same thing. Writing includes doing so idempotently."""

    READ = 3
    WRITE = 4


class Resource(IntEnum):
    TOPIC = 2
    GROUP = 3


class Pattern(IntEnum):
    LITERAL = 3
    PREFIXED = 4


ALLOW = 3
ANY_HOST = "*"


class Rule(NamedTuple):
    """One rule in the broker's own numbers, in the order of its protocol."""

    resource: int
    name: str
    pattern: int
    principal: str
    host: str
    operation: int
    permission: int

    def __str__(self) -> str:
        name = f"{self.name}*" if self.pattern == Pattern.PREFIXED else self.name
        verb = _word(Operation, self.operation)
        allowed = "may" if self.permission == ALLOW else "may not"
        host = "" if self.host == ANY_HOST else f" from {self.host}"
        return f"{self.principal.removeprefix('User:')} {allowed} {verb} {_word(Resource, self.resource)} {name}{host}"


@dataclass(frozen=True, slots=True)
class _Place:
    resource: Resource
    name: str
    pattern: Pattern = Pattern.LITERAL


def service_user(service: str) -> str:
    return f"service.{service}"


def tenant_user(tenant: str) -> str:
    """Whom a tenant's own systems are at the broker. Its consumer groups begin with this name and a dot."""
    return f"tenant.{tenant}"


@cache
def rules_of_service(service: str) -> frozenset[Rule]:
    """What its published document says that it sends and receives, and its own consumer groups."""
    document = json.loads((_PUBLISHED / f"{service}.json").read_text())
    channels = document["channels"]
    rules = {
        _rule(service_user(service), _OPERATIONS[operation["action"]], _topic(_address(operation, channels)))
        for operation in document["operations"].values()
    }
    groups = _Place(Resource.GROUP, f"{service}.", Pattern.PREFIXED)
    return frozenset({*rules, _rule(service_user(service), Operation.READ, groups)})


def rules_of_tenant(tenant: str) -> frozenset[Rule]:
    """Its systems write what they refer, and read what became of it; no topic or group of anybody else."""
    user = tenant_user(tenant)
    return frozenset(
        {
            _rule(user, Operation.WRITE, _topic(referrals(tenant))),
            _rule(user, Operation.READ, _topic(referral_status(tenant))),
            _rule(user, Operation.READ, _topic(referral_rejected(tenant))),
            _rule(user, Operation.READ, _Place(Resource.GROUP, f"{user}.", Pattern.PREFIXED)),
        }
    )


def wanted(tenants: Iterable[str]) -> frozenset[Rule]:
    """The rules of all services and of these tenants."""
    services = (rules_of_service(service) for service in SERVICES)
    return frozenset().union(*services, *(rules_of_tenant(tenant) for tenant in tenants))


_OPERATIONS = {"send": Operation.WRITE, "receive": Operation.READ}


def _address(operation: dict[str, Any], channels: dict[str, Any]) -> str:
    address: str = channels[operation["channel"]["$ref"].rpartition("/")[2]]["address"]
    return address


def _topic(address: str) -> _Place:
    """A service that works for all tenants reaches the topics of each."""
    if address.endswith(_TENANT):
        return _Place(Resource.TOPIC, address.removesuffix(_TENANT), Pattern.PREFIXED)
    return _Place(Resource.TOPIC, address)


def _rule(user: str, operation: Operation, place: _Place) -> Rule:
    return Rule(place.resource, place.name, place.pattern, f"User:{user}", ANY_HOST, operation, ALLOW)


def _word(kind: type[IntEnum], number: int) -> str:
    try:
        return kind(number).name.lower()
    except ValueError:
        return f"{kind.__name__.lower()} {number}"
