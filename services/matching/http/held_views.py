"""What a person takes along from matching, beside what their own pages show anyway (S0.21)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from chassis.http.sentences import Sentences
from contracts.base import JsonObject
from services.matching.domain.approval import Listing
from services.matching.http.activity_views import OwnActivityView
from services.matching.http.match_views import OwnMatchView
from services.matching.http.offer_views import OfferView
from services.matching.http.views import OwnProposalView

# Neither where the other lives nor what they lived through, which a reason would tell; nor who waited for whom.
_TOLD_REASONS = ("languages", "interests", "day_parts", "support_forms")


class HeldProposalView(OwnProposalView):
    """`why`: what the two of you have in common, by which a coordinator was shown the pair; never the other's words."""

    why: list[str]

    @classmethod
    def with_why(
        cls, document: JsonObject, person_id: str, *, sentences: Sentences, language: str
    ) -> "HeldProposalView":
        counted = {reason["code"] for reason in document["reasons"] if reason["points"] > 0}
        codes = ["picked_by_somebody", *(f"matched_on_{code}" for code in _TOLD_REASONS if code in counted)]
        own = OwnProposalView.of(document, person_id).model_dump()
        return cls.model_validate(own | {"why": [sentences.code(code, language) for code in codes]})


class HeldSearchView(BaseModel):
    """How far the finding for a request of yours is, and why there is nobody yet, in plain words."""

    request_id: str
    programme: str
    needed_since: date
    status: Literal["open", "settled", "parked", "withdrawn", "met"]
    in_plain_words: str

    @classmethod
    def of(cls, document: JsonObject, *, sentences: Sentences, language: str) -> "HeldSearchView":
        status = document["status"]
        if status == "open":
            status = "proposed" if document["proposal_id"] else "asked" if document["tender"] == "open" else "open"
        return cls.model_validate(document | {"in_plain_words": sentences.code(f"search_{status}", language)})


class HeldListingView(BaseModel):
    """Where you are ready to be asked. `why_not`: the rule by which nobody can propose you now."""

    programme: str
    roles: list[str]
    capacity: int
    until: date | None
    why_not: str | None

    @classmethod
    def of(cls, programme: str, listing: Listing, why_not: str | None) -> "HeldListingView":
        return cls(
            programme=programme,
            roles=list(listing.roles),
            capacity=listing.capacity,
            until=listing.until,
            why_not=why_not,
        )


class HeldAnswerView(BaseModel):
    """A tender that you answered, as you saw it, and what became of your answer."""

    tender_id: str
    programme: str
    category: str
    text: str
    state: Literal["live", "chosen", "over", "taken-back", "not-needed"]
    offered_at: datetime

    @classmethod
    def of(cls, document: JsonObject, text: str, person_id: str) -> "HeldAnswerView":
        return cls.model_validate(document | document["offers"][person_id] | {"text": text})


class HeldSignUpView(BaseModel):
    """A gathering that you signed up for; that you came is listed nowhere (S3.16)."""

    session_id: str
    activity_id: str
    programme: str
    begins_at: datetime
    ends_at: datetime
    room: str | None
    state: Literal["coming", "held", "called-off"]


class HeldView(BaseModel):
    """Each as its own page shows it to the person; what the other of two said stays theirs."""

    matches: list[OwnMatchView]
    proposals: list[HeldProposalView]
    searches: list[HeldSearchView]
    listings: list[HeldListingView]
    offers: list[OfferView]
    answered_tenders: list[HeldAnswerView]
    activities: list[OwnActivityView]
    supported_activities: list[OwnActivityView]
    sign_ups: list[HeldSignUpView]
    given: int
    received: int


def listings_view(listings: Mapping[str, Listing], why_not: Mapping[str, str | None]) -> list[HeldListingView]:
    return [HeldListingView.of(code, one, why_not[code]) for code, one in sorted(listings.items())]


def sign_ups_view(found: Iterable[JsonObject]) -> list[HeldSignUpView]:
    return [HeldSignUpView.model_validate(one) for one in found]
