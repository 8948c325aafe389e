"""What is said about a person, as it comes in and as it is shown. There is no place here for a diagnosis (S3.31)."""

from datetime import date
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, EmailStr, Field

from chassis.http import CommandBody
from contracts.intake import Channel, DayPart, Gender, LanguageSkill, MessageLanguage, Tag
from services.intake.projections.persons import Consent, PersonDocument

Line = Annotated[str, Field(min_length=1, max_length=200)]
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
    """`channel` is how the person came to us, where somebody else types it in (S1.12)."""

    channel: Channel = "web"
    name: Line
    birth_date: date | None = None
    contact: ContactBody | None = None
    profile: ProfileBody | None = None


class ConsentBody(CommandBody):
    purpose: Tag
    controller: Tag


class ProfileView(ProfileBody):
    """With the day it was stated: after three months it counts as old (S3.29)."""

    stated_on: date


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

    @classmethod
    def of(cls, found: PersonDocument, opened: dict[str, str]) -> "PersonView":
        """`opened` are the sealed fields in clear, without those whose key is gone."""
        profile = None
        if found.profile is not None:
            profile = ProfileView.model_validate(
                {**found.profile.model_dump(exclude={"hopes"}), "hopes": opened.get("hopes")}
            )
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
            profile=profile,
            consents=found.consents,
        )
