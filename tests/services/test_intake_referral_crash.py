"""A process that dies between two commits of one referral: the redelivery makes what is missing and nothing twice.

Somebody blocked the e-mail address of who is referred: the pair is held in the end, wherever it died.
"""

import json
from typing import Any

import pytest

from chassis.clock import FixedClock
from chassis.command_handler import CommandHandler, Context
from chassis.event_store.memory import MemoryEventStore
from chassis.event_store.port import Commit, NewCommit
from chassis.keyring import MemoryKeyring
from chassis.publisher import Publisher
from contracts.envelope import StreamId
from contracts.intake import CounterpartBlocked
from contracts.policy import Policy
from contracts.referral import Referral
from services.intake.domain.programme import AdoptPolicy, programme
from services.intake.identities import Identities, Said
from services.intake.referral_answers import ReferralAnswers
from services.intake.referral_desk import Arrival, ReferralDesk
from services.intake.wording import Wording
from tests.services.intake_front import PAIRING, referral
from tests.support.service import Place
from tests.unit.intake.oslo import NOW, TODAY

TENANT = "fjordby"
ARRIVAL = Arrival(tenant=TENANT, sender="/fjordby/case-system", correlation_id="correlation-1")
REFERRAL = Referral.model_validate_json(json.dumps(referral("17", person_languages=[{"code": "so"}])))


class Killed(Exception):
    """The process is gone."""


class MortalStore(MemoryEventStore):
    """Dies at the append that is told, before it is kept or just after; lives on once it was restarted."""

    def __init__(self) -> None:
        super().__init__()
        self.appends_left: int | None = None
        self.dies_after = False
        self.kept: list[Commit] = []

    async def append(self, commit: NewCommit) -> Commit:
        dies = self.appends_left == 0
        if self.appends_left is not None:
            self.appends_left -= 1
        if dies and not self.dies_after:
            raise Killed()
        kept = await super().append(commit)
        self.kept.append(kept)
        if dies:
            raise Killed()
        return kept


async def desk_with(store: MortalStore, publisher: Publisher) -> ReferralDesk:
    clock = FixedClock(NOW)
    commands = CommandHandler(store, clock)
    adopt = AdoptPolicy(
        programme="walking-friends",
        policy=Policy.model_validate(PAIRING),
        adopted_by="board",
        adopted_on=TODAY,
        today=TODAY,
    )
    context = Context(command_id="adopt", actor="staff-1", correlation_id="correlation-0")
    await commands.handle(programme, StreamId(TENANT, "programme", "walking-friends"), adopt, context=context)
    keyring = MemoryKeyring()
    identities = Identities(commands, keyring, clock)
    await blocked(identities, keyring)
    return ReferralDesk(
        commands,
        keyring,
        identities=identities,
        answers=ReferralAnswers(publisher),
        clock=clock,
        wording=Wording(),
    )


async def blocked(identities: Identities, keyring: MemoryKeyring) -> None:
    kind, fingerprint = identities.blocked_fingerprint(TENANT, Said(email=REFERRAL.person.email))
    token = await keyring.seal(TENANT, "person-9", fingerprint)
    block = CounterpartBlocked(person_id="person-9", block_id="block-1", kind=kind, fingerprint=token, blocked_at=NOW)
    await identities.blocked(TENANT, block)


@pytest.mark.parametrize("dies_after", [False, True])
@pytest.mark.parametrize("at", [0, 1, 2, 3, 4, 5, 6])
async def test_killed_at_any_commit_the_redelivery_makes_the_rest(place: Place, at: int, dies_after: bool) -> None:
    await place.make_topics(TENANT)
    store, publisher = MortalStore(), Publisher(place.engines.kafka, namespace=place.namespace)
    desk = await desk_with(store, publisher)
    store.appends_left, store.dies_after = at, dies_after
    with pytest.raises(Killed):
        await desk.handle(REFERRAL, ARRIVAL)
    answers = [await desk.handle(REFERRAL, ARRIVAL) for _ in range(2)]
    await publisher.aclose()
    assert answers[0] == answers[1]
    assert [event.event_type for commit in store.kept for event in commit.events] == [
        "intake.programme-adopted",
        "intake.identity-blocked",
        "intake.referral-received",
        "intake.request-posted",
        "intake.person-registered",
        "intake.contact-given",
        "intake.profile-described",
        "intake.identity-seen",
        "intake.block-suspected",
        "intake.pair-held",
        "intake.identity-seen",
    ]
    told: list[Any] = await place.read(f"referral-status.{TENANT}", at_least=2)
    assert len({(record.headers["ce_id"], record.body) for record in told}) == 1
