"""What one coordinator hears of one programme: on working mornings what waits, if anything does. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chassis.decider import Decider
from chassis.refusal import NotFound
from contracts.base import Event
from contracts.intake import MessageLanguage
from contracts.notifications import Counts, DigestLooked, DigestUnwanted, DigestWanted
from contracts.sealed import Sealed
from services.notifications.domain.mornings import Country, next_morning

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class WantDigest:
    """`email` is sealed under the coordinator's own key."""

    now: datetime
    recipient_id: str
    programme: str
    language: MessageLanguage
    email: Sealed[str]
    zone: str
    country: Country


@dataclass(frozen=True, slots=True)
class LookAround:
    """`counts` is what waits just now."""

    now: datetime
    counts: Counts
    zone: str
    country: Country


@dataclass(frozen=True, slots=True)
class UnwantDigest:
    now: datetime


Command = WantDigest | LookAround | UnwantDigest


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Digest:
    """`wanted` is what was wanted last, also where it is wanted no more."""

    wanted: DigestWanted | None = None
    is_wanted: bool = False
    next_at: datetime | None = None
    looked_at: datetime | None = None


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Digest) -> Sequence[Event]:
    """Raises NotFound where nobody ever wanted one."""
    match command:
        case WantDigest():
            return _want(command, state)
        case LookAround(now=now):
            wanted = _known(state)
            if not state.is_wanted or state.next_at is None or now < state.next_at:
                return []
            return [_looked(command, wanted)]
        case UnwantDigest(now=now):
            known = _known(state)
            about = {"recipient_id": known.recipient_id, "programme": known.programme}
            return [DigestUnwanted(**about, unwanted_at=now)] if state.is_wanted else []


def _want(command: WantDigest, state: Digest) -> Sequence[Event]:
    now = command.now
    before = state.wanted if state.is_wanted else None
    if before is not None and (before.language, before.email) == (command.language, command.email):
        return []
    return [
        DigestWanted(
            recipient_id=command.recipient_id,
            programme=command.programme,
            language=command.language,
            email=command.email,
            wanted_at=now,
            next_at=next_morning(now, zone=command.zone, country=command.country),
        )
    ]


def _looked(command: LookAround, wanted: DigestWanted) -> Event:
    return DigestLooked(
        recipient_id=wanted.recipient_id,
        programme=wanted.programme,
        looked_at=command.now,
        counts=command.counts,
        next_at=next_morning(command.now, zone=command.zone, country=command.country),
    )


def _known(state: Digest) -> DigestWanted:
    if state.wanted is None:
        raise NotFound()
    return state.wanted


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Digest, event: Event) -> Digest:
    match event:
        case DigestWanted(next_at=next_at, wanted_at=wanted_at):
            return Digest(event, is_wanted=True, next_at=next_at, looked_at=state.looked_at or wanted_at)
        case DigestLooked(next_at=next_at, looked_at=looked_at):
            return Digest(state.wanted, is_wanted=True, next_at=next_at, looked_at=looked_at)
        case DigestUnwanted():
            return Digest(state.wanted)
        case _:
            return state


digest = Decider("digest", Digest(), decide, evolve)
