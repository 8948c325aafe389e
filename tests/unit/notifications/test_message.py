"""A message as sentences: told once, claimed before it is sent, never stale, given up aloud."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given as for_all
from hypothesis.strategies import builds, datetimes, integers, just, lists, one_of, sampled_from

from chassis.refusal import FactsTooOld, NotFound
from chassis.testing import given
from contracts.base import Event
from contracts.notifications import (
    Details,
    MessageDue,
    MessageFailed,
    MessageHeld,
    MessageSent,
    MessageSuppressed,
    Occasion,
    SendingBegan,
)
from services.notifications.domain.message import (
    BeginSending,
    Command,
    NoteNotNow,
    NoteRefused,
    NoteSent,
    NoteUnknown,
    Status,
    TellOf,
    message,
)
from services.notifications.domain.reach import NEWS, NUDGES, URGENT, Reach
from services.notifications.domain.waits import CLAIM, FRESH, PAUSE_LOOK, SETTLING, wait_after
from tests.unit.properties import history_folds_from_storage, repeating_changes_nothing

NOON = datetime(2020, 2, 29, 12, tzinfo=UTC)
WEEK = timedelta(days=7)
SUBJECT = {"message_id": "m", "recipient_id": "p", "programme": "oslo", "occasion": "match-made"}

TELL = TellOf(
    now=NOON,
    message_id="m",
    recipient_id="p",
    programme="oslo",
    occasion="match-made",
    cause_id="e",
    useful_until=NOON + WEEK,
    details=Details(),
)
DUE = MessageDue.model_validate({**SUBJECT, "cause_id": "e", "due_at": NOON, "useful_until": NOON + WEEK})
INVITED = DUE.model_copy(update={"occasion": "meeting-arranged"})


def begin(now: datetime = NOON, **facts: object) -> BeginSending:
    """What the facts are not of a BeginSending they are of its reach."""
    own = {"contact": "email", "facts_as_of": now}
    own |= {name: facts.pop(name) for name in list(facts) if name in own}
    return BeginSending(now=now, reach=Reach(**facts), **own)  # type: ignore[arg-type]


def began(attempt: int = 1, at: datetime = NOON) -> SendingBegan:
    return SendingBegan(message_id="m", attempt=attempt, began_at=at)


def held(reason: str, until: datetime, attempts: int = 0, rule: str | None = None) -> MessageHeld:
    about = {**SUBJECT, "reason": reason, "until": until, "attempts": attempts, "rule": rule}
    return MessageHeld.model_validate(about)


def sent(attempts: int = 1, at: datetime = NOON) -> MessageSent:
    how = {"channel": "email", "template": "match-made", "language": "nn"}
    return MessageSent.model_validate({**SUBJECT, **how, "attempts": attempts, "sent_at": at})


def suppressed(reason: str) -> MessageSuppressed:
    return MessageSuppressed.model_validate({**SUBJECT, "reason": reason})


def failed(rule: str, attempts: int) -> MessageFailed:
    return MessageFailed.model_validate({**SUBJECT, "rule": rule, "attempts": attempts})


def test_an_occasion_makes_a_message_due() -> None:
    assert given(message).when(TELL) == [DUE]


@pytest.mark.parametrize("after", [[DUE], [DUE, began(), sent()], [DUE, suppressed("stale")]])
def test_the_same_occasion_again_tells_nobody_twice(after: Sequence[Event]) -> None:
    assert given(message, *after).when(TELL) == []


def test_nothing_is_sent_that_nobody_asked_for() -> None:
    with pytest.raises(NotFound):
        given(message).when(begin())


def test_an_attempt_is_claimed_before_the_sender_is_called() -> None:
    assert given(message, DUE).when(begin()) == [began()]


def test_a_claimed_attempt_is_not_begun_by_somebody_else() -> None:
    assert given(message, DUE, began()).when(begin(NOON + CLAIM - timedelta(seconds=1))) == []


def test_the_answer_of_the_sender_is_kept() -> None:
    note = NoteSent(now=NOON, attempt=1, medium="email", template="match-made", language="nn")
    assert given(message, DUE, began()).when(note) == [sent()]


def test_a_sent_message_is_never_begun_again() -> None:
    assert given(message, DUE, began(), sent()).when(begin(NOON + timedelta(days=1))) == []


def test_a_server_that_asks_to_wait_is_tried_again_later() -> None:
    note = NoteNotNow(now=NOON, attempt=1, rule="smtp_451")
    waiting = held("unreachable", NOON + timedelta(seconds=30), attempts=1, rule="smtp_451")
    assert given(message, DUE, began()).when(note) == [waiting]
    assert given(message, DUE, began(), waiting).when(begin(waiting.until)) == [began(2, waiting.until)]


def test_before_its_time_a_waiting_message_is_left_alone() -> None:
    waiting = held("unreachable", NOON + timedelta(seconds=30), attempts=1)
    assert given(message, DUE, began(), waiting).when(begin(NOON + timedelta(seconds=29))) == []


def test_the_waits_grow_to_two_hours_and_no_further() -> None:
    assert [wait_after(attempt).total_seconds() for attempt in (1, 2, 3, 4, 5, 60)] == [30, 120, 480, 1920, 7200, 7200]


def test_a_server_that_refuses_for_good_ends_it() -> None:
    assert given(message, DUE, began()).when(NoteRefused(attempt=1, rule="smtp_550")) == [failed("smtp_550", 1)]


def test_a_crash_after_the_claim_is_repeated_once() -> None:
    after = NOON + CLAIM
    assert given(message, DUE, began()).when(begin(after)) == [began(2, after)]


def test_a_second_attempt_without_an_outcome_is_given_up_aloud() -> None:
    history = [DUE, began(), began(2, NOON + CLAIM)]
    assert given(message, *history).when(begin(NOON + 2 * CLAIM)) == [failed("unknown_outcome", 2)]


def test_a_broken_connection_counts_as_an_attempt_without_an_outcome() -> None:
    waiting = held("unknown-outcome", NOON + timedelta(seconds=30), attempts=1, rule="unknown_outcome")
    assert given(message, DUE, began()).when(NoteUnknown(now=NOON, attempt=1)) == [waiting]
    again = given(message, DUE, began(), waiting, began(2, waiting.until))
    assert again.when(NoteUnknown(now=NOON, attempt=2)) == [failed("unknown_outcome", 2)]


def test_a_crash_found_in_a_pause_still_counts() -> None:
    paused = held("paused", NOON + CLAIM + PAUSE_LOOK, attempts=1)
    crashed = given(message, DUE, began())
    assert crashed.when(begin(NOON + CLAIM, is_paused=True)) == [paused]
    again = given(message, DUE, began(), paused, began(2, paused.until))
    assert again.when(NoteUnknown(now=NOON, attempt=2)) == [failed("unknown_outcome", 2)]


def test_an_outcome_of_an_attempt_that_is_over_changes_nothing() -> None:
    note = NoteSent(now=NOON, attempt=1, medium="email", template="match-made", language="nn")
    assert given(message, DUE, began(), began(2, NOON + CLAIM)).when(note) == []


def test_nothing_stale_is_sent() -> None:
    assert given(message, DUE).when(begin(NOON + WEEK)) == [suppressed("stale")]


def test_what_could_not_be_delivered_while_it_was_useful_has_failed() -> None:
    waiting = held("unreachable", NOON + timedelta(seconds=30), attempts=1, rule="smtp_451")
    assert given(message, DUE, began(), waiting).when(begin(NOON + WEEK)) == [failed("unreachable", 1)]


def test_a_claim_without_an_outcome_that_is_stale_has_failed() -> None:
    assert given(message, DUE, began()).when(begin(NOON + WEEK)) == [failed("unknown_outcome", 1)]


def test_a_pause_holds_what_will_still_be_true_afterwards() -> None:
    waiting = held("paused", NOON + PAUSE_LOOK)
    assert given(message, DUE).when(begin(is_paused=True)) == [waiting]
    assert given(message, DUE, waiting).when(begin(NOON + PAUSE_LOOK)) == [began(1, NOON + PAUSE_LOOK)]


def test_a_pause_suppresses_an_invitation() -> None:
    invited = suppressed("paused").model_copy(update={"occasion": "meeting-arranged"})
    assert given(message, INVITED).when(begin(is_paused=True)) == [invited]


def test_a_pause_of_months_leaves_nothing_stale_behind() -> None:
    waiting = held("paused", NOON + PAUSE_LOOK)
    assert given(message, DUE, waiting).when(begin(NOON + timedelta(days=150))) == [suppressed("stale")]


def test_somebody_without_an_address_is_not_told_and_the_reason_kept() -> None:
    late = NOON + SETTLING
    assert given(message, DUE).when(begin(late, contact="no-contact")) == [suppressed("no-contact")]


def test_an_address_that_may_be_on_its_way_is_waited_for() -> None:
    with pytest.raises(FactsTooOld):
        given(message, DUE).when(begin(NOON, contact="no-contact"))


def test_somebody_whose_key_is_gone_is_not_told() -> None:
    assert given(message, DUE).when(begin(contact="redacted")) == [suppressed("redacted")]


def test_no_address_is_needed_to_know_that_nothing_is_sent() -> None:
    stale = given(message, DUE).when(begin(NOON + WEEK, contact=None))
    paused = given(message, DUE).when(begin(contact=None, is_paused=True))
    assert (stale, paused) == ([suppressed("stale")], [held("paused", NOON + PAUSE_LOOK)])


def test_nothing_is_claimed_while_the_address_is_shut() -> None:
    with pytest.raises(FactsTooOld):
        given(message, DUE).when(begin(contact=None))


@pytest.mark.parametrize("occasion", get_args(Occasion))
def test_who_wants_no_contact_gets_none_whatever_the_occasion(occasion: Occasion) -> None:
    assert decided(occasion, wants_nothing=True) == [suppressed_of(occasion, "nobody")]


@pytest.mark.parametrize("occasion", get_args(Occasion))
def test_what_is_over_is_told_nobody(occasion: Occasion) -> None:
    assert decided(occasion, is_over=True) == [suppressed_of(occasion, "over")]


@pytest.mark.parametrize("occasion", get_args(Occasion))
def test_who_is_left_in_peace_gets_no_reminder_and_hears_of_what_they_did(occasion: Occasion) -> None:
    told = [suppressed_of(occasion, "fristed")] if occasion in NUDGES | NEWS else [began()]
    assert decided(occasion, mode="fristed") == told


@pytest.mark.parametrize("occasion", get_args(Occasion))
def test_only_reminders_are_few_in_a_week(occasion: Occasion) -> None:
    assert decided(occasion, is_capped=True) == [suppressed_of(occasion, "cap")] if occasion in NUDGES else [began()]


@pytest.mark.parametrize("occasion", get_args(Occasion))
def test_quiet_hours_hold_everything_but_what_cannot_wait(occasion: Occasion) -> None:
    until = NOON + timedelta(hours=8)
    waiting = held("quiet-hours", until).model_copy(update={"occasion": occasion})
    assert decided(occasion, quiet_until=until) == ([began()] if occasion in URGENT else [waiting])


@pytest.mark.parametrize("occasion", sorted(URGENT))
def test_what_cannot_wait_goes_out_in_a_pause(occasion: Occasion) -> None:
    assert decided(occasion, is_paused=True) == [began()]


def test_quiet_hours_that_outlast_the_use_of_it_leave_nothing_to_send() -> None:
    waiting = held("quiet-hours", NOON + WEEK)
    assert given(message, DUE, waiting).when(begin(NOON + WEEK)) == [suppressed("stale")]


def test_a_text_message_that_told_little_is_kept_as_such() -> None:
    note = NoteSent(now=NOON, attempt=1, medium="sms", template="disguised", language="nn", is_disguised=True)
    kept = sent().model_copy(update={"channel": "sms", "template": "disguised", "disguised": True})
    assert given(message, DUE, began()).when(note) == [kept]


def decided(occasion: Occasion, **reach: object) -> Sequence[Event]:
    return given(message, DUE.model_copy(update={"occasion": occasion})).when(begin(NOON, **reach))


def suppressed_of(occasion: Occasion, reason: str) -> Event:
    return suppressed(reason).model_copy(update={"occasion": occasion})


def test_what_was_said_before_the_occasion_must_be_known_first() -> None:
    with pytest.raises(FactsTooOld):
        given(message, DUE).when(begin(facts_as_of=NOON - timedelta(microseconds=1)))


def test_facts_that_are_too_old_decide_nothing() -> None:
    with pytest.raises(FactsTooOld):
        given(message, DUE).when(begin(NOON + 2 * FRESH, facts_as_of=NOON + FRESH - timedelta(seconds=1)))


_INSTANTS = datetimes(min_value=datetime(2020, 2, 29), max_value=datetime(2020, 3, 10), timezones=just(UTC))  # noqa: DTZ001
_ATTEMPTS = integers(1, 3)
_COMMANDS = one_of(
    just(TELL),
    builds(
        BeginSending,
        now=_INSTANTS,
        contact=sampled_from(["email", "sms", "no-contact", "redacted", None]),
        reach=builds(
            Reach,
            is_paused=sampled_from([False, False, True]),
            is_over=sampled_from([False, False, True]),
            wants_nothing=sampled_from([False, False, True]),
            quiet_until=one_of(just(None), _INSTANTS),
        ),
        facts_as_of=_INSTANTS,
    ),
    builds(
        NoteSent,
        now=_INSTANTS,
        attempt=_ATTEMPTS,
        medium=just("email"),
        template=just("match-made"),
        language=just("da"),
    ),
    builds(NoteNotNow, now=_INSTANTS, attempt=_ATTEMPTS, rule=just("smtp_451")),
    builds(NoteRefused, attempt=_ATTEMPTS, rule=just("smtp_550")),
    builds(NoteUnknown, now=_INSTANTS, attempt=_ATTEMPTS),
)


@for_all(lists(_COMMANDS, max_size=12))
def test_repeating_an_accepted_command_changes_nothing(commands: list[Command]) -> None:
    repeating_changes_nothing(message, [TELL, *commands])


@for_all(lists(_COMMANDS, max_size=12))
def test_every_history_folds_the_same_from_its_stored_form(commands: list[Command]) -> None:
    history_folds_from_storage(message, [TELL, *commands])


@for_all(lists(_COMMANDS, max_size=12))
def test_whatever_happens_an_attempt_without_an_outcome_is_repeated_at_most_once(commands: list[Command]) -> None:
    state, unanswered = message.initial, 0
    for command in [TELL, *commands]:
        try:
            events = message.decide(command, state)
        except (FactsTooOld, NotFound):
            continue
        if state.status is Status.SENDING and any(isinstance(event, SendingBegan) for event in events):
            unanswered += 1
        state = message.fold(events, state)
    assert unanswered <= 1
