"""The broker's rules brought to what is wanted: missing ones given, others of our users taken back, strangers told."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from aiokafka.protocol.admin import CreateAclsRequest_v1, DeleteAclsRequest_v1, DescribeAclsRequest_v1

from chassis.kafka import Kafka
from deploy.access.protocol import Broker, broker_at, failures
from deploy.access.rules import Rule, rules_of_tenant, service_user, tenant_user, wanted

_ANY = 1
_SECURITY_DISABLED = 54
_TENANT_PREFIX = tenant_user("")
_OURS = (f"User:{service_user('')}", f"User:{_TENANT_PREFIX}")


class AccessRefused(Exception):
    """The broker did not do it; the message is its own."""


@dataclass(frozen=True, slots=True)
class AccessReport:
    """`given` and `taken_back` is what differed; `foreign` are rules for users who are not ours, and are left alone.

    `is_open`: the broker has no rules at all, everybody may do everything.
    """

    given: tuple[Rule, ...] = ()
    taken_back: tuple[Rule, ...] = ()
    foreign: tuple[Rule, ...] = ()
    is_open: bool = False

    @property
    def differs(self) -> bool:
        return bool(self.given or self.taken_back or self.foreign)


async def apply_access(kafka: Kafka, tenants: Iterable[str], *, only_look: bool = False) -> AccessReport:
    """Rules for every service, for these tenants, and for tenants who have some already: theirs, and nothing beyond.

    May be repeated. With `only_look` nothing is changed. Raises AccessRefused, and KafkaError when the broker is away.
    """
    async with broker_at(kafka) as broker:
        present = await _present(broker)
        if present is None:
            return AccessReport(is_open=True)
        ours = {rule for rule in present if rule.principal.startswith(_OURS)}
        goal = wanted({*tenants, *_tenants_among(ours)})
        report = AccessReport(
            given=tuple(sorted(goal - present)),
            taken_back=tuple(sorted(ours - goal)),
            foreign=tuple(sorted(present - ours)),
        )
        if not only_look:
            await _give(broker, report.given)
            await _take_back(broker, report.taken_back)
    return report


async def allow_tenant(broker: Broker, tenant: str) -> None:
    """The rules of one tenant. Raises AccessRefused."""
    await _give(broker, rules_of_tenant(tenant))


async def forbid(broker: Broker, user: str) -> None:
    """No rule for this user any more: what is connected may do nothing from now on. Raises AccessRefused."""
    present = await _present(broker) or set()
    await _take_back(broker, [rule for rule in present if rule.principal == f"User:{user}"])


def _tenants_among(rules: Iterable[Rule]) -> set[str]:
    users = {rule.principal.removeprefix("User:") for rule in rules}
    return {user.removeprefix(_TENANT_PREFIX) for user in users if user.startswith(_TENANT_PREFIX)}


async def _present(broker: Broker) -> set[Rule] | None:
    """Every rule there is; None: the broker has no authorizer."""
    answer = await broker.ask(DescribeAclsRequest_v1(_ANY, None, _ANY, None, None, _ANY, _ANY))
    if answer.error_code == _SECURITY_DISABLED:
        return None
    if answer.error_code:
        raise AccessRefused(f"{answer.error_message} (error {answer.error_code})")
    return {Rule(kind, name, pattern, *rest) for kind, name, pattern, acls in answer.resources for rest in acls}


async def _give(broker: Broker, rules: Collection[Rule]) -> None:
    if rules:
        answer = await broker.ask(CreateAclsRequest_v1([tuple(rule) for rule in rules]))
        _require_done(failures(answer.creation_responses))


async def _take_back(broker: Broker, rules: Collection[Rule]) -> None:
    if rules:
        answer = await broker.ask(DeleteAclsRequest_v1([tuple(rule) for rule in rules]))
        _require_done(failures(answer.filter_responses))


def _require_done(refusals: list[str]) -> None:
    if refusals:
        raise AccessRefused("; ".join(refusals))
