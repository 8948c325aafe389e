"""Whatever is recorded about somebody is behind their own door, or there is a reason why not (S0.21)."""

from collections.abc import Mapping

import pytest

from chassis.http.auditing import PEOPLE_FIELDS, PERSON_FIELDS
from contracts.base import Event, event_classes
from contracts.publish.catalogue import MODULES
from services.intake.http.person_everything import EverythingView
from services.matching.http.held_views import HeldView
from services.notifications.http.everything import ToldView

INTAKE, MATCHING, NOTIFICATIONS = EverythingView, HeldView, ToldView

DOORS: Mapping[tuple[type, str], tuple[str, ...]] = {
    (INTAKE, "person"): (
        "intake.address-protected",
        "intake.address-protection-ended",
        "intake.consent-given",
        "intake.consent-withdrawn",
        "intake.contact-given",
        "intake.gate-met",
        "intake.lived-experience-taken-back",
        "intake.lived-experience-told",
        "intake.mode-chosen",
        "intake.person-registered",
        "intake.profile-described",
        "intake.residence-changed",
        "intake.safe-contact-agreed",
    ),
    (INTAKE, "blocks"): ("intake.counterpart-blocked", "intake.counterpart-unblocked"),
    (INTAKE, "requests"): ("intake.referral-received", "intake.request-declined", "intake.request-posted"),
    (INTAKE, "volunteerings"): (
        "intake.approval-lapsed",
        "intake.certificate-shown",
        "intake.confidentiality-due",
        "intake.confidentiality-signed",
        "intake.guidance-given",
        "intake.interview-held",
        "intake.training-attended",
        "intake.trust-given",
        "intake.trust-taken-back",
        "intake.volunteer-applied",
        "intake.volunteer-approved",
        "intake.volunteer-declined",
        "intake.volunteer-left",
        "intake.volunteer-reinstated",
        "intake.volunteer-suspended",
    ),
    (INTAKE, "answers"): ("intake.answers-given", "intake.voice-redacted"),
    (MATCHING, "matches"): (
        "matching.check-in-asked",
        "matching.end-near",
        "matching.lone-visit-began",
        "matching.lone-visit-overdue",
        "matching.match-ended",
        "matching.match-made",
        "matching.match-paused",
        "matching.review-due",
    ),
    (MATCHING, "proposals"): (
        "matching.both-agreed",
        "matching.contact-agreed",
        "matching.helper-proposed",
        "matching.meeting-arranged",
        "matching.proposal-dropped",
        "matching.search-settled",
    ),
    (MATCHING, "searches"): ("matching.search-opened", "matching.tender-lapsed", "matching.tender-opened"),
    (MATCHING, "listings"): ("matching.helper-listed", "matching.helper-unlisted"),
    (MATCHING, "offers"): ("matching.offer-made", "matching.offer-taken-back"),
    (MATCHING, "answered_tenders"): (
        "matching.help-not-needed",
        "matching.help-offered",
        "matching.help-taken-back",
        "matching.helper-chosen",
    ),
    (MATCHING, "activities"): ("matching.activity-proposed",),
    (MATCHING, "supported_activities"): ("matching.activity-supported",),
    (MATCHING, "sign_ups"): ("matching.enrolled", "matching.enrolment-withdrawn"),
    (MATCHING, "given"): ("matching.task-completed",),
    (NOTIFICATIONS, "messages"): (
        "notifications.message-due",
        "notifications.message-failed",
        "notifications.message-held",
        "notifications.message-sent",
        "notifications.message-suppressed",
    ),
}

REASONS: Mapping[str, str] = {
    "intake.erasure-asked": "shown at /v1/persons/{id}/erasure while it runs; afterwards there is nobody to show it to",
    "intake.erasure-overdue": "as intake.erasure-asked",
    "intake.key-destroyed": "as intake.erasure-asked",
    "intake.person-erased": "as intake.erasure-asked",
    "intake.person-purged": "as intake.erasure-asked",
    "intake.receipt-noted": "as intake.erasure-asked",
    "matching.person-purged": "as intake.erasure-asked",
    "matching.person-released": "as intake.erasure-asked",
    "matching.release-begun": "as intake.erasure-asked",
    "notifications.person-purged": "as intake.erasure-asked",
    "reporting.person-purged": "as intake.erasure-asked",
    "intake.identity-blocked": "keyed hashes by which a block finds somebody; one would tell who blocked whom (S2.9)",
    "intake.identity-forgotten": "as intake.identity-blocked",
    "intake.identity-seen": "as intake.identity-blocked",
    "intake.login-invited": "how a person's own login is tied to what is held; it says nothing of them (S0.21)",
    "intake.login-linked": "as intake.login-invited: the hash of a login, by which this door is found",
    "matching.pair-engaged": "two pseudonyms kept so that a block can end what runs; that itself is shown",
    "matching.proposal-refused": "the place was taken while it was being reserved; nobody was asked",
    "matching.slot-confirmed": "a helper's place, held by a proposal or match that is shown",
    "matching.slot-refused": "as matching.slot-confirmed; why nobody can propose them stands in the listings",
    "matching.slot-released": "as matching.slot-confirmed",
    "matching.slot-reserved": "as matching.slot-confirmed",
    "notifications.digest-looked": "a coordinator's own setting, shown at /v1/digests",
    "notifications.digest-unwanted": "as notifications.digest-looked",
    "notifications.digest-wanted": "as notifications.digest-looked",
    "notifications.tender-news-wanted": "the person's own setting, shown at /v1/tender-news",
}

assert MODULES  # importing them registers their events
EVENTS: Mapping[str, type[Event]] = {
    name: event for name, event in event_classes().items() if event.__module__.startswith("contracts.")
}
ABOUT_SOMEBODY = sorted(
    name for name, event in EVENTS.items() if not event.model_fields.keys().isdisjoint({*PERSON_FIELDS, *PEOPLE_FIELDS})
)
SHOWN = [name for names in DOORS.values() for name in names]


@pytest.mark.requirement("S0.21")
@pytest.mark.parametrize("name", ABOUT_SOMEBODY)
def test_an_event_about_somebody_is_behind_their_door_or_has_a_reason(name: str) -> None:
    assert (name in SHOWN) != (name in REASONS)


@pytest.mark.parametrize(("view", "part"), DOORS, ids=[f"{view.__module__}-{part}" for view, part in DOORS])
def test_the_door_has_that_part(view: type, part: str) -> None:
    assert part in view.model_fields  # type: ignore[attr-defined]


def test_the_table_names_only_events_that_are_about_somebody() -> None:
    assert sorted({*SHOWN, *REASONS}) == ABOUT_SOMEBODY
    assert len(SHOWN) == len(set(SHOWN))
