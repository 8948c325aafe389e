"""May this message go out to this person now? One list of what stands in the way, in the order in which it counts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.notifications import HoldReason, MessageDue, Occasion, SuppressionReason
from services.notifications.domain.waits import PAUSE_LOOK

# Reminders that nobody waits for: left out for who wants to be left in peace, and few in a week (S3.30).
NUDGES: frozenset[Occasion] = frozenset({"reminder", "check-in", "review", "milestone", "say-done"})
# News that a member asked for or can turn off, at most what they chose; who wants to be left in peace is.
NEWS: frozenset[Occasion] = frozenset({"tender-open", "tender-news"})
# Somebody may be in danger or forgotten: no pause and no hour holds it.
URGENT: frozenset[Occasion] = frozenset({"lone-visit-overdue", "escalated"})

# For coordinators, at work.
STAFF: frozenset[Occasion] = URGENT | {"digest", "hand-over", "mandate-near", "erasure-overdue"}


@dataclass(frozen=True, slots=True)
class Reach:
    """What is known of programme, person and occasion just now.

    `is_over`: what it is about has ended or was answered. `quiet_until`: the end of the person's quiet hours when it is
    such an hour. `is_capped`: they have had enough reminders this week.
    """

    is_paused: bool = False
    is_over: bool = False
    wants_nothing: bool = False
    mode: Literal["fristed", "udvikling"] = "udvikling"
    quiet_until: datetime | None = None
    is_capped: bool = False


@dataclass(frozen=True, slots=True)
class Suppress:
    reason: SuppressionReason


@dataclass(frozen=True, slots=True)
class Hold:
    reason: HoldReason
    until: datetime


def hindrance(due: MessageDue, reach: Reach, *, now: datetime) -> Suppress | Hold | None:
    """The first thing that stands in the way, or None (S2.9, S2.29, S3.30)."""
    occasion = due.occasion
    if reach.wants_nothing:
        return Suppress("nobody")
    if reach.is_over:
        return Suppress("over")
    if occasion in URGENT:
        return None
    if occasion in NUDGES | NEWS and reach.mode == "fristed":
        return Suppress("fristed")
    if reach.is_paused:
        # An invitation does not wait: no meeting stands in a pause.
        return Suppress("paused") if occasion == "meeting-arranged" else Hold("paused", now + PAUSE_LOOK)
    if reach.quiet_until is not None and now < reach.quiet_until:
        return Hold("quiet-hours", reach.quiet_until)
    if occasion in NUDGES and reach.is_capped:
        return Suppress("cap")
    return None


def is_sent_now(due: MessageDue, reach: Reach, *, now: datetime) -> bool:
    """Whether a message that is due would go out if there is an address: until then no address is opened."""
    return now < due.useful_until and hindrance(due, reach, now=now) is None
