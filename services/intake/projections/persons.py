"""Who is this person, on their own word? Names, addresses and hopes stay sealed: no index holds any of them."""

from collections.abc import Collection
from datetime import date, datetime, time
from typing import Literal

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import Event, JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import (
    AddressProtected,
    AddressProtectionEnded,
    Channel,
    ConsentGiven,
    ConsentScope,
    ConsentWithdrawn,
    ContactGiven,
    CounterpartBlocked,
    CounterpartUnblocked,
    GateMet,
    LivedExperienceTakenBack,
    LivedExperienceTold,
    MessageLanguage,
    ModeChosen,
    PersonRegistered,
    Profile,
    ProfileDescribed,
    ResidenceChanged,
    SafeContactAgreed,
)
from contracts.sealed import Sealed
from contracts.topics import INTAKE
from services.intake.projections.found import Found, version_of


class StatedProfile(BaseModel):
    """What was told last; `shows_area` until the address is protected, and again once the person states it again."""

    stated_on: date
    told: Sealed[Profile]
    shows_area: bool = True


class StatedConsent(BaseModel):
    """In force for one purpose and one controller."""

    consent: str
    scope: Sealed[ConsentScope]
    given_at: AwareDatetime


class GateMetView(BaseModel):
    """The last time they asked for themselves in a programme that asks somebody else first (S2.7)."""

    programme: str
    met_at: AwareDatetime


class SafeContact(BaseModel):
    """How the person may be reached without danger (S2.9)."""

    channel: Literal["email", "sms", "nobody"]
    disguised: bool = False
    quiet_from: time | None = None
    quiet_until: time | None = None


class PersonDocument(BaseModel):
    """Everything that says who it is reads only with the person's key.

    While an address is protected its area is not shown; it comes back when the person states it again.
    """

    person_id: str
    channel: Channel | None = None
    entered_by: str | None = None
    registered_at: AwareDatetime | None = None
    name: Sealed[str] | None = None
    birth_date: Sealed[str] | None = None
    language: MessageLanguage | None = None
    email: Sealed[str] | None = None
    phone: Sealed[str] | None = None
    profile: StatedProfile | None = None
    consents: list[StatedConsent] = []
    address_protected: bool = False
    municipality: Sealed[str] | None = None
    lives_there_since: date | None = None
    gates_met: list[GateMetView] = []
    last_met_at: AwareDatetime | None = None
    safe_contact: SafeContact | None = None
    mode: Literal["fristed", "udvikling"] | None = None
    purposes: Sealed[list[Literal["matching", "figures"]]] | None = None
    words: Sealed[str] | None = None


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    return (f"{recorded.tenant}/{recorded.stream.id}",)


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    known = PersonDocument.model_validate(body or {"person_id": recorded.stream.id})
    match recorded.event:
        case PersonRegistered(channel=channel, entered_by=entered_by, name=name, birth_date=birth_date):
            known.channel, known.entered_by, known.name, known.birth_date = channel, entered_by, name, birth_date
            known.registered_at = recorded.origin.occurred_at
        case ContactGiven(language=language, email=email, phone=phone):
            known.language, known.email, known.phone = language, email, phone
        case ResidenceChanged(municipality=municipality, since=since):
            if known.lives_there_since is None or since >= known.lives_there_since:
                known.municipality, known.lives_there_since = municipality, since
        case ProfileDescribed() as described:
            known.profile = StatedProfile(stated_on=described.stated_on, told=described.told)
        case ConsentGiven(consent=consent, scope=scope, given_at=at):
            known.consents.append(StatedConsent(consent=consent, scope=scope, given_at=at))
        case ConsentWithdrawn(consent=consent):
            known.consents = [kept for kept in known.consents if kept.consent != consent]
        case GateMet(programme=programme, met_at=at):
            others = [kept for kept in known.gates_met if kept.programme != programme]
            known.gates_met, known.last_met_at = [*others, GateMetView(programme=programme, met_at=at)], at
        case _:
            _fold_safety(known, recorded.event)
    return known.model_dump(mode="json")


def _fold_safety(known: PersonDocument, event: Event) -> None:
    match event:
        case SafeContactAgreed(channel=channel, disguised=disguised, quiet_from=begins, quiet_until=ends):
            known.safe_contact = SafeContact(channel=channel, disguised=disguised, quiet_from=begins, quiet_until=ends)
        case AddressProtected():
            known.address_protected = True
            if known.profile is not None:
                known.profile.shows_area = False
        case AddressProtectionEnded():
            known.address_protected = False
        case ModeChosen(mode=mode):
            known.mode = mode
        case LivedExperienceTold(purposes=purposes, words=words):
            known.purposes, known.words = Sealed(purposes.subject, purposes.token), words
        case LivedExperienceTakenBack():
            known.purposes, known.words = None, None
        case _:
            pass


persons = Projection(
    name="persons",
    version=5,
    topics=(INTAKE,),
    handles=(
        PersonRegistered,
        ContactGiven,
        ProfileDescribed,
        ResidenceChanged,
        ConsentGiven,
        ConsentWithdrawn,
        GateMet,
        SafeContactAgreed,
        AddressProtected,
        AddressProtectionEnded,
        ModeChosen,
        LivedExperienceTold,
        LivedExperienceTakenBack,
        CounterpartBlocked,  # shown by nothing here: these two only move the version on
        CounterpartUnblocked,
    ),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("person_id",)), IndexSpec(("last_met_at",))),
)


async def person_of(
    reading: ReadModels, tenant: str, person_id: str, *, at_least: Position | None = None
) -> Found[PersonDocument] | None:
    found = await reading.get(persons, tenant, person_id, min_position=at_least)
    return None if found is None else Found(PersonDocument.model_validate(found), version_of(found))


async def persons_by_id(reading: ReadModels, tenant: str, person_ids: Collection[str]) -> list[PersonDocument]:
    """In no order; who is not known is not there."""
    found = await reading.find(persons, tenant, {"person_id": {"$in": sorted(person_ids)}}, limit=0)
    return [PersonDocument.model_validate(document) for document in found]


async def met_a_gate(reading: ReadModels, tenant: str, *, since: datetime, limit: int) -> list[PersonDocument]:
    """Who asked for themselves since then, where somebody else is asked first; the longest ago first."""
    query: JsonObject = {"last_met_at": {"$gte": since.isoformat()}}
    found = await reading.find(persons, tenant, query, sort=(("last_met_at", 1),), limit=limit)
    return [PersonDocument.model_validate(document) for document in found]


async def persons_after(
    reading: ReadModels, tenant: str, *, after: str = "", limit: int, at_least: Position | None = None
) -> list[PersonDocument]:
    """In the order of their ids."""
    query: JsonObject = {"person_id": {"$gt": after}}
    found = await reading.find(persons, tenant, query, sort=(("person_id", 1),), limit=limit, min_position=at_least)
    return [PersonDocument.model_validate(document) for document in found]
