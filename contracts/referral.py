"""What a municipality's own system sends and gets back: CloudEvents on `referrals.<tenant>` and the two answer topics.

These are not domain events of ours: they cross the organisation's border, so they are read strictly and say what
field is wrong. `ce_id` is the sender's message id, `ce_type` one of the names below.
Records with the same Kafka key are handled in order, those without a key beside each other; an answer may come twice,
under the same `ce_id`.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, EmailStr, Field

from contracts.intake import Duration, LanguageSkill, MessageLanguage, Option, Wishes

REFERRAL = "kobling.referral"
STATUS = "kobling.referral-status"
REJECTED = "kobling.referral-rejected"
SCHEMA_VERSION = 1

MAX_BYTES = 64 * 1024

Line = Annotated[str, Field(min_length=1, max_length=200)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ReferredPerson(_Strict):
    """Who is referred. `reference` is the sender's own id of the person; nothing here is stored in clear.

    Postcode, municipality and birth date are looked at when the referral comes, to know whether the programme is open
    to the person.
    """

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
    """A municipality asks that a person be helped. The same `referral_id` again is the same referral.

    Ids of referrals and persons are the sender's own; where a tenant has several systems, each puts its name in front.
    `expected_duration` is an ISO 8601 duration (`PT2H`); `gates` answers what the programme asks first, yes or no.
    `agreed_with_person` is always true: nothing is asked behind anybody's back.
    """

    referral_id: Line
    programme: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,60}$")]
    person: ReferredPerson
    category: Line | None = None
    what: Text
    expected_duration: Duration | None = None
    latest_date: date | None = None
    wishes: Wishes = Wishes()
    gates: dict[Line, bool] = Field(default_factory=dict, max_length=20)
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
    """The message could not be read; nothing was kept. `field` is the path in the body, or the header, at fault.

    `message_id` is the `ce_id` where there was one; `partition` and `offset` find the message on its topic.
    """

    message_id: str | None = None
    field: str
    rule: str
    sentence: str
    partition: int
    offset: int
