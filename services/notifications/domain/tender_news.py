"""How one member wants to hear of tasks in a programme: at once, the morning after, or not at all (S1.13). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.decider import Decider
from contracts.base import Event
from contracts.notifications import TenderNews, TenderNewsWanted

# (ours) Who said nothing hears on the mornings on which there is something new.
UNTOLD: TenderNews = "digest"

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WantTenderNews:
    now: datetime
    person_id: str
    programme: str
    how: TenderNews


Command = WantTenderNews


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class News:
    """`how` is None while nothing was said."""

    how: TenderNews | None = None


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: News) -> Sequence[Event]:
    if command.how == state.how:
        return []
    return [
        TenderNewsWanted(
            person_id=command.person_id, programme=command.programme, how=command.how, wanted_at=command.now
        )
    ]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: News, event: Event) -> News:
    match event:
        case TenderNewsWanted(how=how):
            return News(how)
        case _:
            return state


tender_news = Decider("tender-news", News(), decide, evolve)
