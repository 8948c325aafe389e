"""What a municipality's own system sends and gets back: CloudEvents on `referrals.<tenant>` and the two answer topics.

These are not domain events of ours: they cross the organisation's border, so they are read strictly and say what
field is wrong. `ce_id` is the sender's message id, `ce_type` one of the names below.
"""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, EmailStr, Field

from contracts.intake import LanguageSkill, MessageLanguage, Option, Wishes

REFERRAL = "kobling.referral"
STATUS = "kobling.referral-status"
REJECTED = "kobling.referral-rejected"
SCHEMA_VERSION = 1

Line = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReferredPerson(_Strict):
    """Who is referred. `reference` is the sender's own id of the person; nothing here is stored in clear."""

    reference: Line
    name: Line
    birth_date: date
    language: MessageLanguage = "nb"
    languages: tuple[LanguageSkill, ...] = ()
    email: EmailStr | None = None
    phone: Annotated[str, Field(pattern=r"^\+\d{6,15}$")] | None = None
    postcode: Annotated[str, Field(pattern=r"^\d{4}$")] | None = None
    municipality: Line | None = None


class Referral(_Strict):
    """A municipality asks that a person be helped. The same `referral_id` again is the same referral."""

    referral_id: Line
    programme: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
    person: ReferredPerson
    category: Line | None = None
    what: Text
    expected_duration: Line | None = None
    latest_date: date | None = None
    wishes: Wishes = Wishes()
    gates: dict[str, bool] = Field(default_factory=dict)
    needed_since: date | None = None
    agreed_with_person: Literal[True]


class ReferralStatus(_Strict):
    """What became of a referral. `final` statuses are followed by no other."""

    referral_id: str
    request_id: str
    status: Literal["posted", "declined", "parked", "taken-up", "matched", "met", "withdrawn"]
    final: bool
    at: AwareDatetime
    rule: str | None = None
    reason: str | None = None
    options: tuple[Option, ...] = ()


class ReferralRejected(_Strict):
    """The message could not be read; nothing was kept. `field` is the path in the body, or the header, at fault."""

    message_id: str | None
    field: str
    rule: str
    sentence: str
    at: datetime
