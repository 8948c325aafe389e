from dataclasses import replace
from datetime import timedelta

from hypothesis import given as trying
from hypothesis.strategies import lists, sampled_from

from services.intake.domain.volunteering import Command, Leave, Reassess, Reinstate, Suspend, volunteering
from services.intake.domain.volunteering_approving import Decline
from services.intake.domain.volunteering_trust import GiveTrust, TakeBackTrust
from tests.unit.intake.oslo import NOW, TODAY
from tests.unit.intake.test_volunteering_trust import GUIDANCE, TRUSTING
from tests.unit.intake.volunteers import (
    APPLY,
    APPROVE,
    CERTIFICATE,
    FIRST_EVENING,
    OPEN,
    OPTIONS,
    SIGN,
    TALK,
    V1,
    V2,
)
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

COMMANDS: list[Command] = [
    APPLY,
    replace(APPLY, roles=("guide",)),
    replace(APPLY, programme=OPEN, roles=("member",)),
    FIRST_EVENING,
    replace(FIRST_EVENING, session="evening-2"),
    replace(FIRST_EVENING, session="evening-2", hours=0.5),
    SIGN,
    replace(SIGN, programme=V2, text_version="v2"),
    CERTIFICATE,
    replace(CERTIFICATE, valid_until=TODAY),
    TALK,
    replace(TALK, outcome="not-suitable"),
    APPROVE,
    replace(APPROVE, programme=V2),
    Decline(rule="not-suitable", options=OPTIONS),
    Suspend(suspended_by="staff-1"),
    Reinstate(programme=V1, reinstated_by="staff-2", now=NOW),
    Reinstate(programme=V2, reinstated_by="staff-2", now=NOW + timedelta(days=40)),
    Reassess(programme=V1, now=NOW.replace(year=2028)),
    Reassess(programme=V2, now=NOW),
    Reassess(programme=V2, now=NOW + timedelta(days=40)),
    Reassess(programme=TRUSTING, now=NOW),
    GUIDANCE,
    replace(GUIDANCE, hours=2, given_by="staff-2"),
    GiveTrust(programme=TRUSTING, level="keyholder", given_by="staff-1", now=NOW),
    GiveTrust(programme=TRUSTING, level="helper", given_by="staff-1", now=NOW),
    TakeBackTrust(programme=TRUSTING, level="helper", taken_back_by="staff-1", now=NOW),
    TakeBackTrust(programme=TRUSTING, level="keyholder", taken_back_by="staff-1", now=NOW),
    Reassess(programme=V1, now=NOW, resident_until=TODAY + timedelta(days=30)),
    Reassess(programme=V1, now=NOW, resident_until=TODAY - timedelta(days=1)),
    replace(APPROVE, resident_until=TODAY),
    replace(TALK, resident_until=TODAY - timedelta(days=1)),
    Leave(left_on=TODAY),
]
READY_COMMANDS: list[Command] = [APPLY, FIRST_EVENING, COMMANDS[4], SIGN, CERTIFICATE, TALK, APPROVE]


@trying(commands=lists(sampled_from(COMMANDS), max_size=15))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(volunteering, commands)
    repeating_changes_nothing(volunteering, [*READY_COMMANDS, *commands])


@trying(commands=lists(sampled_from(COMMANDS), max_size=15))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(volunteering, commands)
    history_folds_from_storage(volunteering, [*READY_COMMANDS, *commands])
