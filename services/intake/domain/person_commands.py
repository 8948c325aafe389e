"""What may be said by and about a person. Whoever types it in for them stands as the actor of the commit."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Literal

from contracts.intake import BlockKind, Channel, ConsentScope, MessageLanguage, Profile, ServiceName
from contracts.sealed import Sealed


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
    """`told` is the whole profile, `told_without_area` the same for an address that is protected (S2.9)."""

    stated_on: date
    told: Sealed[Profile]
    told_without_area: Sealed[Profile]


@dataclass(frozen=True, slots=True)
class GiveContact:
    language: MessageLanguage
    email: Sealed[str] | None = None
    phone: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class GiveConsent:
    """`consent` is a keyed hash of the person and of what stands sealed in `scope` (S4.11)."""

    consent: str
    scope: Sealed[ConsentScope]
    now: datetime


@dataclass(frozen=True, slots=True)
class WithdrawConsent:
    consent: str
    now: datetime


@dataclass(frozen=True, slots=True)
class MeetGate:
    """They asked for themselves in a programme that asks somebody else first (S2.7)."""

    programme: str
    now: datetime


@dataclass(frozen=True, slots=True)
class AgreeSafeContact:
    """Quiet hours are local to the programme; both ends or neither, and over midnight where they are turned round."""

    channel: Literal["email", "sms", "nobody"]
    now: datetime
    disguised: bool = False
    quiet_from: time | None = None
    quiet_until: time | None = None


@dataclass(frozen=True, slots=True)
class ProtectAddress:
    now: datetime


@dataclass(frozen=True, slots=True)
class EndAddressProtection:
    now: datetime


@dataclass(frozen=True, slots=True)
class ChooseMode:
    mode: Literal["fristed", "udvikling"]
    now: datetime


@dataclass(frozen=True, slots=True)
class TellLivedExperience:
    """For these purposes only; replaces what was told before (S2.13)."""

    purposes: Sealed[tuple[Literal["matching", "figures"], ...]]
    now: datetime
    words: Sealed[str] | None = None


@dataclass(frozen=True, slots=True)
class TakeBackLivedExperience:
    now: datetime


@dataclass(frozen=True, slots=True)
class ChangeResidence:
    """Where the person lives from that day on; `latest` is the latest day it is anywhere now."""

    municipality: Sealed[str]
    since: date
    latest: date


@dataclass(frozen=True, slots=True)
class BlockCounterpart:
    """Somebody the person never wants to meet, known here or not; the fingerprint comes sealed (S2.9)."""

    block_id: str
    kind: BlockKind
    fingerprint: Sealed[str]
    now: datetime


@dataclass(frozen=True, slots=True)
class UnblockCounterpart:
    block_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class AskErasure:
    asked_by: str
    now: datetime


@dataclass(frozen=True, slots=True)
class NoteKeyDestroyed:
    requests: tuple[str, ...]
    programmes: tuple[str, ...]
    now: datetime
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NoteReceipt:
    service: ServiceName
    now: datetime


@dataclass(frozen=True, slots=True)
class NoteErasureOverdue:
    now: datetime


Leaving = AskErasure | NoteKeyDestroyed | NoteReceipt | NoteErasureOverdue
"""How a person leaves without a trace: person_leaving.py."""

Command = (
    RegisterPerson
    | DescribeProfile
    | GiveContact
    | GiveConsent
    | WithdrawConsent
    | MeetGate
    | AgreeSafeContact
    | ProtectAddress
    | EndAddressProtection
    | ChooseMode
    | TellLivedExperience
    | TakeBackLivedExperience
    | ChangeResidence
    | BlockCounterpart
    | UnblockCounterpart
    | Leaving
)
