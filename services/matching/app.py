"""What matching is made of: the only place where its parts are put together."""

from pathlib import Path

from fastapi import APIRouter

from chassis.http.looked_at import looked_at_router
from chassis.reaction import Reaction
from chassis.service import Access, Runtime, Service
from chassis.timers import TimerPlan
from contracts.roles import SCOPES as ROLES
from services.matching.batch import Batch
from services.matching.belongings import belongings
from services.matching.board import Board
from services.matching.candidates import Candidates
from services.matching.catalogue import Catalogue
from services.matching.gatherings import Gatherings
from services.matching.http.activities import activities_router, activity_lists_router
from services.matching.http.answers import answers_router
from services.matching.http.everything import Held, everything_router
from services.matching.http.lone_visits import lone_visits_router
from services.matching.http.match_steps import match_steps_router
from services.matching.http.matches import matches_router, own_matches_router
from services.matching.http.offers import offers_desk_router, offers_router
from services.matching.http.overview import overview_router
from services.matching.http.own_sessions import own_sessions_router
from services.matching.http.searches import proposing_router, searches_router
from services.matching.http.sessions import sessions_router
from services.matching.http.suggestions import suggestions_router
from services.matching.http.tasks import tasks_router
from services.matching.http.tender_desk import tender_desk_router
from services.matching.http.tenders import tenders_router
from services.matching.made_matches import MadeMatches
from services.matching.pages import PAGES
from services.matching.pairs import Pairs
from services.matching.projections.candidate_tables import CandidateTables
from services.matching.projections.grants import grants
from services.matching.projections.matches import StoredMatches, matches
from services.matching.projections.modes import StoredModes
from services.matching.projections.policies import StoredPolicies, policies
from services.matching.projections.proposals import proposals
from services.matching.projections.sessions import sessions
from services.matching.purging import FORGETTING, purge_people
from services.matching.reactions.asking import (
    Asking,
    asked_after_a_pause,
    asked_after_fristed,
    check_ins_are_asked,
    reviews_are_due,
)
from services.matching.reactions.match_deadlines import (
    ends_come_near,
    lone_visits_are_missed,
    matches_are_let_go,
    matches_end,
)
from services.matching.reactions.on_activities import on_activities
from services.matching.reactions.on_deadlines import reservations_end
from services.matching.reactions.on_erasures import Releasing, on_erasures
from services.matching.reactions.on_interruptions import helpers_interrupt, new_matches_look, pairs_interrupt
from services.matching.reactions.on_late_comers import on_late_comers
from services.matching.reactions.on_matches import on_matches
from services.matching.reactions.on_pairs import on_pairs
from services.matching.reactions.on_requests import on_requests
from services.matching.reactions.on_searches import on_searches
from services.matching.reactions.on_slots import on_slots
from services.matching.reactions.on_tenders import on_tenders, tenders_lapse
from services.matching.reactions.on_volunteering import on_volunteering
from services.matching.suggestions import Suggestions


def build(runtime: Runtime) -> Service:
    commands, reading, clock = runtime.commands, runtime.read_models, runtime.clock
    known = StoredPolicies(reading, clock)
    pairs = Pairs(commands, runtime.keyring)
    tables = CandidateTables(reading, runtime.keyring)
    ranked = Candidates(tables, known, runtime.keyring, pairs=pairs, clock=clock)
    suggestions = Suggestions(Batch(ranked, reading, clock), clock)
    made_matches = MadeMatches(commands, known, clock)
    asking = Asking(made_matches, reading, StoredModes(reading, clock))
    return Service(
        routers=[
            searches_router(reading, commands, ranked),
            overview_router(reading, known),
            suggestions_router(suggestions),
            proposing_router(commands, reading, ranked, pairs=pairs, policies=known, clock=clock),
            answers_router(commands, reading, policies=known, clock=clock),
            *_tenders(runtime, known, pairs, ranked),
            matches_router(reading, runtime.keyring, known),
            own_matches_router(reading, runtime.keyring, known),
            match_steps_router(made_matches, runtime.keyring),
            lone_visits_router(made_matches),
            looked_at_router(runtime.trail, "matching:answer"),
            *_offers_and_activities(runtime, known, pairs),
        ],
        projections=[policies, proposals, matches, sessions, grants, *FORGETTING],
        access=Access(grants, ROLES, belongings(commands)),
        reactions=[
            on_requests(commands),
            on_volunteering(commands, known, clock),
            on_pairs(commands),
            on_slots(commands, pairs, policies=known, clock=clock),
            on_searches(commands, known, runtime.keyring, clock=clock),
            on_tenders(commands, known, clock),
            on_matches(commands, known),
            on_activities(commands, reading, clock),
            *_who_leaves(runtime, made_matches),
            *_what_interrupts(runtime, made_matches, pairs),
        ],
        timers=[
            reservations_end(commands, known, clock),
            tenders_lapse(commands, known, clock),
            *_timers_of_matches(made_matches, asking),
        ],
        companions=[known.run, tables.run, suggestions.run],
        pages=PAGES,
        sentences=Path(__file__).parent / "sentences.yaml",
    )


def _tenders(runtime: Runtime, known: StoredPolicies, pairs: Pairs, ranked: Candidates) -> list[APIRouter]:
    commands, reading, keyring, clock = runtime.commands, runtime.read_models, runtime.keyring, runtime.clock
    board = Board(commands, reading, keyring, policies=known, pairs=pairs, clock=clock)
    return [
        tenders_router(commands, reading, board, keyring=keyring, policies=known, clock=clock),
        tender_desk_router(commands, reading, ranked, pairs=pairs, keyring=keyring, policies=known, clock=clock),
        tasks_router(commands, reading, keyring=keyring, policies=known, clock=clock),
    ]


def _offers_and_activities(runtime: Runtime, known: StoredPolicies, pairs: Pairs) -> list[APIRouter]:
    commands, reading, keyring, clock = runtime.commands, runtime.read_models, runtime.keyring, runtime.clock
    catalogue = Catalogue(commands, reading, keyring, pairs=pairs, policies=known, clock=clock)
    gatherings = Gatherings(commands, reading, keyring, pairs=pairs, clock=clock)
    return [
        offers_router(commands, catalogue, keyring, policies=known, clock=clock),
        offers_desk_router(catalogue, reading),
        everything_router(
            Held(commands, reading, catalogue, gatherings=gatherings, keyring=keyring, policies=known, clock=clock)
        ),
        activities_router(commands, reading, gatherings, keyring=keyring, pairs=pairs, policies=known, clock=clock),
        activity_lists_router(reading, gatherings),
        own_sessions_router(reading, gatherings),
        sessions_router(commands, reading, gatherings, keyring=keyring, clock=clock),
    ]


def _who_leaves(runtime: Runtime, made_matches: MadeMatches) -> list[Reaction]:
    commands, reading, clock = runtime.commands, runtime.read_models, runtime.clock
    return [
        on_erasures(Releasing(commands, reading, made_matches, clock)),
        on_late_comers(commands, clock),
        purge_people(commands, reading, runtime.keyring, clock),
    ]


def _what_interrupts(runtime: Runtime, made_matches: MadeMatches, pairs: Pairs) -> list[Reaction]:
    commands = runtime.commands
    return [
        helpers_interrupt(commands, made_matches, StoredMatches(runtime.read_models)),
        pairs_interrupt(commands, made_matches, pairs),
        new_matches_look(commands, made_matches, pairs),
    ]


def _timers_of_matches(made_matches: MadeMatches, asking: Asking) -> list[TimerPlan]:
    return [
        matches_end(made_matches),
        ends_come_near(made_matches),
        matches_are_let_go(made_matches),
        lone_visits_are_missed(made_matches),
        check_ins_are_asked(asking),
        reviews_are_due(asking),
        asked_after_a_pause(asking),
        asked_after_fristed(asking),
    ]
