"""A person, known by a pseudonym: registered once, described and reached on their own word (S1.8, S2.3, S2.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal

from chassis.decider import Decider
from chassis.refusal import NotFound, Refusal
from contracts.base import Event
from contracts.intake import (
    AddressProtected,
    AddressProtectionEnded,
    ConsentGiven,
    ConsentWithdrawn,
    ContactGiven,
    CounterpartBlocked,
    CounterpartUnblocked,
    GateMet,
    LivedExperienceTakenBack,
    LivedExperienceTold,
    ModeChosen,
    PersonRegistered,
    ProfileDescribed,
    ResidenceChanged,
    SafeContactAgreed,
    Wishes,
)
from services.intake.domain.person_commands import (
    AgreeSafeContact,
    BlockCounterpart,
    ChangeResidence,
    ChooseMode,
    Command,
    DescribeProfile,
    EndAddressProtection,
    GiveConsent,
    GiveContact,
    Leaving,
    MeetGate,
    ProtectAddress,
    RegisterPerson,
    TakeBackLivedExperience,
    TellLivedExperience,
    UnblockCounterpart,
    WithdrawConsent,
)
from services.intake.domain.person_leaving import Farewell, PersonLeaving, leave, left

# refusals -------------------------------------------------------------------------------------------------------------


class QuietHoursIncomplete(Refusal):
    rule, status, field = "quiet_hours_incomplete", 422, "quiet_until"
    sentence = "Quiet hours have a beginning and an end, and the two differ."


class LivesThereInFuture(Refusal):
    rule, status, field = "lives_there_in_future", 422, "since"
    sentence = "Say where somebody lives once they live there."


# state ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Person:
    """`consents` holds those in force by their keyed hashes; `experience` what was told and not taken
    back since. `contacts` are all there ever were, `residences` all words on where they live, as they were said.
    `blocks` are all there ever were, by their ids, those in `lifted` hold no longer. `farewell` once they are leaving
    without a trace. `gates_met`: when they asked last before somebody else had answered, by programme."""

    registered: PersonRegistered | None = None
    profile: ProfileDescribed | None = None
    contact: ContactGiven | None = None
    contacts: tuple[ContactGiven, ...] = ()
    consents: frozenset[str] = frozenset()
    safe_contact: SafeContactAgreed | None = None
    is_address_protected: bool = False
    mode: Literal["fristed", "udvikling"] | None = None
    experience: LivedExperienceTold | None = None
    residences: tuple[ResidenceChanged, ...] = ()
    blocks: Mapping[str, CounterpartBlocked] = field(default_factory=lambda: MappingProxyType({}))
    lifted: frozenset[str] = frozenset()
    farewell: Farewell | None = None
    gates_met: Mapping[str, datetime] = field(default_factory=lambda: MappingProxyType({}))

    def wishes_to_tell(self, wishes: Wishes) -> Wishes:
        """Where an address is protected, the area somebody wishes would tell where they live (S2.9)."""
        return wishes.model_copy(update={"area": None}) if self.is_address_protected else wishes

    @property
    def live_blocks(self) -> list[CounterpartBlocked]:
        return [block for block_id, block in self.blocks.items() if block_id not in self.lifted]


# decide ---------------------------------------------------------------------------------------------------------------


def decide(command: Command, state: Person) -> Sequence[Event]:
    """Raises PersonLeaving for whatever is said of somebody who leaves (S2.3)."""
    if isinstance(command, RegisterPerson):
        return _register(command) if state.registered is None else []
    if state.registered is None:
        raise NotFound()
    person_id = state.registered.person_id
    if isinstance(command, Leaving):
        return leave(command, state.farewell, person_id)
    if state.farewell is not None:
        raise PersonLeaving()
    match command:
        case DescribeProfile():
            described = _described(command, person_id, without_area=state.is_address_protected)
            return [] if state.profile == described else [described]
        case GiveContact(language=language, email=email, phone=phone):
            contact = ContactGiven(person_id=person_id, language=language, email=email, phone=phone)
            return [] if state.contact == contact else [contact]
        case GiveConsent() | WithdrawConsent():
            return _consent(command, state, person_id)
        case MeetGate(programme=programme, now=now):
            return [GateMet(person_id=person_id, programme=programme, met_at=now)] if _is_news(command, state) else []
        case AgreeSafeContact():
            return _agree(command, state.safe_contact, person_id)
        case ProtectAddress(now=now):
            return [] if state.is_address_protected else [AddressProtected(person_id=person_id, protected_at=now)]
        case EndAddressProtection(now=now):
            return [AddressProtectionEnded(person_id=person_id, ended_at=now)] if state.is_address_protected else []
        case ChooseMode(mode=mode, now=now):
            return [] if state.mode == mode else [ModeChosen(person_id=person_id, mode=mode, chosen_at=now)]
        case TellLivedExperience() | TakeBackLivedExperience():
            return _experience(command, state.experience, person_id)
        case ChangeResidence():
            return _move(command, state, person_id)
        case BlockCounterpart() | UnblockCounterpart():
            return _block(command, state, person_id)


def _is_news(command: MeetGate, state: Person) -> bool:
    """Asked again within the day, nothing new is to be looked at."""
    before = state.gates_met.get(command.programme)
    return before is None or command.now - before >= timedelta(days=1)


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


def _described(command: DescribeProfile, person_id: str, *, without_area: bool) -> ProfileDescribed:
    """Where an address is protected, the area goes to nobody: it is not kept (S2.9)."""
    told = command.told_without_area if without_area else command.told
    return ProfileDescribed(person_id=person_id, stated_on=command.stated_on, told=told)


def _consent(command: GiveConsent | WithdrawConsent, state: Person, person_id: str) -> Sequence[Event]:
    is_in_force = command.consent in state.consents
    match command:
        case GiveConsent(consent=consent, scope=scope, now=now):
            given = ConsentGiven(person_id=person_id, consent=consent, scope=scope, given_at=now)
            return [] if is_in_force else [given]
        case WithdrawConsent(consent=consent, now=now):
            withdrawn = ConsentWithdrawn(person_id=person_id, consent=consent, withdrawn_at=now)
            return [withdrawn] if is_in_force else []


def _agree(command: AgreeSafeContact, before: SafeContactAgreed | None, person_id: str) -> Sequence[Event]:
    """Raises QuietHoursIncomplete."""
    begins, ends = command.quiet_from, command.quiet_until
    if (begins is None) != (ends is None) or (begins is not None and begins == ends):
        raise QuietHoursIncomplete()
    agreed = SafeContactAgreed(
        person_id=person_id,
        channel=command.channel,
        disguised=command.disguised,
        quiet_from=begins,
        quiet_until=ends,
        agreed_at=command.now,
    )
    says_nothing_new = before is not None and before.model_copy(update={"agreed_at": command.now}) == agreed
    return [] if says_nothing_new else [agreed]


def _experience(
    command: TellLivedExperience | TakeBackLivedExperience, before: LivedExperienceTold | None, person_id: str
) -> Sequence[Event]:
    match command:
        case TellLivedExperience(purposes=purposes, words=words, now=now):
            if before is not None and (before.purposes, before.words) == (purposes, words):
                return []
            return [LivedExperienceTold(person_id=person_id, purposes=purposes, words=words, told_at=now)]
        case TakeBackLivedExperience(now=now):
            return [] if before is None else [LivedExperienceTakenBack(person_id=person_id, taken_back_at=now)]


def _move(command: ChangeResidence, state: Person, person_id: str) -> Sequence[Event]:
    """Raises LivesThereInFuture."""
    if command.since > command.latest:
        raise LivesThereInFuture()
    moved = ResidenceChanged(person_id=person_id, municipality=command.municipality, since=command.since)
    return [] if moved in state.residences[-1:] else [moved]


def _block(command: BlockCounterpart | UnblockCounterpart, state: Person, person_id: str) -> Sequence[Event]:
    """Raises NotFound for a block the person never made."""
    match command:
        case BlockCounterpart(block_id=block_id, kind=kind, fingerprint=fingerprint, now=now):
            blocked = CounterpartBlocked(
                person_id=person_id, block_id=block_id, kind=kind, fingerprint=fingerprint, blocked_at=now
            )
            return [] if block_id in state.blocks else [blocked]
        case UnblockCounterpart(block_id=block_id, now=now):
            if block_id not in state.blocks:
                raise NotFound()
            unblocked = CounterpartUnblocked(person_id=person_id, block_id=block_id, lifted_at=now)
            return [] if block_id in state.lifted else [unblocked]


# evolve ---------------------------------------------------------------------------------------------------------------


def evolve(state: Person, event: Event) -> Person:
    match event:
        case PersonRegistered():
            return replace(state, registered=event)
        case ProfileDescribed():
            return replace(state, profile=event)
        case ContactGiven():
            return replace(state, contact=event, contacts=(*state.contacts, event))
        case ConsentGiven(consent=consent):
            return replace(state, consents=state.consents | {consent})
        case ConsentWithdrawn(consent=consent):
            return replace(state, consents=state.consents - {consent})
        case GateMet(programme=programme, met_at=at):
            return replace(state, gates_met=MappingProxyType({**state.gates_met, programme: at}))
        case SafeContactAgreed():
            return replace(state, safe_contact=event)
        case AddressProtected() | AddressProtectionEnded():
            return replace(state, is_address_protected=isinstance(event, AddressProtected))
        case ModeChosen(mode=mode):
            return replace(state, mode=mode)
        case ResidenceChanged():
            return replace(state, residences=(*state.residences, event))
        case LivedExperienceTold():
            return replace(state, experience=event)
        case LivedExperienceTakenBack():
            return replace(state, experience=None)
        case CounterpartBlocked(block_id=block_id):
            return replace(state, blocks=MappingProxyType({**state.blocks, block_id: event}))
        case CounterpartUnblocked(block_id=block_id):
            return replace(state, lifted=state.lifted | {block_id})
        case _:
            return replace(state, farewell=left(event, state.farewell))


person: Decider[Command, Person] = Decider("person", Person(), decide, evolve)
