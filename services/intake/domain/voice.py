"""What a person told us when asked: of their own will, replaced within the day, taken back at any time (S0.4, S2.5).

No decision of another stream reads this one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType

from chassis.decider import Decider
from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.envelope import derive_id
from contracts.intake import AnswersGiven, Moment, VoiceRedacted
from contracts.sealed import Sealed


@dataclass(frozen=True, slots=True)
class Scale:
    """One version of an instrument: so many items, each a whole number from `least` to `most`."""

    items: int
    least: int
    most: int

    def holds(self, items: Sequence[int]) -> bool:
        return len(items) == self.items and all(self.least <= item <= self.most for item in items)


# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GiveAnswers:
    """`in_use` are the instruments of the programme's policy, `scales` the versions we know of this one.

    `items` is what was said, in clear and only to be compared with the scale; `sealed_items` is what is kept.
    """

    person_id: str
    programme: str
    instrument: str
    instrument_version: str
    moment: Moment
    answered_on: date
    items: tuple[int, ...] = field(repr=False)
    sealed_items: Sealed[tuple[int, ...]]
    own_words: Sealed[str] | None
    in_use: tuple[str, ...]
    scales: Mapping[str, Scale]
    today: date

    @property
    def answer_id(self) -> str:
        """The same for what replaces it."""
        what = (self.programme, self.instrument, self.moment, self.answered_on.isoformat())
        return derive_id("answer", self.person_id, *what)


@dataclass(frozen=True, slots=True)
class RedactVoice:
    person_id: str
    answer_id: str
    now: datetime


Command = GiveAnswers | RedactVoice


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Voice:
    """`answers` are those that count, by their ids; `redacted` were taken back and not given again since."""

    answers: Mapping[str, AnswersGiven] = field(default_factory=lambda: MappingProxyType({}))
    redacted: frozenset[str] = frozenset()


# refusals -------------------------------------------------------------------------------------------------------------


class InstrumentNotInUse(Refusal):
    rule, sentence, status = "instrument_not_in_use", "This programme does not ask with that instrument.", 422
    field = "instrument"


class InstrumentVersionUnknown(Refusal):
    rule, sentence, status = "instrument_version_unknown", "There is no such version of that instrument.", 422
    field = "instrument_version"


class AnswersOffScale(Refusal):
    rule, status, field = "answers_off_scale", 422, "items"
    sentence = "The answers are not as many, or not as large, as those of that instrument."


class AnsweredInFuture(Refusal):
    rule, sentence, status = "answered_in_future", "An answer was given today or on an earlier day.", 422
    field = "answered_on"


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Voice) -> Sequence[Event]:
    match command:
        case GiveAnswers():
            given = _given(command)
            return [] if state.answers.get(command.answer_id) == given else [given]
        case RedactVoice(answer_id=answer_id) if answer_id in state.redacted:
            return []
        case RedactVoice(answer_id=answer_id) if answer_id not in state.answers:
            raise NotFound()
        case RedactVoice(person_id=person_id, answer_id=answer_id, now=now):
            return [VoiceRedacted(person_id=person_id, answer_id=answer_id, redacted_at=now)]


def _given(command: GiveAnswers) -> AnswersGiven:
    """Raises InstrumentNotInUse, InstrumentVersionUnknown, AnswersOffScale, AnsweredInFuture."""
    if command.instrument not in command.in_use or not command.scales:
        raise InstrumentNotInUse()
    scale = command.scales.get(command.instrument_version)
    if scale is None:
        raise InstrumentVersionUnknown()
    if not scale.holds(command.items):
        raise AnswersOffScale()
    if command.answered_on > command.today:
        raise AnsweredInFuture()
    return AnswersGiven(
        person_id=command.person_id,
        answer_id=command.answer_id,
        programme=command.programme,
        instrument=command.instrument,
        instrument_version=command.instrument_version,
        moment=command.moment,
        items=command.sealed_items,
        least=scale.least,
        most=scale.most,
        own_words=command.own_words,
        answered_on=command.answered_on,
    )


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Voice, event: Event) -> Voice:
    match event:
        case AnswersGiven(answer_id=answer_id):
            answers = MappingProxyType({**state.answers, answer_id: event})
            return replace(state, answers=answers, redacted=state.redacted - {answer_id})
        case VoiceRedacted(answer_id=answer_id):
            kept = {known: given for known, given in state.answers.items() if known != answer_id}
            return replace(state, answers=MappingProxyType(kept), redacted=state.redacted | {answer_id})
        case _:
            return state


voice: Decider[Command, Voice] = Decider("voice", Voice(), decide, evolve)
