"""The parts of which intake's events are made, and the words they use. Stored and published: version with care."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

MessageLanguage = Literal["nb", "nn", "da", "en"]
DayPart = Literal["day", "afternoon", "evening"]
Gender = Literal["woman", "man", "other"]
Channel = Literal["referral", "web", "phone", "walk-in", "staff"]
BlockKind = Literal["phone", "email", "name"]
RecruitmentSource = Literal[
    "friend", "social-media", "newspaper", "poster", "website", "meeting", "school", "work", "organisation", "other"
]
"""Where somebody heard of the programme; a closed list, so that the report names nobody (S2.10)."""
Level = Literal["a1", "a2", "b1", "b2", "c1", "c2", "native"]
LanguageCode = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Tag = Annotated[str, Field(min_length=1, max_length=60)]
Duration = Annotated[
    str,
    Field(pattern=r"^P(([0-9]{1,4}[YMWD]){1,4}(T([0-9]{1,4}[HM]){1,2})?|T([0-9]{1,4}[HM]){1,2})$", examples=["PT2H"]),
]
"""How long something takes, in ISO 8601: `PT2H`, `P1D`."""


class Value(BaseModel):
    """A part of events and messages. It has no place for a special-category fact (domain.md, rule 1; S3.31)."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LanguageSkill(Value):
    """A language (ISO 639) and how well it is spoken (S2.12)."""

    code: LanguageCode
    level: Level = "native"


class Wishes(Value):
    """What somebody wishes of the other: every one is optional, none may hold a diagnosis or an origin.

    In an event they are sealed: words of their own, and where they live, tell who somebody is.

    Interests, support forms and areas are short words, compared as they are.
    """

    languages: tuple[LanguageSkill, ...] = ()
    interests: tuple[Tag, ...] = ()
    support_forms: tuple[Tag, ...] = ()
    day_parts: tuple[DayPart, ...] = ()
    area: Tag | None = None
    gender: Gender | None = None
    lived_experience: bool = False


class Profile(Value):
    """What somebody tells of themselves; only ever sealed in an event. What a person wants to give comes first (S1.8).

    `hopes` are their own words (S3.32); interests, support forms and the area are short words, compared as they are.
    """

    gives: tuple[Tag, ...] = ()
    wants: tuple[Tag, ...] = ()
    interests: tuple[Tag, ...] = ()
    competences: tuple[Tag, ...] = ()
    hopes: str | None = None
    languages: tuple[LanguageSkill, ...] = ()
    support_forms: tuple[Tag, ...] = ()
    day_parts: tuple[DayPart, ...] = ()
    area: Tag | None = None
    gender: Gender | None = None


class ConsentScope(Value):
    """What is consented to, and who may do it (S4.11); only ever sealed in an event."""

    purpose: Tag
    controller: Tag


class Option(Value):
    """Another way that stays open; `code` for systems, `text` in plain words (S3.19)."""

    code: str
    text: str
