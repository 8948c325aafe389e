"""Needs change on the way; the waiting date does not (S2.18, S2.20, S2.31)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from contracts.base import Event
from contracts.intake import RequestAmended, Wishes
from contracts.sealed import Sealed
from services.intake.domain.eligibility import Wish, check_bounded
from services.intake.domain.programme import Programme
from services.intake.domain.request_posting import check_support_forms
from services.intake.domain.request_state import Request


@dataclass(frozen=True, slots=True)
class AmendRequest:
    """What is None stays as it is; `clears_latest_date` says that there is no last day any more.

    `support_forms` are those of the new wishes, in clear to be looked at and not kept.
    """

    programme: Programme
    now: datetime
    what: Sealed[str] | None = None
    wishes: Sealed[Wishes] | None = None
    support_forms: tuple[str, ...] = ()
    latest_date: date | None = None
    clears_latest_date: bool = False


def amend(command: AmendRequest, state: Request) -> Sequence[Event]:
    wishes = command.wishes or state.wishes
    check_support_forms(command.support_forms, command.programme.policy)
    latest = None if command.clears_latest_date else command.latest_date or state.latest_date
    what = command.what if command.what != state.what else None
    if (what, wishes, latest) == (None, state.wishes, state.latest_date):
        return []
    if latest != state.latest_date:
        wish = Wish(
            origin="staff",
            today=command.programme.day(command.now),
            category=state.category,
            expected_duration=state.expected_duration,
            latest_date=latest,
        )
        check_bounded(wish, command.programme)
    return [
        RequestAmended(
            request_id=state.request_id,
            programme=state.programme,
            what=what,
            wishes=wishes,
            latest_date=latest,
            amended_at=command.now,
        )
    ]
