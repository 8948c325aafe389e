"""What is shown of standing offers: members the words without a name, coordinators also by whom (S1.10, S1.16)."""

from datetime import datetime

from pydantic import BaseModel

from services.matching.shown_offers import ShownOffer


class OfferView(BaseModel):
    """An offer as a member sees it: by whom is told nobody here."""

    offer_id: str
    programme: str
    category: str
    words: str

    @classmethod
    def of(cls, offer: ShownOffer) -> "OfferView":
        return cls.model_validate(offer, from_attributes=True)


class StaffedOfferView(OfferView):
    """An offer as a coordinator sees it. `asked_for` counts how often its helper was asked for that since."""

    helper_id: str
    made_at: datetime
    asked_for: int
    became_activity: bool

    @classmethod
    def of(cls, offer: ShownOffer) -> "StaffedOfferView":
        return cls.model_validate(offer, from_attributes=True)


class NeverChosenView(BaseModel):
    """A helper who offered on so many tenders, since then, and was never chosen."""

    helper_id: str
    offered: int
    first_offered_at: datetime


class NeverChosenList(BaseModel):
    """Who has waited longest first."""

    items: list[NeverChosenView]


class GivenAndReceivedView(BaseModel):
    """How many tasks the person of the token helped with, and was helped with. Nobody owes anybody (S1.15)."""

    given: int
    received: int
