"""The rules of a programme as data: what differs between programmes is a field here, never code (policy.md)."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from contracts.period import Period

Code = Annotated[str, Field(pattern=r"^\w[\w .+-]{0,59}$")]
Amount = Annotated[int, Field(ge=0)]
Hours = Annotated[float, Field(ge=0, le=1000)]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not a time zone of the IANA database") from None
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _code_only(value: Any) -> Any:
    return {"code": value} if isinstance(value, str) else value


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


class Approval(_Part):
    """Who adopted the programme, and when: a day, or the month as the sources give it (S1.5, S0.30)."""

    by: str
    on: Annotated[str, Field(pattern=r"^\d{4}-\d{2}(-\d{2})?$")]


class Mandate(_Part):
    """The period for which the programme may take new requests, both days included (S1.5)."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    begins: date = Field(alias="from")
    ends: date = Field(alias="to")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.ends < self.begins:
            raise ValueError("`to` is before `from`")
        return self


class Partner(_Part):
    """An organisation that takes part, and what it may see (S2.3, S4.9, S4.11)."""

    organisation: str
    does: Literal["refers", "trains", "enrols"] | None = None
    sees: Literal["status", "enrolment"] | None = None
    agreement: str | None = None


class YearFrame(_Part):
    """What a year may cost, in whole units of `currency`, and the hours staff have a week (S4.28, S4.31)."""

    currency: Literal["NOK", "DKK", "SEK", "EUR"]
    budget: Amount
    staff_hours_per_week: Hours


class Residence(_Part):
    """Only residents take part; who moves away keeps the right for `grace_days` (S1.24)."""

    municipality: str
    grace_days: Amount = 30


class Gate(_Part):
    """A yes or no somebody confirms, without a story; when it is no, `otherwise` is the way to go (S2.7)."""

    code: Code
    confirmed_by: str
    otherwise: str


class Category(_Part):
    """A kind of request (S1.18-21, S3.77)."""

    code: Code
    by: Literal["task", "pairing", "authority"] = "task"
    # Behind a validator that runs before, pydantic no longer knows that a list came from JSON and may be a tuple.
    safeguards: Annotated[tuple[Literal["money", "keys", "home"], ...], BeforeValidator(_tuple)] = ()


class RoleRequirements(_Part):
    """What a volunteer shows before approval for a role. Hours are hours attended (S2.22-27, S4.5, S4.19, S4.29)."""

    hours: Hours = 0
    modules: tuple[Code, ...] = ()
    confidentiality: str | None = None
    certificate: str | None = None
    talk: bool = False
    approval: Literal["coordinator", "registration"] = "coordinator"


class ActivityKind(_Part):
    """A kind of activity; a mixed one needs participants together with staff or volunteers (S0.11, S0.16-17, S4.22)."""

    code: Code
    mixed: bool = False


class OpeningNeeds(_Part):
    """How many must be there while it is open, and on food (S0.15, S3.14, S3.60)."""

    staff: Amount = 0
    together: Amount = 0
    food: Amount = 0


class DayParts(_Part):
    """The hour at which each part of the day begins, in the place's time zone (S0.22)."""

    day: Annotated[int, Field(ge=0, le=23)] = 8
    afternoon: Annotated[int, Field(ge=0, le=23)] = 15
    evening: Annotated[int, Field(ge=0, le=23)] = 18


class Weights(_Part):
    """How much each wish counts in ranking, relative to the others (S1.16-17, S2.12, S3.20, S4.16).

    A wished gender has no weight: whoever wishes one is proposed no other (S2.6).
    """

    languages: float = Field(default=3, ge=0)
    interests: float = Field(default=1, ge=0)
    area: float = Field(default=1, ge=0)
    day_parts: float = Field(default=1, ge=0)
    support_forms: float = Field(default=2, ge=0)
    fairness: float = Field(default=1, ge=0)
    lived_experience: float = Field(default=0, ge=0)


class Terms(_Part):
    """What a centre, and centres together, are called by one audience (S3.6-8)."""

    centre: str | None = None
    collective: str | None = None


CategoryList = Annotated[tuple[Annotated[Category, BeforeValidator(_code_only)], ...], Field(default=())]
KindList = Annotated[tuple[Annotated[ActivityKind, BeforeValidator(_code_only)], ...], Field(default=())]
PartnerList = Annotated[
    tuple[Annotated[Partner, BeforeValidator(lambda p: {"organisation": p} if isinstance(p, str) else p)], ...],
    Field(default=()),
]


class Policy(_Part):
    """Every rule of one programme. Defaults are those of policy.md; an unknown field is an error."""

    title: dict[Literal["nb", "nn", "da", "en"], str] = Field(default_factory=dict)
    country: Literal["NO", "DK"] = "NO"
    zone: Zone = "Europe/Oslo"
    status: Literal["pilot", "permanent", "paused", "closed"] = "pilot"
    approved: Approval | None = None
    mandate: Mandate | None = None
    mandate_warn_days: Amount = 90
    part_of: str | None = None
    centres: tuple[str, ...] = ()
    partners: PartnerList
    frame: dict[int, YearFrame] = Field(default_factory=dict)
    contact_role: str = "coordinator"
    min_age: Amount = 0
    on_site_min_age: Amount = 0
    residence: Residence | None = None
    gates: tuple[Gate, ...] = ()
    referral_needed: bool = False
    categories: CategoryList
    support_forms: tuple[Code, ...] = ()
    max_bounces: Amount = 2
    answer_days: Amount = 10
    roles: dict[Code, RoleRequirements] = Field(default_factory=dict)
    registration_reason: str | None = None
    resign_days: Amount = 30
    levels: tuple[Code, ...] = ()
    capacity: Annotated[int, Field(ge=1, le=1000)] = 1
    meeting: bool = True
    max_length: Period | None = None
    warn_days: Amount = 30
    slot_days: Annotated[int, Field(ge=1)] = 42
    review: Period = "P3M"
    least_rhythm: Period = "P1M"
    weights: Weights = Weights()
    milestones: tuple[Annotated[int, Field(ge=1)], ...] = ()
    retain_after_end: Period = "P0D"
    kinds: KindList
    attendance_roles: tuple[Code, ...] = ("participant", "volunteer", "employee")
    seed_activities: tuple[str, ...] = ()
    needs: dict[Code, OpeningNeeds] = Field(default_factory=dict)
    close_before_hours: Amount = 2
    activity_review: Period = "P6M"
    day_parts: DayParts = DayParts()
    terms: dict[str, Terms] = Field(default_factory=dict)
    outcomes: tuple[Code, ...] = ()
    instruments: tuple[Code, ...] = ()
    notices: dict[str, str] = Field(default_factory=dict)
    min_cell: Annotated[int, Field(ge=1)] = 5

    @model_validator(mode="after")
    def _registration_is_explained(self) -> Self:
        by_registration = [code for code, needs in self.roles.items() if needs.approval == "registration"]
        if by_registration and not self.registration_reason:
            role = by_registration[0]
            raise ValueError(f"registration_reason: nobody decides on role {role}; say why (policy.md)")
        return self

    def with_category(self, category: Category) -> "Policy":
        """With one more kind of request; who has that code already keeps what the policy says of it (S1.18)."""
        if any(known.code == category.code for known in self.categories):
            return self
        return self.model_copy(update={"categories": (*self.categories, category)})

    def is_mandated(self, at: datetime | date) -> bool:
        """Whether new requests may come in on that day (S1.5). Give the day in the place's time zone."""
        day = at.date() if isinstance(at, datetime) else at
        return self.mandate is None or self.mandate.begins <= day <= self.mandate.ends
