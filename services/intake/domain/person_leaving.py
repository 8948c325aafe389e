"""A person leaves without a trace: what is live ends, the key goes, every service answers (S2.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import get_args

from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import ErasureAsked, ErasureOverdue, KeyDestroyed, PersonErased, ReceiptNoted, ServiceName
from services.intake.domain.person_commands import (
    AskErasure,
    Leaving,
    NoteErasureOverdue,
    NoteKeyDestroyed,
    NoteReceipt,
)

DAYS_TO_ERASE = timedelta(days=7)
SERVICES: frozenset[ServiceName] = frozenset(get_args(ServiceName))


class PersonLeaving(Refusal):
    """Also once they have left."""

    rule = "person_leaving"
    sentence = "This person asked to be erased. Nothing new is kept about them."


class NotLeaving(Refusal):
    rule, sentence = "not_leaving", "This person has not asked to be erased."


@dataclass(frozen=True, slots=True)
class Farewell:
    """`answered` are the services that have dropped all; `is_done` once they all have and the key is destroyed."""

    asked_at: datetime
    destroyed: KeyDestroyed | None = None
    answered: frozenset[ServiceName] = frozenset()
    is_overdue: bool = False
    is_done: bool = False

    @property
    def waiting_for(self) -> tuple[ServiceName, ...]:
        return tuple(sorted(SERVICES - self.answered))


def leave(command: Leaving, state: Farewell | None, person_id: str) -> Sequence[Event]:
    """Raises NotLeaving for a step of an erasure nobody asked for."""
    if isinstance(command, AskErasure):
        asked = ErasureAsked(
            person_id=person_id,
            asked_by=command.asked_by,
            asked_at=command.now,
            overdue_at=command.now + DAYS_TO_ERASE,
        )
        return [asked] if state is None else []
    if state is None:
        raise NotLeaving()
    match command:
        case NoteKeyDestroyed():
            destroyed = destruction(command, person_id)
            return [destroyed] if state.destroyed is None or names_more(destroyed, state.destroyed) else []
        case NoteReceipt():
            return _receive(command, state, person_id)
        case NoteErasureOverdue():
            overdue = ErasureOverdue(
                person_id=person_id, waiting_for=state.waiting_for, is_shredded=state.destroyed is not None
            )
            return [] if state.is_done or state.is_overdue else [overdue]


def destruction(command: NoteKeyDestroyed, person_id: str) -> KeyDestroyed:
    return KeyDestroyed(
        person_id=person_id,
        requests=command.requests,
        programmes=command.programmes,
        answers=command.answers,
        destroyed_at=command.now,
    )


def names_more(said: KeyDestroyed, known: KeyDestroyed) -> bool:
    """Whether it names something that was not named before: it was being written while they left."""
    return any(
        not set(now) <= set(before)
        for now, before in (
            (said.requests, known.requests),
            (said.programmes, known.programmes),
            (said.answers, known.answers),
        )
    )


def _together(known: KeyDestroyed | None, said: KeyDestroyed) -> KeyDestroyed:
    if known is None:
        return said
    return said.model_copy(
        update={
            "requests": tuple(dict.fromkeys((*known.requests, *said.requests))),
            "programmes": tuple(dict.fromkeys((*known.programmes, *said.programmes))),
            "answers": tuple(dict.fromkeys((*known.answers, *said.answers))),
        }
    )


def _receive(command: NoteReceipt, state: Farewell, person_id: str) -> Sequence[Event]:
    """A receipt follows the destroyed key; the last one is the end."""
    if state.destroyed is None or command.service in state.answered:
        return []
    noted = ReceiptNoted(person_id=person_id, service=command.service, noted_at=command.now)
    if state.waiting_for != (command.service,):
        return [noted]
    return [noted, PersonErased(person_id=person_id, erased_at=command.now)]


def left(event: Event, state: Farewell | None) -> Farewell | None:
    """`evolve` for what is said of leaving; any other event changes nothing."""
    if isinstance(event, ErasureAsked):
        return Farewell(event.asked_at)
    if state is None:
        return None
    match event:
        case KeyDestroyed():
            return replace(state, destroyed=_together(state.destroyed, event))
        case ReceiptNoted(service=service):
            return replace(state, answered=state.answered | {service})
        case ErasureOverdue():
            return replace(state, is_overdue=True)
        case PersonErased():
            return replace(state, is_done=True)
        case _:
            return state
