"""What somebody told us when asked, on a stream for each person. Stored and published: version with care."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.sealed import Sealed

Moment = Literal["start", "later"]


@event("intake.answers-given", version=1)
class AnswersGiven(Event):
    """Somebody answered an instrument of the programme, of their own will; nothing depends on it (S0.4, S2.5).

    `answer_id` is one for each programme, instrument, moment and day: given again, it replaces the answer before.
    `items` are whole numbers in the order of the instrument's items, each from `least` to `most`, sealed as a whole.
    """

    person_id: str
    answer_id: str
    programme: str
    instrument: str
    instrument_version: str
    moment: Moment
    items: Sealed[tuple[int, ...]]
    least: int
    most: int
    own_words: Sealed[str] | None = None
    answered_on: date


@event("intake.voice-redacted", version=1)
class VoiceRedacted(Event):
    """The person takes that answer back: it counts no longer, from now on."""

    person_id: str
    answer_id: str
    redacted_at: AwareDatetime
