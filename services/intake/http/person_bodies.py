"""What is said about a person, as it comes in and as it is shown. There is no place here for a diagnosis (S3.31)."""

from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, EmailStr, Field

from chassis.http import CommandBody
from contracts.intake import BlockKind, Channel, DayPart, Gender, LanguageSkill, MessageLanguage, Tag
from services.intake.identities import Said
from services.intake.projections.persons import GateMetView, PersonDocument, SafeContact


def _on_the_wall(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a local time has no offset")
    return value


Line = Annotated[str, Field(min_length=1, max_length=200)]
LocalTime = Annotated[time, AfterValidator(_on_the_wall)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=30)]


class ContactBody(CommandBody):
    """How to reach the person. `phone` is read as a Norwegian number where it has no country code."""

    language: MessageLanguage
    email: EmailStr | None = None
    phone: Annotated[str, Field(min_length=3, max_length=30)] | None = None


class ProfileBody(CommandBody):
    """What a person wants to give comes first (S1.8); `hopes` are their own words and kept sealed (S3.32)."""

    gives: Tags = ()
    wants: Tags = ()
    interests: Tags = ()
    competences: Tags = ()
    hopes: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    languages: Annotated[tuple[LanguageSkill, ...], Field(max_length=20)] = ()
    support_forms: Tags = ()
    day_parts: Annotated[tuple[DayPart, ...], Field(max_length=3)] = ()
    area: Tag | None = None
    gender: Gender | None = None


class PersonBody(CommandBody):
    """`channel` is how the person came to us, where somebody else types it in (S1.12).

    With `address_protected`, the area of the profile is not kept (S2.9). `municipality` is where the person lives.
    """

    channel: Channel = "web"
    name: Line
    birth_date: date | None = None
    address_protected: bool = False
    municipality: Tag | None = None
    contact: ContactBody | None = None
    profile: ProfileBody | None = None


class ResidenceBody(CommandBody):
    """Where the person lives, sealed; `since` the day on which they moved, today where it is left out (S1.24)."""

    municipality: Tag
    since: date | None = None


class ConsentBody(CommandBody):
    purpose: Tag
    controller: Tag


class SafeContactBody(CommandBody):
    """How the person may be reached without danger. `nobody`: nothing is ever sent (S2.9).

    `disguised` takes programme and purpose out of sender and subject. Quiet hours are local, both ends or neither;
    `22:00` to `07:00` goes over midnight.
    """

    channel: Literal["email", "sms", "nobody"]
    disguised: bool = False
    quiet_from: LocalTime | None = None
    quiet_until: LocalTime | None = None


class ModeBody(CommandBody):
    """Left in peace (`fristed`) or open to what comes (`udvikling`), whenever the person likes (S3.30)."""

    mode: Literal["fristed", "udvikling"]


class LivedExperienceBody(CommandBody):
    """On the person's own word and for these purposes only; sealed, and shown to the person alone (S2.13)."""

    purposes: Annotated[frozenset[Literal["matching", "figures"]], Field(min_length=1)]
    words: Annotated[str, Field(min_length=1, max_length=2000)] | None = None


class BlockBody(CommandBody):
    """Somebody the person never wants to meet: a telephone number, an e-mail address, or a name with a birth date.

    One of the three, and none is kept: only whether somebody comes who bears it can be told (S2.9).
    """

    phone: Annotated[str, Field(min_length=3, max_length=30)] | None = None
    email: EmailStr | None = None
    name: Line | None = None
    birth_date: date | None = None

    def said(self) -> Said:
        born = None if self.birth_date is None else self.birth_date.isoformat()
        return Said(name=self.name, birth_date=born, email=self.email, phone=self.phone)


class BlockView(BaseModel):
    """What the person sees of a block: never whom it is about."""

    block_id: str
    kind: BlockKind
    blocked_on: date


class LivedExperienceView(BaseModel):
    purposes: list[Literal["matching", "figures"]]
    words: str | None


class ProfileView(ProfileBody):
    """With the day it was stated: after three months it counts as old (S3.29)."""

    stated_on: date


class Consent(ConsentBody):
    """In force."""

    given_at: AwareDatetime


@dataclass(frozen=True, slots=True)
class ToldView:
    """What of a person is sealed as a whole, opened."""

    profile: ProfileView | None
    consents: list[Consent]


class PersonView(BaseModel):
    """Opened for those who may read it; what was erased is absent."""

    person_id: str
    channel: Channel | None
    entered_by: str | None
    registered_at: AwareDatetime | None
    name: str | None
    birth_date: date | None
    language: MessageLanguage | None
    email: str | None
    phone: str | None
    profile: ProfileView | None
    consents: list[Consent]
    gates_met: list[GateMetView]
    address_protected: bool
    municipality: str | None = Field(description="Shown to nobody while the address is protected")
    lives_there_since: date | None
    safe_contact: SafeContact | None
    mode: Literal["fristed", "udvikling"] | None
    lived_experience: LivedExperienceView | None = Field(default=None, description="Shown to the person alone")

    @classmethod
    def of(cls, found: PersonDocument, opened: dict[str, str], told: ToldView) -> "PersonView":
        """`opened` are the sealed fields in clear, without those whose key is gone."""
        born = opened.get("birth_date")
        return cls(
            person_id=found.person_id,
            channel=found.channel,
            entered_by=found.entered_by,
            registered_at=found.registered_at,
            name=opened.get("name"),
            birth_date=date.fromisoformat(born) if born else None,
            language=found.language,
            email=opened.get("email"),
            phone=opened.get("phone"),
            profile=told.profile,
            consents=told.consents,
            gates_met=found.gates_met,
            address_protected=found.address_protected,
            municipality=opened.get("municipality"),
            lives_there_since=found.lives_there_since if "municipality" in opened else None,
            safe_contact=found.safe_contact,
            mode=found.mode,
        )
