"""What a tenant's own systems hear of their referrals: CloudEvents on `referral-status.<tenant>` and the rejections."""

from datetime import datetime

from chassis.publisher import Publisher
from contracts.envelope import Header, derive_id
from contracts.referral import REJECTED, SCHEMA_VERSION, STATUS, ReferralRejected, ReferralStatus
from contracts.topics import referral_rejected, referral_status
from services.intake.domain.request_state import Request

_SOURCE = "/kobling/intake"


def status_of(state: Request, referral_id: str, *, reason: str | None = None) -> ReferralStatus:
    """The status of a request as it stands: the same state gives the same bytes."""
    return ReferralStatus.model_validate(
        {
            "referral_id": referral_id,
            "request_id": state.request_id,
            "status": state.status.value,
            "final": state.status.is_final,
            "at": state.since,
            "rule": state.rule,
            "reason": reason,
            "options": state.options,
        }
    )


class ReferralAnswers:
    """Ids are derived from what is said: who reads an answer twice sees the same id twice."""

    def __init__(self, publisher: Publisher) -> None:
        self._publisher = publisher

    async def send(self, tenant: str, status: ReferralStatus) -> None:
        """Returns when the broker has it for good."""
        event_id = derive_id("referral-status", tenant, status.request_id, status.status, status.at.isoformat())
        headers = [*_headers(tenant, STATUS, event_id), ("ce_time", _instant(status.at))]
        body = status.model_dump_json(exclude_none=True).encode()
        await self._publisher.send(referral_status(tenant), key=status.request_id, headers=headers, body=body)

    async def reject(self, tenant: str, rejected: ReferralRejected) -> None:
        place = f"{rejected.partition}-{rejected.offset}"
        headers = _headers(tenant, REJECTED, derive_id("referral-rejected", tenant, place))
        body = rejected.model_dump_json(exclude_none=True).encode()
        await self._publisher.send(referral_rejected(tenant), key=place, headers=headers, body=body)


def _headers(tenant: str, name: str, event_id: str) -> list[Header]:
    return [
        ("ce_specversion", b"1.0"),
        ("content-type", b"application/json"),
        ("ce_id", event_id.encode()),
        ("ce_source", _SOURCE.encode()),
        ("ce_type", name.encode()),
        ("ce_schemaversion", b"%d" % SCHEMA_VERSION),
        ("ce_tenant", tenant.encode()),
    ]


def _instant(at: datetime) -> bytes:
    return at.isoformat().encode()
