"""What did people answer when asked, and have not taken back? Sealed; opened when a figure is asked, for that figure.

It is no row among the facts: nobody can be found by what they answered (S2.5).
"""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import AwareDatetime, BaseModel

from chassis.keyring import Keyring
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import AnswersGiven, Moment, VoiceRedacted
from contracts.sealed import Redacted, Sealed
from contracts.topics import INTAKE
from services.reporting.figures.score import Score, points_of
from services.reporting.telling.fact import noon


class Said(BaseModel):
    """One answer under its seal, with its scale."""

    version: str
    items: Sealed[list[int]]
    least: int
    most: int


class Word(BaseModel):
    """What was said at a time; `said` None takes back what was said before."""

    happened_at: AwareDatetime
    recorded_at: AwareDatetime
    said: Said | None = None


class Answers(BaseModel):
    """What one person answered of one instrument on one day; `words` in their order."""

    programme: str
    instrument: str
    person_id: str
    moment: Moment
    answered_on: date
    words: list[Word] = []

    def last(self, *, before: datetime, known_before: datetime | None) -> Said | None:
        """What held at that instant, as known before another."""
        held = [
            word
            for word in self.words
            if word.happened_at < before and (known_before is None or word.recorded_at < known_before)
        ]
        return held[-1].said if held else None


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case AnswersGiven(answer_id=answer_id) | VoiceRedacted(answer_id=answer_id):
            return (f"{recorded.tenant}/{answer_id}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    recorded_at = recorded.origin.recorded_at
    match recorded.event:
        case AnswersGiven() as given:
            known = Answers.model_validate(body or given.model_dump(exclude={"items"}))
            items: Sealed[list[int]] = Sealed(given.items.subject, given.items.token)
            said = Said(version=given.instrument_version, items=items, least=given.least, most=given.most)
            word = Word(happened_at=noon(given.answered_on), recorded_at=recorded_at, said=said)
        case VoiceRedacted(redacted_at=at) if body is not None:
            known = Answers.model_validate(body)
            word = Word(happened_at=at, recorded_at=recorded_at)
        case _:
            return body
    return known.model_copy(update={"words": [*known.words, word]}).model_dump(mode="json")


answers = Projection(
    name="answers",
    version=1,
    topics=(INTAKE,),
    handles=(AnswersGiven, VoiceRedacted),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("programme", "instrument")),),
)


async def scores_of(
    reading: ReadModels,
    keyring: Keyring,
    *,
    tenant: str,
    programme: str,
    instrument: str,
    before: datetime,
    known_before: datetime | None,
) -> list[Score]:
    """One for each answer that held at `before`. Erased persons answered nothing."""
    found = await reading.find(answers, tenant, {"programme": programme, "instrument": instrument}, limit=0)
    known = [Answers.model_validate(one) for one in found]
    held = [(one, said) for one in known if (said := one.last(before=before, known_before=known_before)) is not None]
    opened: Sequence[list[int] | Redacted] = await keyring.open_many(tenant, [said.items for _, said in held])
    return [
        score(one, said, tuple(items))
        for (one, said), items in zip(held, opened, strict=True)
        if not isinstance(items, Redacted)
    ]


def score(answered: Answers, said: Said, items: tuple[int, ...]) -> Score:
    return Score(
        person_id=answered.person_id,
        version=said.version,
        moment=answered.moment,
        answered_on=answered.answered_on,
        points=points_of(items, least=said.least, most=said.most),
    )
