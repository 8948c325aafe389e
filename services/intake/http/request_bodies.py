"""What is asked, as it comes in and as it is shown. There is no place here for a diagnosis (S3.31)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, Field, model_validator

from chassis.http import CommandBody, Id
from contracts.intake import Duration, Option, Tag, Wishes
from services.intake.domain.request_state import Request
from services.intake.http.programmes import Code
from services.intake.projections.request_story import Step
from services.intake.projections.requests import RequestDocument, Status, Waiting
from services.intake.wording import Wording


class RequestBody(CommandBody):
    """A wish that is concrete enough to act on (S1.3); `what` is in the asker's words and kept sealed.

    `expected_duration` is an ISO 8601 duration; `municipality` is where the person lives: it is not kept,
    and counts where nothing is known of it (S1.24). `gates` answers what the programme asks first, yes
    or no without a story (S2.7).
    """

    programme: Code
    person_id: Id
    what: Annotated[str, Field(min_length=1, max_length=2000)]
    category: Tag | None = None
    expected_duration: Duration | None = None
    latest_date: date | None = None
    needed_since: date | None = None
    municipality: Tag | None = None
    gates: Annotated[dict[Tag, bool], Field(max_length=20)] = Field(default_factory=dict)
    wishes: Wishes = Wishes()


class AmendmentBody(CommandBody):
    """What has changed, and nothing else. `wishes` are all wishes from now on; a `latest_date` of null takes it off."""

    what: Annotated[str, Field(min_length=1, max_length=2000)] | None = None
    wishes: Wishes | None = None
    latest_date: date | None = None

    @property
    def clears_latest_date(self) -> bool:
        return "latest_date" in self.model_fields_set and self.latest_date is None

    @model_validator(mode="after")
    def _something_changes(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("says nothing that changes")
        return self


class HandOverBody(CommandBody):
    """Whom the owner asks: somebody's id as it stands in their token."""

    to: Id


class ParkingBody(CommandBody):
    """Nobody is reminded who did not ask for it (S3.17)."""

    remind: bool = False


class RequestStatus(BaseModel):
    """Where a request stands. One that was declined or ended by a rule says why, and what stays open."""

    request_id: str
    status: str
    since: AwareDatetime | None
    in_plain_words: str
    owner: str | None
    rule: str | None
    reason: str | None
    options: tuple[Option, ...]

    @classmethod
    def of(cls, known: Request, wording: Wording, language: str) -> "RequestStatus":
        return cls(
            request_id=known.request_id,
            status=known.status.value,
            since=known.since,
            in_plain_words=wording.status(known.status.value, known.rule, language),
            owner=known.owner,
            rule=known.rule,
            reason=wording.reason(known.rule, language),
            options=known.options,
        )


class RequestItem(BaseModel):
    """A line of the waiting list or of an owner's work list: nobody's words are in it.

    `waiting_for` is what a coordinator has to see to; it is empty for the person, as is all about hand-overs.
    `name` is the person's, for those who may read about people.
    """

    request_id: str
    person_id: str
    name: str | None = None
    programme: str
    status: Status
    since: AwareDatetime
    waiting_since: date
    answer_by: date | None
    latest_date: date | None
    owner: str | None
    waiting_for: tuple[Waiting, ...]
    hand_over_to: str | None
    hand_over_until: AwareDatetime | None
    bounces: int
    category: str | None
    rule: str | None = Field(description="What declined it, or ended it")

    @classmethod
    def of(cls, found: RequestDocument, names: Mapping[str, str]) -> "RequestItem":
        kept = found.model_dump(include=set(cls.model_fields))
        return cls.model_validate({**kept, "name": names.get(found.person_id)})


@dataclass(frozen=True, slots=True)
class Opened:
    """What of a request is sealed."""

    what: str | None
    wishes: Wishes


class RequestView(RequestItem):
    """All of one request. `what` is absent where the person was erased or the request declined.

    `reason` is the sentence of the `rule` that declined or ended it; `story` begins with the oldest.
    """

    in_plain_words: str
    reason: str | None
    story: tuple[Step, ...]
    what: str | None
    expected_duration: str | None
    wishes: Wishes
    origin: str | None
    entered_by: str | None
    policy_version: int | None
    options: tuple[Option, ...]
    match_id: str | None

    @classmethod
    def of_document(
        cls, found: RequestDocument, opened: Opened, wording: Wording, language: str, *, name: str | None = None
    ) -> "RequestView":
        said = {
            "what": opened.what,
            "wishes": opened.wishes,
            "name": name,
            "in_plain_words": wording.status(found.status, found.rule, language),
            "reason": wording.reason(found.rule, language),
        }
        return cls.model_validate(found.model_dump(include=set(cls.model_fields) - said.keys()) | said)
