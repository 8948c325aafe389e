"""On which stream each event stands, in the order in which a story would tell them.

`category` is the middle part of a stream id, `tenant/category/id`. An event stands on exactly one category.
"""

STREAMS: dict[str, tuple[str, ...]] = {
    "place": (
        "intake.place-listed",
        "intake.place-opened",
        "intake.place-named",
        "intake.place-delisted",
    ),
    "programme": (
        "intake.programme-adopted",
        "intake.mandate-renewed",
        "intake.mandate-end-near",
        "intake.term-added",
        "intake.programme-paused",
        "intake.programme-resumed",
        "intake.programme-made-permanent",
        "intake.programme-closed",
    ),
    "person": (
        "intake.person-registered",
        "intake.profile-described",
        "intake.contact-given",
        "intake.consent-given",
        "intake.consent-withdrawn",
        "intake.safe-contact-agreed",
        "intake.address-protected",
        "intake.address-protection-ended",
        "intake.mode-chosen",
        "intake.residence-changed",
        "intake.lived-experience-told",
        "intake.lived-experience-taken-back",
        "intake.counterpart-blocked",
        "intake.counterpart-unblocked",
        "intake.erasure-asked",
        "intake.key-destroyed",
        "intake.receipt-noted",
        "intake.erasure-overdue",
        "intake.person-erased",
    ),
    "voice": (
        "intake.answers-given",
        "intake.voice-redacted",
    ),
    "identity": (
        "intake.identity-seen",
        "intake.identity-blocked",
        "intake.identity-unblocked",
        "intake.identity-forgotten",
    ),
    "pair": (
        "intake.block-suspected",
        "intake.pair-held",
        "intake.block-recognised",
        "intake.block-dismissed",
        "intake.block-ended",
        "intake.pair-freed",
    ),
    "volunteering": (
        "intake.volunteer-applied",
        "intake.training-attended",
        "intake.confidentiality-signed",
        "intake.certificate-shown",
        "intake.interview-held",
        "intake.guidance-given",
        "intake.volunteer-approved",
        "intake.trust-given",
        "intake.trust-taken-back",
        "intake.confidentiality-due",
        "intake.volunteer-declined",
        "intake.approval-lapsed",
        "intake.volunteer-suspended",
        "intake.volunteer-reinstated",
        "intake.volunteer-left",
    ),
    "request": (
        "intake.referral-received",
        "intake.request-posted",
        "intake.request-amended",
        "intake.answer-overdue",
        "intake.request-declined",
        "intake.request-taken-up",
        "intake.hand-over-asked",
        "intake.hand-over-bounced",
        "intake.hand-over-accepted",
        "intake.request-escalated",
        "intake.request-parked",
        "intake.request-resumed",
        "intake.request-met",
        "intake.request-withdrawn",
    ),
    "helper": (
        "matching.helper-listed",
        "matching.offer-made",
        "matching.offer-taken-back",
        "matching.slot-reserved",
        "matching.slot-refused",
        "matching.slot-confirmed",
        "matching.slot-released",
        "matching.helper-unlisted",
    ),
    "search": (
        "matching.search-opened",
        "matching.helper-proposed",
        "matching.meeting-arranged",
        "matching.meeting-missed",
        "matching.meeting-held",
        "matching.yes-said",
        "matching.both-agreed",
        "matching.no-said",
        "matching.proposal-refused",
        "matching.proposal-dropped",
        "matching.search-amended",
        "matching.search-settled",
        "matching.search-closed",
        "matching.search-reopened",
        "matching.tender-opened",
        "matching.help-offered",
        "matching.help-taken-back",
        "matching.helper-chosen",
        "matching.help-not-needed",
        "matching.tender-stopped",
        "matching.tender-lapsed",
        "matching.helper-secured",
        "matching.safeguard-confirmed",
        "matching.contact-agreed",
        "matching.task-done",
        "matching.task-completed",
    ),
    "guard": (
        "matching.pair-engaged",
        "matching.pair-barred",
        "matching.pair-unbarred",
    ),
    "match": (
        "matching.match-made",
        "matching.support-amended",
        "matching.accompaniment-agreed",
        "matching.check-in-asked",
        "matching.check-in-given",
        "matching.lone-visit-began",
        "matching.lone-visit-overdue",
        "matching.lone-visit-ended",
        "matching.review-due",
        "matching.match-reviewed",
        "matching.match-paused",
        "matching.pause-lifted",
        "matching.match-resumed",
        "matching.end-near",
        "matching.match-ended",
        "matching.match-let-go",
    ),
    "activity": (
        "matching.activity-proposed",
        "matching.activity-supported",
        "matching.activity-published",
        "matching.activity-closed",
    ),
    "session": (
        "matching.session-scheduled",
        "matching.enrolled",
        "matching.enrolment-withdrawn",
        "matching.session-held",
        "matching.feedback-given",
        "matching.session-closed",
    ),
    "tally": ("matching.match-counted",),
    "message": (
        "notifications.message-due",
        "notifications.message-held",
        "notifications.sending-began",
        "notifications.message-failed",
        "notifications.message-suppressed",
        "notifications.message-sent",
    ),
    "nudges": ("notifications.nudge-counted",),
    "digest": (
        "notifications.digest-wanted",
        "notifications.digest-looked",
        "notifications.digest-unwanted",
    ),
    "intake-erasure": ("intake.person-purged",),
    "matching-erasure": ("matching.release-begun", "matching.person-released", "matching.person-purged"),
    "notifications-erasure": ("notifications.person-purged",),
    "reporting-erasure": ("reporting.person-purged",),
    "tender-news": ("notifications.tender-news-wanted",),
}

_PLACES = {name: (category, position) for category, names in STREAMS.items() for position, name in enumerate(names, 1)}


def category_of(event_type: str) -> str:
    """Raises LookupError for an event that is not in STREAMS."""
    return _place(event_type)[0]


def position_of(event_type: str) -> int:
    """The position the event has in the example stream of its category, from 1."""
    return _place(event_type)[1]


def _place(event_type: str) -> tuple[str, int]:
    if event_type not in _PLACES:
        raise LookupError(f"say in contracts/publish/streams.py on which stream {event_type} stands")
    return _PLACES[event_type]
