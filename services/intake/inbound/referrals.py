"""Referrals from Kafka: read, decided, answered; or rejected with the field at fault, and nothing kept."""

import structlog

from chassis.inbound import Inbound, InboundRecord
from chassis.refusal import Refusal
from contracts.envelope import derive_id
from contracts.referral import ReferralRejected
from contracts.topics import REFERRALS_PATTERN
from services.intake.inbound.reading import Read, Unreadable, read, tenant_of
from services.intake.referral_answers import ReferralAnswers
from services.intake.referral_desk import Arrival, ReferralDesk

log = structlog.get_logger()


def referrals(desk: ReferralDesk, answers: ReferralAnswers) -> Inbound:
    """Every record is answered on one topic or the other; only an engine that is away makes it wait."""

    async def receive(record: InboundRecord) -> None:
        tenant = tenant_of(record.topic)
        try:
            found = read(record)
            await desk.handle(found.referral, _arrival(tenant, found, record))
        except Unreadable as fault:
            await reject(tenant, record, fault)
        except Refusal as refusal:
            if refusal.retryable:
                raise
            await reject(tenant, record, Unreadable(refusal.field or "body", refusal.rule, refusal.sentence))

    async def reject(tenant: str, record: InboundRecord, fault: Unreadable) -> None:
        log.info("referral_rejected", tenant=tenant, rule=fault.rule, partition=record.partition, offset=record.offset)
        message_id = record.headers.get("ce_id", "")[:200] or None
        rejected = ReferralRejected(
            message_id=message_id,
            field=fault.field,
            rule=fault.rule,
            sentence=fault.sentence,
            partition=record.partition,
            offset=record.offset,
        )
        await answers.reject(tenant, rejected)

    return Inbound(name="referrals", pattern=REFERRALS_PATTERN, receive=receive)


def _arrival(tenant: str, found: Read, record: InboundRecord) -> Arrival:
    cause = derive_id("inbound", record.topic, str(record.partition), str(record.offset))
    return Arrival(
        tenant=tenant,
        sender=found.sender,
        correlation_id=cause,
        causation_id=cause,
        traceparent=record.headers.get("traceparent"),
    )
