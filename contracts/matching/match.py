"""A made pairing, to its end. Stored and published: version with care."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.sealed import Sealed


@event("matching.match-made", version=1)
class MatchMade(Event):
    """A pairing begins; `ends_on` is its last possible day and `ends_at` the instant that day is over (S2.16).

    `needed_since` tells how long somebody waited (S2.31). `warn_at`, `check_in_at` and `review_at` are when something
    is asked or said next, unless something else comes first.
    """

    match_id: str
    request_id: str
    programme: str
    requester_id: str
    helper_id: str
    proposal_id: str
    starts_on: date
    ends_on: date | None = None
    ends_at: AwareDatetime | None = None
    needed_since: date
    policy_version: int
    support_forms: tuple[str, ...] = ()
    warn_at: AwareDatetime | None = None
    check_in_at: AwareDatetime | None = None
    review_at: AwareDatetime | None = None


@event("matching.match-ended", version=1)
class MatchEnded(Event):
    """Both are free again; ending early is no failure (domain.md, rule 3). What was followed up is kept until
    `let_go_at` (S2.17)."""

    match_id: str
    request_id: str
    programme: str
    requester_id: str
    helper_id: str
    proposal_id: str
    reason: Literal["length", "requester", "helper", "both", "withdrawn", "block", "erased"]
    closing_talk: bool
    ended_on: date
    let_go_at: AwareDatetime | None = None


@event("matching.support-amended", version=1)
class SupportAmended(Event):
    """Needs change, the pairing stays (S2.20). Support forms are those of the policy (S2.18)."""

    match_id: str
    programme: str
    support_forms: tuple[str, ...]
    amended_by: str
    amended_at: AwareDatetime


@event("matching.accompaniment-agreed", version=1)
class AccompanimentAgreed(Event):
    """Company to a viewing or a meeting once; date and place are for these two and their coordinator (S2.19)."""

    match_id: str
    programme: str
    accompaniment_id: str
    when: Sealed[str]
    where: Sealed[str]
    agreed_by: str
    agreed_at: AwareDatetime


@event("matching.check-in-asked", version=1)
class CheckInAsked(Event):
    """The programme's lightest rhythm has passed without a word: both are asked, nobody is blamed (S3.65)."""

    match_id: str
    programme: str
    requester_id: str
    helper_id: str
    asked_on: date


@event("matching.check-in-given", version=1)
class CheckInGiven(Event):
    """How they were together and whether it was well; never a note about the other (S2.15, S2.32)."""

    match_id: str
    programme: str
    check_in_id: str
    given_by: Literal["requester", "helper"]
    form: Literal["met", "out", "call", "message"]
    well: bool
    wants_talk: bool
    benefits: tuple[Literal["support", "pleasant"], ...] = ()
    happened_on: date
    check_in_at: AwareDatetime | None = None


@event("matching.lone-visit-began", version=1)
class LoneVisitBegan(Event):
    """The helper is alone in somebody's home and will say so when it is over (S4.13)."""

    match_id: str
    programme: str
    helper_id: str
    visit_id: str
    until: AwareDatetime


@event("matching.lone-visit-ended", version=1)
class LoneVisitEnded(Event):
    """The helper is out again."""

    match_id: str
    programme: str
    visit_id: str
    ended_at: AwareDatetime


@event("matching.lone-visit-overdue", version=1)
class LoneVisitOverdue(Event):
    """Nobody has heard from the helper: a coordinator is told now (S4.13)."""

    match_id: str
    programme: str
    helper_id: str
    visit_id: str
    until: AwareDatetime


@event("matching.review-due", version=1)
class ReviewDue(Event):
    """Time to look at the pairing together, every so often as the policy says (S3.26, S3.29)."""

    match_id: str
    programme: str
    requester_id: str
    helper_id: str
    due_on: date


@event("matching.match-reviewed", version=1)
class MatchReviewed(Event):
    """Looked at together; the next review counts from this day (S3.29). `was_due_on` tells whether it was in time."""

    match_id: str
    programme: str
    reviewed_by: str
    reviewed_on: date
    goes_on: bool
    was_due_on: date | None = None
    review_at: AwareDatetime | None = None


@event("matching.match-paused", version=1)
class MatchPaused(Event):
    """The two rest from it, for as long as they like; the last possible day stays (S2.29, S3.30)."""

    match_id: str
    programme: str
    requester_id: str
    helper_id: str
    reason: Literal["requester", "helper", "coordinator", "suspended", "block"]
    paused_at: AwareDatetime


@event("matching.match-resumed", version=1)
class MatchResumed(Event):
    """They go on; the next check-in and review count from here."""

    match_id: str
    programme: str
    resumed_at: AwareDatetime
    check_in_at: AwareDatetime | None = None
    review_at: AwareDatetime | None = None


@event("matching.pause-lifted", version=1)
class PauseLifted(Event):
    """One cause of the pause is gone, another one still holds."""

    match_id: str
    programme: str
    reason: Literal["requester", "helper", "coordinator", "suspended", "block"]
    lifted_at: AwareDatetime


@event("matching.end-near", version=1)
class EndNear(Event):
    """The last possible day comes: time for a closing talk (S2.16, S2.17)."""

    match_id: str
    programme: str
    requester_id: str
    helper_id: str
    ends_on: date


@event("matching.match-let-go", version=1)
class MatchLetGo(Event):
    """The pairing ended and its retention is over: what was followed up is gone from here (S2.17)."""

    match_id: str
    programme: str
    let_go_at: AwareDatetime
