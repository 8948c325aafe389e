"""What reporting is made of."""

from pathlib import Path

from chassis.service import Runtime, Service
from services.reporting.figures import FIGURES
from services.reporting.http.figures import figures_router
from services.reporting.projections.facts import facts
from services.reporting.projections.programmes import programmes
from services.reporting.purging import FORGETTING, purge_people

SENTENCES = Path(__file__).with_name("sentences.yaml")


def build(runtime: Runtime) -> Service:
    return Service(
        routers=[figures_router(runtime.read_models, FIGURES, keyring=runtime.keyring, clock=runtime.clock)],
        projections=[facts, programmes, *FORGETTING],
        reactions=[purge_people(runtime.commands, runtime.read_models, runtime.keyring, runtime.clock)],
        sentences=SENTENCES,
    )
