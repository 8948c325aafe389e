"""A person, known by a pseudonym. Stored and published: version with care."""

from datetime import date, time
from typing import Literal

from pydantic import AwareDatetime

from contracts.base import Event, event
from contracts.intake.values import BlockKind, Channel, ConsentScope, MessageLanguage, Profile
from contracts.sealed import Sealed


@event("intake.person-registered", version=1)
class PersonRegistered(Event):
    """Somebody is known by a pseudonym; by which channel and who entered it is kept (S1.12)."""

    person_id: str
    channel: Channel
    name: Sealed[str]
    birth_date: Sealed[str] | None = None
    entered_by: str


@event("intake.profile-described", version=1)
class ProfileDescribed(Event):
    """What a person wants to give comes first, then wishes (S0.7, S1.8, S3.32). Replaces the profile before.

    All of it under the seal: words of their own and where they live tell who somebody is (S2.9).
    """

    person_id: str
    stated_on: date
    told: Sealed[Profile]


@event("intake.contact-given", version=1)
class ContactGiven(Event):
    """How the platform reaches the person, and in which language."""

    person_id: str
    language: MessageLanguage
    email: Sealed[str] | None = None
    phone: Sealed[str] | None = None


@event("intake.consent-given", version=1)
class ConsentGiven(Event):
    """For one purpose and one controller (S2.3, S4.11). `consent` is a keyed hash of both and of the person."""

    person_id: str
    consent: str
    scope: Sealed[ConsentScope]
    given_at: AwareDatetime


@event("intake.consent-withdrawn", version=1)
class ConsentWithdrawn(Event):
    """From now on that controller may no longer use it for that purpose (S2.3)."""

    person_id: str
    consent: str
    withdrawn_at: AwareDatetime


@event("intake.gate-met", version=1)
class GateMet(Event):
    """Somebody asked for themselves where another has to answer first: that they did, and no word of why (S2.7)."""

    person_id: str
    programme: str
    met_at: AwareDatetime


@event("intake.safe-contact-agreed", version=1)
class SafeContactAgreed(Event):
    """How this person may be reached without danger, on their own word; replaces what was agreed before (S2.9).

    `nobody` means that nothing is ever sent. `disguised` takes programme and purpose out of sender and subject. Quiet
    hours are local to the programme, from `quiet_from` until `quiet_until`, also over midnight.
    """

    person_id: str
    channel: Literal["email", "sms", "nobody"]
    disguised: bool = False
    quiet_from: time | None = None
    quiet_until: time | None = None
    agreed_at: AwareDatetime


@event("intake.address-protected", version=1)
class AddressProtected(Event):
    """The person's address is confidential: area and distance are used and shown nowhere (S2.9)."""

    person_id: str
    protected_at: AwareDatetime


@event("intake.address-protection-ended", version=1)
class AddressProtectionEnded(Event):
    """On the person's own word."""

    person_id: str
    ended_at: AwareDatetime


@event("intake.mode-chosen", version=1)
class ModeChosen(Event):
    """Left in peace (`fristed`) or open to what comes (`udvikling`), whenever the person likes (S3.30)."""

    person_id: str
    mode: Literal["fristed", "udvikling"]
    chosen_at: AwareDatetime


@event("intake.lived-experience-told", version=1)
class LivedExperienceTold(Event):
    """A helper says so on their own word, for these purposes only; replaces what was told before (S2.13, S4.4, S4.16).

    `purposes` is a list of `matching` and `figures`, and sealed, as are the words: that somebody told is for whom they
    told it to.
    """

    person_id: str
    purposes: Sealed[tuple[Literal["matching", "figures"], ...]]
    words: Sealed[str] | None = None
    told_at: AwareDatetime


@event("intake.lived-experience-taken-back", version=1)
class LivedExperienceTakenBack(Event):
    """As if it had not been told, from now on (S2.13)."""

    person_id: str
    taken_back_at: AwareDatetime


@event("intake.counterpart-blocked", version=1)
class CounterpartBlocked(Event):
    """The person never wants to meet somebody, known here or not (S2.9).

    What was blocked stands nowhere: the fingerprint is a keyed hash of it, and sealed.
    """

    person_id: str
    block_id: str
    kind: BlockKind
    fingerprint: Sealed[str]
    blocked_at: AwareDatetime


@event("intake.counterpart-unblocked", version=1)
class CounterpartUnblocked(Event):
    """On the person's own word."""

    person_id: str
    block_id: str
    lifted_at: AwareDatetime


@event("intake.residence-changed", version=1)
class ResidenceChanged(Event):
    """Where somebody lives from a day on; who moves away keeps the right for the programme's days of grace (S1.24)."""

    person_id: str
    municipality: Sealed[str]
    since: date
