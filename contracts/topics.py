"""Every topic of the platform, declared once; `kobling topics` applies them to the broker."""

from dataclasses import dataclass

SERVICES = ("intake", "matching", "notifications", "reporting")


@dataclass(frozen=True, slots=True)
class Topic:
    """`retention_ms` -1 keeps for ever: lawful, since every personal field is sealed and its key can be shredded."""

    name: str
    partitions: int
    retention_ms: int = -1


PARTITIONS = 8
_DAY_MS = 24 * 3600 * 1000

INTAKE, MATCHING, NOTIFICATIONS, REPORTING = (f"{service}.events" for service in SERVICES)

EVENT_TOPICS = tuple(Topic(f"{service}.events", PARTITIONS) for service in SERVICES)

REFERRALS_PATTERN = r"^referrals\.[a-z0-9-]+$"


def events_of(service: str) -> str:
    """The topic on which a service publishes what it decided."""
    return f"{service}.events"


def referrals(tenant: str) -> str:
    """What the tenant's own systems write."""
    return f"referrals.{tenant}"


def referral_status(tenant: str) -> str:
    """What became of each referral, for the tenant's own systems to read."""
    return f"referral-status.{tenant}"


def referral_rejected(tenant: str) -> str:
    """Referrals that could not be read, each with the field at fault."""
    return f"referral-rejected.{tenant}"


def topics_of_tenant(tenant: str) -> tuple[Topic, ...]:
    """The three topics a tenant's systems use. They pass on, they do not store: a referral names a person in clear
    and is gone after a week, its answers after a month."""
    return (
        Topic(referrals(tenant), 1, 7 * _DAY_MS),
        Topic(referral_status(tenant), 1, 30 * _DAY_MS),
        Topic(referral_rejected(tenant), 1, 30 * _DAY_MS),
    )
