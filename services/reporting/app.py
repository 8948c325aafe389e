"""What reporting is made of."""

from pathlib import Path

from chassis.http.sentences import Sentences
from chassis.service import Runtime, Service
from services.reporting.answering import Answering
from services.reporting.figures import FIGURES
from services.reporting.figures.definitions import definition_of
from services.reporting.http.figures import counted_programmes_router, figures_router
from services.reporting.http.keeping import keeping_router
from services.reporting.pages import PAGES
from services.reporting.projections.answers import answers
from services.reporting.projections.facts import facts
from services.reporting.projections.programmes import programmes
from services.reporting.purging import FORGETTING, purge_people

SENTENCES = Path(__file__).with_name("sentences.yaml")


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
        projections=[facts, programmes, answers, *FORGETTING],
        reactions=[purge_people(runtime.commands, reading, runtime.clock)],
        sentences=SENTENCES,
        pages=PAGES,
    )
