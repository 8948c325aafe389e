"""Where who is blocked and who comes meet: one stream for what both said, whichever came first (S2.9).

The stream's id is a keyed fingerprint of a phone number, an e-mail address, or a name with a birth date. Whoever is
second finds the first; a block that was lifted before it came stays lifted.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chassis.decider import Decider
from contracts.base import Event
from contracts.intake import BlockKind, IdentityBlocked, IdentityForgotten, IdentitySeen, IdentityUnblocked

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeeIdentity:
    """What was said of a person once is remembered, also when something else is said later."""

    person_id: str


@dataclass(frozen=True, slots=True)
class BlockIdentity:
    """`person_id` is who blocks."""

    block_id: str
    person_id: str
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class UnblockIdentity:
    block_id: str


@dataclass(frozen=True, slots=True)
class ForgetIdentity:
    """This person left without a trace (S2.3): nothing said of them is remembered, and none of their blocks holds."""

    person_id: str


Command = SeeIdentity | BlockIdentity | UnblockIdentity | ForgetIdentity


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Block:
    """Who never wants to meet whoever bears this."""

    block_id: str
    person_id: str
    kind: BlockKind


@dataclass(frozen=True, slots=True)
class Identity:
    """`bearers` and `blocks` in the order in which they came; `lifted` are the ids of blocks that hold no longer,
    `forgotten` those who left without a trace."""

    bearers: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    lifted: frozenset[str] = frozenset()
    forgotten: frozenset[str] = frozenset()

    def blocks_against(self, bearer: str) -> Iterator[Block]:
        """Those in force; nobody is kept apart from themselves."""
        return (block for block in self.blocks if block.person_id != bearer and block.block_id not in self.lifted)

    def bearers_beside(self, person_id: str) -> Iterator[str]:
        return (bearer for bearer in self.bearers if bearer != person_id)


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Identity) -> Sequence[Event]:
    match command:
        case SeeIdentity(person_id=person_id):
            is_known = person_id in state.bearers or person_id in state.forgotten
            return [] if is_known else [IdentitySeen(person_id=person_id)]
        case BlockIdentity(block_id=block_id, person_id=person_id, kind=kind):
            is_known = block_id in state.lifted or person_id in state.forgotten
            is_known = is_known or any(block.block_id == block_id for block in state.blocks)
            return [] if is_known else [IdentityBlocked(block_id=block_id, person_id=person_id, kind=kind)]
        case UnblockIdentity(block_id=block_id):
            return [] if block_id in state.lifted else [IdentityUnblocked(block_id=block_id)]
        case ForgetIdentity(person_id=person_id):
            return [] if person_id in state.forgotten else [IdentityForgotten(person_id=person_id)]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Identity, event: Event) -> Identity:
    match event:
        case IdentitySeen(person_id=person_id):
            return replace(state, bearers=(*state.bearers, person_id))
        case IdentityBlocked(block_id=block_id, person_id=person_id, kind=kind):
            return replace(state, blocks=(*state.blocks, Block(block_id, person_id, kind)))
        case IdentityUnblocked(block_id=block_id):
            return replace(state, lifted=state.lifted | {block_id})
        case IdentityForgotten(person_id=person_id):
            return replace(
                state,
                bearers=tuple(state.bearers_beside(person_id)),
                blocks=tuple(block for block in state.blocks if block.person_id != person_id),
                forgotten=state.forgotten | {person_id},
            )
        case _:
            return state


identity: Decider[Command, Identity] = Decider("identity", Identity(), decide, evolve)
