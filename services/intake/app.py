"""What intake is made of: the only place where its parts are put together."""

from chassis.service import Access, Runtime, Service
from chassis.timers import TimerPlan
from contracts.roles import SCOPES as ROLES
from services.intake.belongings import belongings
from services.intake.http.block_checks import block_checks_router
from services.intake.http.erasures import erasures_router
from services.intake.http.gates import gates_router
from services.intake.http.person_blocks import person_blocks_router
from services.intake.http.person_desk import PersonDesk
from services.intake.http.person_everything import Everything, person_everything_router
from services.intake.http.person_looks import person_looks_router
from services.intake.http.person_safety import person_safety_router
from services.intake.http.person_views import PersonViews
from services.intake.http.persons import persons_router
from services.intake.http.places import places_router
from services.intake.http.programmes import programmes_router
from services.intake.http.referrals import referrals_router
from services.intake.http.requests import requests_router
from services.intake.http.staff import staff_routers
from services.intake.http.voices import voices_router
from services.intake.http.volunteerings import volunteerings_router
from services.intake.identities import Identities
from services.intake.inbound.referrals import referrals
from services.intake.leaving import Leaving
from services.intake.names import Names
from services.intake.pages import PAGES
from services.intake.projections.block_checks import block_checks
from services.intake.projections.erasures import erasures
from services.intake.projections.grants import grants
from services.intake.projections.places import places
from services.intake.projections.programmes import programmes
from services.intake.purging import FORGETTING, purge_people
from services.intake.reactions.check_identities import check_identities
from services.intake.reactions.erasure import erasures_are_due, people_leave
from services.intake.reactions.mandate_end import mandate_ends
from services.intake.reactions.on_match_made import on_match_made
from services.intake.reactions.on_task_completed import on_task_completed
from services.intake.reactions.reassess_approvals import Reassessment, lapse_when_due, reassess_approvals
from services.intake.reactions.request_deadlines import (
    RequestDeadlines,
    answers_are_due,
    hand_overs_bounce,
    note_held_back,
)
from services.intake.reactions.residence_end import Residence, residence_ends
from services.intake.reactions.tell_sender import Senders, tell_sender
from services.intake.referral_answers import ReferralAnswers
from services.intake.referral_desk import ReferralDesk
from services.intake.wording import SENTENCES, Wording


def build(runtime: Runtime) -> Service:
    commands, reading, keyring, clock = runtime.commands, runtime.read_models, runtime.keyring, runtime.clock
    wording, answers = Wording(), ReferralAnswers(runtime.publisher)
    identities = Identities(commands, keyring, clock)
    desk = ReferralDesk(commands, keyring, identities=identities, answers=answers, clock=clock, wording=wording)
    people = PersonDesk(commands, keyring, clock, identities)
    views = PersonViews(keyring)
    everything = Everything(commands, reading, keyring=keyring, wording=wording)
    leaving = Leaving(commands, reading, keyring=keyring, ledger=runtime.erasures, identities=identities, clock=clock)
    senders = Senders(commands, keyring, answers=answers, wording=wording)
    reassessment = Reassessment(commands, reading, keyring, clock)
    residence = Residence(commands, reading, keyring=keyring, clock=clock, wording=wording)
    deadlines = RequestDeadlines(commands, reading, clock)
    return Service(
        routers=[
            places_router(commands, reading, clock),
            programmes_router(commands, reading, clock),
            persons_router(people, views, reading, names=Names(reading, keyring), clock=clock),
            person_safety_router(people, clock),
            erasures_router(people, reading, clock),
            person_blocks_router(people, commands),
            person_looks_router(runtime.trail),
            person_everything_router(everything, views, reading, clock),
            voices_router(commands, keyring, clock),
            block_checks_router(commands, reading, keyring=keyring, clock=clock),
            volunteerings_router(commands, reading, keyring=keyring, clock=clock, wording=wording),
            gates_router(reading, Names(reading, keyring), clock),
            requests_router(commands, reading, keyring=keyring, clock=clock, wording=wording),
            referrals_router(desk),
            *staff_routers(commands, keyring, clock),
        ],
        projections=[places, programmes, block_checks, erasures, grants, *FORGETTING],
        access=Access(grants, ROLES, belongings(commands, reading)),
        reactions=[
            check_identities(commands, keyring, identities),
            on_match_made(commands, senders),
            on_task_completed(commands),
            tell_sender(commands, senders),
            reassess_approvals(reassessment),
            note_held_back(deadlines),
            people_leave(leaving),
            purge_people(commands, reading, runtime.keyring, clock),
        ],
        inbounds=[referrals(desk, answers)],
        timers=_timers(runtime, reassessment, residence, deadlines),
        erased_again=leaving.erase_again,
        sentences=SENTENCES,
        pages=PAGES,
    )


def _timers(
    runtime: Runtime, reassessment: Reassessment, residence: Residence, deadlines: RequestDeadlines
) -> list[TimerPlan]:
    commands, clock = runtime.commands, runtime.clock
    return [
        lapse_when_due(reassessment),
        residence_ends(residence),
        answers_are_due(deadlines),
        hand_overs_bounce(deadlines),
        mandate_ends(commands, clock),
        erasures_are_due(commands, clock),
    ]
