"""What reporting is made of."""

from pathlib import Path

from chassis.auth import Whereabouts
from chassis.http.sentences import Sentences
from chassis.service import Access, Runtime, Service
from contracts.roles import SCOPES as ROLES
from services.reporting.answering import Answering
from services.reporting.figures import FIGURES
from services.reporting.figures.definitions import definition_of
from services.reporting.http.figures import counted_programmes_router, figures_router
from services.reporting.http.keeping import keeping_router
from services.reporting.pages import PAGES
from services.reporting.projections.facts import facts
from services.reporting.projections.grants import grants
from services.reporting.projections.programmes import programmes
from services.reporting.purging import FORGETTING, purge_people

SENTENCES = Path(__file__).with_name("sentences.yaml")


async def _named(tenant: str, programme: str) -> Whereabouts:
    """A figure is of the programme it is asked for."""
    return Whereabouts(frozenset({programme}))


def build(runtime: Runtime) -> Service:
    reading = runtime.read_models
    answering = Answering(reading, FIGURES, keyring=runtime.keyring, clock=runtime.clock)
    definitions = [definition_of(figure) for figure in FIGURES]
    return Service(
        routers=[
            figures_router(answering, definitions),
            counted_programmes_router(reading),
            keeping_router(answering, definitions, Sentences.read(SENTENCES)),
        ],
        projections=[facts, programmes, grants, *FORGETTING],
        access=Access(grants, ROLES, {"programme": _named}),
        reactions=[purge_people(runtime.commands, reading, runtime.keyring, runtime.clock)],
        sentences=SENTENCES,
        pages=PAGES,
    )
