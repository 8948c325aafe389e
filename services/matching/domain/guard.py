"""Whether two people may be brought together: one stream for each pair, so that a block and a proposal meet in it.

A proposal engages the pair before it is made, a block bars it. Whichever is first here, the other finds it: who engages
a barred pair is refused, who bars an engaged pair learns what to end. No lag of a read model can come between (S2.9).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from chassis.decider import Decider
from contracts.base import Event
from contracts.matching import PairBarred, PairEngaged, PairUnbarred
from services.matching.domain.helper_commands import HelperNotFound

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class EngagePair:
    """A proposal is about to bring the two together."""

    proposal_id: str
    request_id: str
    helper_id: str


@dataclass(frozen=True, slots=True)
class BarPair:
    """`heard` is the position at which intake said so: what it said before that means nothing any more."""

    heard: int


@dataclass(frozen=True, slots=True)
class UnbarPair:
    heard: int


Command = EngagePair | BarPair | UnbarPair

# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Engagement:
    proposal_id: str
    request_id: str
    helper_id: str


@dataclass(frozen=True, slots=True)
class Guard:
    """`engaged` are all proposals that ever brought these two together, over or not."""

    is_barred: bool = False
    heard: int = 0
    engaged: Mapping[str, Engagement] = field(default_factory=dict)


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Guard) -> Sequence[Event]:
    match command:
        case EngagePair(proposal_id=proposal_id, request_id=request_id, helper_id=helper_id):
            if state.is_barred:
                # As if the other were nobody: not even that there is a block is told (S2.9).
                raise HelperNotFound()
            if proposal_id in state.engaged:
                return []
            return [PairEngaged(proposal_id=proposal_id, request_id=request_id, helper_id=helper_id)]
        case BarPair(heard=heard):
            return [] if state.is_barred or heard <= state.heard else [PairBarred(heard=heard)]
        case UnbarPair(heard=heard):
            return [PairUnbarred(heard=heard)] if state.is_barred and heard > state.heard else []


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Guard, event: Event) -> Guard:
    match event:
        case PairEngaged(proposal_id=proposal_id, request_id=request_id, helper_id=helper_id):
            engagement = Engagement(proposal_id, request_id, helper_id)
            return replace(state, engaged={**state.engaged, proposal_id: engagement})
        case PairBarred(heard=heard):
            return replace(state, is_barred=True, heard=heard)
        case PairUnbarred(heard=heard):
            return replace(state, is_barred=False, heard=heard)
        case _:
            return state


guard = Decider("guard", Guard(), decide, evolve)
