"""Which rules of the programme were in force on a day, as far as we knew on another?"""

from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel

from chassis.projection import Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import ProgrammeAdopted
from contracts.topics import INTAKE


class Rules(BaseModel):
    """What figures need of one version of a policy. `training_hours` is the least that any role asks for."""

    version: int
    adopted_on: date
    recorded_at: AwareDatetime
    zone: str
    min_cell: int
    training_hours: float


class CountedProgramme(BaseModel):
    """Every version of a programme's policy, oldest first; at least one."""

    versions: list[Rules]

    @property
    def latest(self) -> Rules:
        return self.versions[-1]

    def rules(self, *, on: date, known_before: datetime | None) -> Rules:
        """The version in force on a day, as known before an instant; the first one for days before all of them."""
        in_force = [
            rules
            for rules in self.versions
            if rules.adopted_on <= on and (known_before is None or rules.recorded_at < known_before)
        ]
        return in_force[-1] if in_force else self.versions[0]


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case ProgrammeAdopted(programme=code):
            return (f"{recorded.tenant}/{code}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case ProgrammeAdopted() as adopted:
            rules = _rules(adopted, recorded.origin.recorded_at)
            return {"versions": [*(body or {}).get("versions", []), rules.model_dump(mode="json")]}
        case _:
            return body


def _rules(adopted: ProgrammeAdopted, recorded_at: datetime) -> Rules:
    policy = adopted.policy
    return Rules(
        version=adopted.policy_version,
        adopted_on=adopted.adopted_on,
        recorded_at=recorded_at,
        zone=policy.zone,
        min_cell=policy.min_cell,
        training_hours=min((role.hours for role in policy.roles.values() if role.hours > 0), default=0),
    )


programmes = Projection(
    name="programmes", version=1, topics=(INTAKE,), handles=(ProgrammeAdopted,), keys=_keys, fold=_fold
)


async def counted_programme(reading: ReadModels, tenant: str, code: str) -> CountedProgramme | None:
    found = await reading.get(programmes, tenant, code)
    return None if found is None else CountedProgramme.model_validate(found)


async def counted_programmes(reading: ReadModels, tenant: str) -> list[str]:
    """The codes of all programmes that were ever adopted, in order."""
    found = await reading.find(programmes, tenant, limit=0)
    return sorted(document["_id"].partition("/")[2] for document in found)
