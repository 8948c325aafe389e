"""A person, known by a pseudonym: registered once, described and reached on their own word (S1.8, S1.12, S2.3)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from chassis.decider import Decider
from chassis.refusal import NotFound
from contracts.base import Event
from contracts.intake import (
    Channel,
    ConsentGiven,
    ConsentWithdrawn,
    ContactGiven,
    DayPart,
    Gender,
    LanguageSkill,
    MessageLanguage,
    PersonRegistered,
    ProfileDescribed,
)
from contracts.sealed import Sealed

# commands -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterPerson:
    """`birth_date` is an ISO 8601 date under the seal; `entered_by` is the pseudonym of who typed it in."""

    person_id: str
    channel: Channel
    name: Sealed[str]
    entered_by: str
    birth_date: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class DescribeProfile:
    stated_on: date
    gives: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    interests: tuple[str, ...] = ()
    competences: tuple[str, ...] = ()
    hopes: Sealed[str] | None = None
    languages: tuple[LanguageSkill, ...] = ()
    support_forms: tuple[str, ...] = ()
    day_parts: tuple[DayPart, ...] = ()
    area: str | None = None
    gender: Gender | None = None


@dataclass(frozen=True, slots=True)
class GiveContact:
    language: MessageLanguage
    email: Sealed[str] | None = None
    phone: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class GiveConsent:
    purpose: str
    controller: str
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    purpose: str
    controller: str
    now: datetime


Command = RegisterPerson | DescribeProfile | GiveContact | GiveConsent | WithdrawConsent


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """`consents` holds those in force, each a purpose with its controller."""

    registered: PersonRegistered | None = None
    profile: ProfileDescribed | None = None
    contact: ContactGiven | None = None
    consents: frozenset[tuple[str, str]] = frozenset()


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Person) -> Sequence[Event]:
    if isinstance(command, RegisterPerson):
        return _register(command) if state.registered is None else []
    if state.registered is None:
        raise NotFound()
    person_id = state.registered.person_id
    match command:
        case DescribeProfile():
            described = _described(command, person_id)
            return [] if state.profile == described else [described]
        case GiveContact(language=language, email=email, phone=phone):
            contact = ContactGiven(person_id=person_id, language=language, email=email, phone=phone)
            return [] if state.contact == contact else [contact]
        case GiveConsent(purpose=purpose, controller=controller, now=now):
            if (purpose, controller) in state.consents:
                return []
            return [ConsentGiven(person_id=person_id, purpose=purpose, controller=controller, given_at=now)]
        case WithdrawConsent(purpose=purpose, controller=controller, now=now):
            if (purpose, controller) not in state.consents:
                return []
            return [ConsentWithdrawn(person_id=person_id, purpose=purpose, controller=controller, withdrawn_at=now)]


def _register(command: RegisterPerson) -> Sequence[Event]:
    return [
        PersonRegistered(
            person_id=command.person_id,
            channel=command.channel,
            name=command.name,
            birth_date=command.birth_date,
            entered_by=command.entered_by,
        )
    ]


def _described(command: DescribeProfile, person_id: str) -> ProfileDescribed:
    return ProfileDescribed(
        person_id=person_id,
        stated_on=command.stated_on,
        gives=command.gives,
        wants=command.wants,
        interests=command.interests,
        competences=command.competences,
        hopes=command.hopes,
        languages=command.languages,
        support_forms=command.support_forms,
        day_parts=command.day_parts,
        area=command.area,
        gender=command.gender,
    )


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Person, event: Event) -> Person:
    match event:
        case PersonRegistered():
            return replace(state, registered=event)
        case ProfileDescribed():
            return replace(state, profile=event)
        case ContactGiven():
            return replace(state, contact=event)
        case ConsentGiven(purpose=purpose, controller=controller):
            return replace(state, consents=state.consents | {(purpose, controller)})
        case ConsentWithdrawn(purpose=purpose, controller=controller):
            return replace(state, consents=state.consents - {(purpose, controller)})
        case _:
            return state


person: Decider[Command, Person] = Decider("person", Person(), decide, evolve)
