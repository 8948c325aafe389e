"""What reporting is made of."""

from pathlib import Path

from chassis.auth import Whereabouts
from chassis.service import Access, Runtime, Service
from contracts.roles import SCOPES as ROLES
from services.reporting.figures import FIGURES
from services.reporting.http.figures import figures_router
from services.reporting.projections.facts import facts
from services.reporting.projections.grants import grants
from services.reporting.projections.programmes import programmes
from services.reporting.purging import FORGETTING, purge_people

SENTENCES = Path(__file__).with_name("sentences.yaml")


async def _named(tenant: str, programme: str) -> Whereabouts:
    """A figure is of the programme it is asked for."""
    return Whereabouts(frozenset({programme}))


def build(runtime: Runtime) -> Service:
    return Service(
        routers=[figures_router(runtime.read_models, FIGURES, keyring=runtime.keyring, clock=runtime.clock)],
        projections=[facts, programmes, grants, *FORGETTING],
        access=Access(grants, ROLES, {"programme": _named}),
        reactions=[purge_people(runtime.commands, runtime.read_models, runtime.keyring, runtime.clock)],
        sentences=SENTENCES,
    )
