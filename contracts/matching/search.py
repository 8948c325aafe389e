"""The finding for one request. Stored and published: version with care."""

from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.intake import Wishes
from contracts.matching.values import Audience, DropReason, Reason
from contracts.sealed import Sealed


@event("matching.search-opened", version=1)
class SearchOpened(Event):
    """Finding begins; the waiting date stays whatever happens to proposals (S2.31)."""

    request_id: str
    person_id: str
    programme: str
    category: str | None = None
    needed_since: date
    wishes: Sealed[Wishes] | None = None


@event("matching.helper-proposed", version=1)
class HelperProposed(Event):
    """A coordinator picked this candidate (S2.30). One proposal is live at a time.

    It ends at `until`, or later by as much as the programme was paused since `proposed_at` (S2.29).
    """

    request_id: str
    person_id: str
    programme: str
    helper_id: str
    proposal_id: str
    proposed_by: str
    score: float
    reasons: tuple[Reason, ...]
    policy_version: int
    needs_meeting: bool
    proposed_at: AwareDatetime
    until: AwareDatetime


@event("matching.proposal-refused", version=1)
class ProposalRefused(Event):
    """The search could not take the proposal; it never comes back under this id, and the reserved slot is released."""

    request_id: str
    programme: str
    helper_id: str
    proposal_id: str
    rule: str


@event("matching.meeting-arranged", version=1)
class MeetingArranged(Event):
    """Both are invited to meet before either is asked for a yes (S2.28)."""

    request_id: str
    proposal_id: str
    person_id: str
    helper_id: str
    programme: str
    meets_at: AwareDatetime


@event("matching.meeting-held", version=1)
class MeetingHeld(Event):
    """Both came (S2.28)."""

    request_id: str
    proposal_id: str
    held_at: AwareDatetime


@event("matching.meeting-missed", version=1)
class MeetingMissed(Event):
    """It did not happen; nobody is asked why. It may be arranged again."""

    request_id: str
    proposal_id: str


@event("matching.yes-said", version=1)
class YesSaid(Event):
    """Hidden from the other until both have answered."""

    request_id: str
    proposal_id: str
    said_by: Literal["requester", "helper"]


@event("matching.no-said", version=1)
class NoSaid(Event):
    """No cause is asked, and the other is not told who (S2.28)."""

    request_id: str
    proposal_id: str
    said_by: Literal["requester", "helper"]


@event("matching.both-agreed", version=1)
class BothAgreed(Event):
    """Both yes are in: the helper's slot may be confirmed."""

    request_id: str
    programme: str
    helper_id: str
    proposal_id: str


@event("matching.proposal-dropped", version=1)
class ProposalDropped(Event):
    """Both get the same neutral words; the search goes on from the same waiting date (S2.31)."""

    request_id: str
    person_id: str
    programme: str
    helper_id: str
    proposal_id: str
    reason: DropReason


@event("matching.search-settled", version=1)
class SearchSettled(Event):
    """Both said yes and the slot is confirmed: a match follows, unconditionally."""

    request_id: str
    person_id: str
    programme: str
    helper_id: str
    proposal_id: str
    match_id: str
    needed_since: date


@event("matching.search-amended", version=1)
class SearchAmended(Event):
    """What is wished of the other has changed; who is proposed already stays, and so does the waiting date (S2.20)."""

    request_id: str
    programme: str
    wishes: Sealed[Wishes] | None = None


@event("matching.search-closed", version=1)
class SearchClosed(Event):
    """Finding stops. `match_id` names the pairing that a late withdrawal ends with it."""

    request_id: str
    programme: str
    reason: Literal["withdrawn", "parked", "met"]
    match_id: str | None = None


@event("matching.search-reopened", version=1)
class SearchReopened(Event):
    """A parked request came back: same search, same waiting date."""

    request_id: str
    programme: str


@event("matching.tender-opened", version=1)
class TenderOpened(Event):
    """A coordinator puts the task to the members who may see it; the text says nothing of who asks (S1.13, S1.14).

    `audience` narrows who sees it: members in these areas, or who offered this kind of help; empty means all.
    """

    request_id: str
    person_id: str
    programme: str
    tender_id: str
    category: str
    text: Sealed[str]
    audience: Audience = Audience()
    opened_by: str
    opens_at: AwareDatetime
    closes_at: AwareDatetime


@event("matching.help-offered", version=1)
class HelpOffered(Event):
    """A member would like to do it; only staff and the member see that (S1.4)."""

    request_id: str
    programme: str
    tender_id: str
    helper_id: str
    offered_at: AwareDatetime


@event("matching.help-taken-back", version=1)
class HelpTakenBack(Event):
    """Not after all, and no reason is asked."""

    request_id: str
    programme: str
    tender_id: str
    helper_id: str


@event("matching.helper-chosen", version=1)
class HelperChosen(Event):
    """One of those who offered is put to the requester, whose yes makes it an agreement (S1.2)."""

    request_id: str
    programme: str
    tender_id: str
    helper_id: str
    proposal_id: str
    chosen_by: str


@event("matching.help-not-needed", version=1)
class HelpNotNeeded(Event):
    """Somebody else does it this time; whoever offered is thanked and comes up sooner next time (S1.16)."""

    request_id: str
    programme: str
    tender_id: str
    helper_id: str


@event("matching.tender-lapsed", version=1)
class TenderLapsed(Event):
    """It closed and nobody had offered: back on the coordinators' list, and the requester is told (S1.13)."""

    request_id: str
    person_id: str
    programme: str
    tender_id: str


@event("matching.tender-stopped", version=1)
class TenderStopped(Event):
    """No more offers from now on; those who offered can still be chosen."""

    request_id: str
    programme: str
    tender_id: str
    closed_at: AwareDatetime


@event("matching.helper-secured", version=1, internal=True)
class HelperSecured(Event):
    """Both said yes to a task and the place stands: contact waits only until two people looked at each of these."""

    request_id: str
    proposal_id: str
    safeguards: tuple[Literal["money", "keys", "home"], ...]


@event("matching.safeguard-confirmed", version=1)
class SafeguardConfirmed(Event):
    """One of two who look before money, keys or a home are trusted to somebody; the receipt is a reference (S1.21)."""

    request_id: str
    programme: str
    proposal_id: str
    safeguard: Literal["money", "keys", "home"]
    confirmed_by: str
    receipt: Sealed[str] | None = None


@event("matching.contact-agreed", version=1)
class ContactAgreed(Event):
    """Both said yes to a task: from now on these two see how to reach each other, and nobody else does (S1.2)."""

    request_id: str
    programme: str
    category: str
    proposal_id: str
    requester_id: str
    helper_id: str
    agreed_at: AwareDatetime


@event("matching.task-done", version=1)
class TaskDone(Event):
    """One of the two says that it is done."""

    request_id: str
    programme: str
    proposal_id: str
    done_by: Literal["requester", "helper"]
    done_at: AwareDatetime


@event("matching.task-completed", version=1)
class TaskCompleted(Event):
    """Both have said so: the wish is met, and each has given or received once more (S1.15)."""

    request_id: str
    programme: str
    category: str
    proposal_id: str
    requester_id: str
    helper_id: str
    completed_at: AwareDatetime
