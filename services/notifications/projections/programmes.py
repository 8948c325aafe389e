"""What is the programme called, which zone are its clocks in, and is it paused?"""

from typing import Literal

from pydantic import BaseModel, Field

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import MessageLanguage, ProgrammeAdopted, ProgrammePaused, ProgrammeResumed
from contracts.topics import INTAKE


class Programme(BaseModel):
    title: dict[MessageLanguage, str] = Field(default_factory=dict)
    zone: str = "Europe/Oslo"
    country: Literal["NO", "DK"] = "NO"
    is_paused: bool = False

    def called(self, language: MessageLanguage) -> str | None:
        """The title in that language, else in any that there is."""
        return self.title.get(language) or next(iter(self.title.values()), None)


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case ProgrammeAdopted(programme=code) | ProgrammePaused(programme=code) | ProgrammeResumed(programme=code):
            return (f"{recorded.tenant}/{code}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    known = Programme.model_validate(body or {})
    match recorded.event:
        case ProgrammeAdopted(policy=policy):
            known.title, known.zone, known.country = dict(policy.title), policy.zone, policy.country
        case ProgrammePaused():
            known.is_paused = True
        case ProgrammeResumed():
            known.is_paused = False
        case _:
            return body
    return known.model_dump(mode="json")


programmes = Projection(
    name="programmes",
    version=2,
    topics=(INTAKE,),
    handles=(ProgrammeAdopted, ProgrammePaused, ProgrammeResumed),
    keys=_keys,
    fold=_fold,
)


async def programme_of(reading: ReadModels, tenant: str, code: str) -> Programme:
    """A programme nobody heard of is one without a title."""
    return await known_programme(reading, tenant, code) or Programme()


async def known_programme(reading: ReadModels, tenant: str, code: str) -> Programme | None:
    found = await reading.get(programmes, tenant, code)
    return None if found is None else Programme.model_validate(found)
