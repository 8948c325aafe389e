"""What matching is made of: the only place where its parts are put together."""

from pathlib import Path

from chassis.service import Runtime, Service
from services.matching.candidates import Candidates
from services.matching.http.answers import answers_router
from services.matching.http.matches import matches_router
from services.matching.http.searches import proposing_router, searches_router
from services.matching.pairs import Pairs
from services.matching.projections.candidate_tables import CandidateTables
from services.matching.projections.candidates import candidates
from services.matching.projections.matches import matches
from services.matching.projections.policies import StoredPolicies, policies
from services.matching.projections.proposals import proposals
from services.matching.projections.searches import searches
from services.matching.reactions.on_deadlines import matches_end, reservations_end
from services.matching.reactions.on_matches import on_matches
from services.matching.reactions.on_pairs import on_pairs
from services.matching.reactions.on_requests import on_requests
from services.matching.reactions.on_searches import on_searches
from services.matching.reactions.on_slots import on_slots
from services.matching.reactions.on_volunteering import on_volunteering


def build(runtime: Runtime) -> Service:
    commands, reading, clock = runtime.commands, runtime.read_models, runtime.clock
    known = StoredPolicies(reading, clock)
    pairs = Pairs(commands, runtime.keyring)
    ranked = Candidates(CandidateTables(reading), known, pairs=pairs, clock=clock)
    return Service(
        routers=[
            searches_router(reading, commands, ranked),
            proposing_router(commands, reading, ranked, pairs=pairs, policies=known, clock=clock),
            answers_router(commands, reading, clock),
            matches_router(commands, reading, policies=known, clock=clock),
        ],
        projections=[policies, candidates, searches, proposals, matches],
        reactions=[
            on_requests(commands),
            on_volunteering(commands, known, clock),
            on_pairs(commands),
            on_slots(commands, pairs, clock),
            on_searches(commands, known, clock),
            on_matches(commands, known),
        ],
        timers=[reservations_end(commands, clock), matches_end(commands)],
        sentences=Path(__file__).parent / "sentences.yaml",
    )
