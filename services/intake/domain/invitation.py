"""How a login comes to mean a person here: whoever brings the code they were given is that person (S1.8)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from chassis.decider import Decider
from chassis.refusal import Refusal
from contracts.base import Event
from contracts.intake import LoginInvited, LoginLinked


@dataclass(frozen=True, slots=True)
class InviteLogin:
    person_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LinkLogin:
    login: str
    now: datetime


Command = InviteLogin | LinkLogin


class CodeNotValid(Refusal):
    """Unknown, used or too old: which of them is told to nobody who guesses."""

    rule, sentence = "code_not_valid", "This code is not valid. Ask those who gave it to you for a new one."


@dataclass(frozen=True, slots=True)
class Invitation:
    person_id: str | None = None
    expires_at: datetime | None = None
    login: str | None = None


def decide(command: Command, state: Invitation) -> Sequence[Event]:
    match command:
        case InviteLogin(person_id=person_id, expires_at=expires_at):
            if state.person_id is not None:
                return []
            return [LoginInvited(person_id=person_id, expires_at=expires_at)]
        case LinkLogin(login=login, now=now):
            if state.login == login:
                return []
            if state.person_id is None or state.login is not None or state.expires_at is None:
                raise CodeNotValid(options=["ask_for_another_code"])
            if state.expires_at <= now:
                raise CodeNotValid(options=["ask_for_another_code"])
            return [LoginLinked(login=login, person_id=state.person_id, linked_at=now)]


def evolve(state: Invitation, event: Event) -> Invitation:
    match event:
        case LoginInvited(person_id=person_id, expires_at=expires_at):
            return Invitation(person_id, expires_at)
        case LoginLinked(login=login):
            return replace(state, login=login)
        case _:
            return state


invitation: Decider[Command, Invitation] = Decider("invitation", Invitation(), decide, evolve)
