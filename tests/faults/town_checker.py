"""What must hold of all four services together after any fault, read from stores, topics, read models and the mailbox.

    evidence = await read_evidence(mongo_client, namespace=…, kafka=…, ledger=…, mails=…)
    assert check_town(evidence) == []

Each service by itself is checked by checker.py; here is what they owe each other and the people. Each rule has a test
that plants the bug it is there for (test_town_checker.py).
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

import bson
from bson.codec_options import CodecOptions
from pymongo import AsyncMongoClient

from chassis.event_store.documents import to_commit
from chassis.projection import FRAMEWORK_FIELDS, Projection
from chassis.rebuild import collection_name, live_generation
from contracts.base import Event
from contracts.envelope import RecordedEvent, derive_id
from contracts.matching import (
    HelperProposed,
    MatchCounted,
    MatchEnded,
    MatchMade,
    ProposalDropped,
    SearchSettled,
    SlotReleased,
    SlotReserved,
)
from contracts.notifications import MessageDue, MessageSent, SendingBegan
from contracts.topics import SERVICES, events_of
from services.notifications.domain.occasions import TELLING, notices
from tests.architecture.services import projections
from tests.faults.checker import Rule, Story, check, fold_of, read_story
from tests.support.town import COORDINATOR, Command, Json, Ledger

Kind = TypeVar("Kind", bound=Event)

# A timer's document also has what its lease and its firing wrote.
_FOLDED_OF_TIMERS = ("due_at", "payload")
# A request that is done in steps runs each under an id of its own.
_STEPS = ("contact", "profile")


class TownRule(StrEnum):
    """What is broken between services."""

    UNACKNOWLEDGED = "what was answered over HTTP is not in the store, or not where it was answered"
    UNASKED = "a commit of a person's command that nobody posted"
    TWO_MATCHES = "a request has two matches, or a match was made without both having agreed"
    NUMBER = "a match has not exactly one running number, or the numbers have a gap"
    SLOT = "the places a helper holds are not the live proposals and matches"
    TOLD = "somebody was not told of an occasion, or twice"
    MAIL = "a mail did not go out, or more often than it was tried"


@dataclass(frozen=True, slots=True)
class Fault:
    rule: Rule | TownRule
    where: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """`documents` are the bodies of the live generations by "service.read model", `mails` the message ids that came."""

    stories: Mapping[str, Story]
    documents: Mapping[str, Mapping[str, Json]]
    mails: Sequence[str]
    ledger: Ledger

    def recorded(self, service: str) -> list[RecordedEvent]:
        """Every public event of a service."""
        return self.stories[service].public_events()

    def of(self, service: str, kind: type[Kind]) -> list[tuple[RecordedEvent, Kind]]:
        """The events of one kind, with what is recorded about each; internal ones too."""
        return [
            (recorded, recorded.event)
            for recorded in _all_events(self.stories[service])
            if isinstance(recorded.event, kind)
        ]


async def read_evidence(
    client: AsyncMongoClient[Json], *, namespace: str, kafka: str, ledger: Ledger, mails: Sequence[str]
) -> Evidence:
    """Everything as it is now. Read it when nothing moves any more."""
    stories: dict[str, Story] = {}
    documents: dict[str, dict[str, Json]] = {}
    for service in SERVICES:
        database = client[f"{namespace}{service}"]
        topic = f"{namespace}{events_of(service)}"
        stories[service] = await read_story(database, topic=topic, kafka=kafka, service=service)
        for projection in projections(service):
            live = database[collection_name(projection.name, await live_generation(database, projection.name))]
            documents[f"{service}.{projection.name}"] = {
                document["_id"]: {name: document[name] for name in document if name not in FRAMEWORK_FIELDS}
                async for document in live.find({"_gone": None})
            }
    return Evidence(stories, documents, mails, ledger)


def check_town(evidence: Evidence) -> list[Fault]:
    """Everything that may not be."""
    rules: Sequence[Callable[[Evidence], Iterable[Fault]]] = (
        _single_services,
        _answers,
        _matches,
        _numbers,
        _slots,
        _telling,
        _mails,
        _read_models,
    )
    return [fault for rule in rules for fault in rule(evidence)]


def _single_services(evidence: Evidence) -> Iterator[Fault]:
    for service, story in evidence.stories.items():
        for finding in check(story, acknowledged=()).findings:
            yield Fault(finding.rule, f"{service} {finding.where}", finding.detail)


def _answers(evidence: Evidence) -> Iterator[Fault]:
    """What was answered is stored where it was answered; what is stored was posted."""
    for service, story in evidence.stories.items():
        ends = {f"{document['s']}@{document['v'] + document['n'] - 1}" for document in story.commits}
        for command in evidence.ledger.acknowledged():
            if command.service == service and str(command.position) not in ends:
                yield Fault(TownRule.UNACKNOWLEDGED, str(command.position), f"command {command.command_id}")
        posted = set(_ids(evidence.ledger.commands.values()))
        for document in story.commits:
            command_id = document["_id"].partition(":")[2]
            if _is_asked_by_people(document["m"]["a"]) and command_id not in posted:
                yield Fault(TownRule.UNASKED, f"{document['s']}@{document['v']}", f"command {command_id}")


def _ids(commands: Iterable[Command]) -> Iterator[str]:
    for command in commands:
        yield command.command_id
        yield from (derive_id(command.command_id, step) for step in _STEPS)


def _is_asked_by_people(actor: str) -> bool:
    """Reactions, timers, referrals and the steps of blocks act under names of their own."""
    return actor == COORDINATOR or not actor.startswith(("reaction-", "timer-", "referral", "identities"))


def _matches(evidence: Evidence) -> Iterator[Fault]:
    made = Counter((recorded.tenant, match.request_id) for recorded, match in evidence.of("matching", MatchMade))
    settled = {(recorded.tenant, search.request_id) for recorded, search in evidence.of("matching", SearchSettled)}
    for request in made.keys() | settled:
        if made[request] != 1 or request not in settled:
            yield Fault(TownRule.TWO_MATCHES, "/".join(request), f"{made[request]} made")


def _numbers(evidence: Evidence) -> Iterator[Fault]:
    made: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    counted: defaultdict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for recorded, match in evidence.of("matching", MatchMade):
        made[recorded.tenant, match.programme].add(match.match_id)
    for recorded, number in evidence.of("matching", MatchCounted):
        counted[recorded.tenant, number.programme].append((number.number, number.match_id))
    for programme in made.keys() | counted.keys():
        numbers, matches = [n for n, _ in counted[programme]], [match for _, match in counted[programme]]
        if sorted(numbers) != list(range(1, len(made[programme]) + 1)) or sorted(matches) != sorted(made[programme]):
            yield Fault(TownRule.NUMBER, "/".join(programme), f"{sorted(numbers)} for {len(made[programme])} matches")


def _slots(evidence: Evidence) -> Iterator[Fault]:
    """By proposal: a place that is held belongs to a live proposal or a live match, and the other way round."""
    held = Counter((r.tenant, slot.person_id, slot.proposal_id) for r, slot in evidence.of("matching", SlotReserved))
    held.subtract((r.tenant, slot.person_id, slot.proposal_id) for r, slot in evidence.of("matching", SlotReleased))
    needed = Counter((r.tenant, one.helper_id, one.proposal_id) for r, one in evidence.of("matching", HelperProposed))
    needed.subtract((r.tenant, one.helper_id, one.proposal_id) for r, one in evidence.of("matching", ProposalDropped))
    needed.subtract((r.tenant, one.helper_id, one.proposal_id) for r, one in evidence.of("matching", MatchEnded))
    for place in held.keys() | needed.keys():
        if held[place] != needed[place] or held[place] not in (0, 1):
            yield Fault(TownRule.SLOT, "/".join(place), f"{held[place]} held, {needed[place]} needed")


# Told by a timer, or to everybody whom a read model names.
OF_OTHER_CAUSES = {"reminder", "milestone", "digest", "lone-visit-overdue", "escalated"}


def _telling(evidence: Evidence) -> Iterator[Fault]:
    """One message per occasion and person, for everything of which people are told."""
    owed = Counter(
        (recorded.tenant, recorded.event_id, notice.recipient_id, str(notice.occasion))
        for service in ("intake", "matching")
        for recorded in evidence.recorded(service)
        if isinstance(recorded.event, TELLING)
        for notice in notices(recorded.event, recorded.origin.occurred_at)
    )
    due = Counter(
        (recorded.tenant, message.cause_id, message.recipient_id, str(message.occasion))
        for recorded, message in evidence.of("notifications", MessageDue)
        if message.occasion not in OF_OTHER_CAUSES
    )
    for telling in owed.keys() | due.keys():
        if owed[telling] != due[telling]:
            yield Fault(TownRule.TOLD, "/".join(telling), f"{due[telling]} messages, {owed[telling]} owed")


def _mails(evidence: Evidence) -> Iterator[Fault]:
    """A crash between claim and answer may repeat a mail, once per claimed attempt; nothing else may."""
    tried = Counter(message.message_id for _, message in evidence.of("notifications", SendingBegan))
    sent = {message.message_id for _, message in evidence.of("notifications", MessageSent)}
    came = Counter(evidence.mails)
    for message_id in tried.keys() | sent | came.keys():
        if came[message_id] > tried[message_id] or (message_id in sent and not came[message_id]):
            yield Fault(TownRule.MAIL, message_id, f"{came[message_id]} mails in {tried[message_id]} attempts")


def _read_models(evidence: Evidence) -> Iterator[Fault]:
    for service in SERVICES:
        for projection in projections(service):
            found = evidence.documents[f"{service}.{projection.name}"]
            folded = folded_from_topics(projection, evidence)
            for key in sorted(folded.keys() | found.keys()):
                is_there, should_be = _comparable(projection, found.get(key)), _comparable(projection, folded.get(key))
                if is_there != should_be:
                    where = f"{service}.{projection.name} {key}"
                    yield Fault(Rule.EFFECT, where, f"{is_there} is not {should_be}")


def folded_from_topics(projection: Projection, evidence: Evidence) -> dict[str, Json]:
    """The bodies that the events of its topics lead to, each taken once and each stream in order."""
    events = [e for service in SERVICES if events_of(service) in projection.topics for e in evidence.recorded(service)]
    return fold_of(projection, events)


def _comparable(projection: Projection, body: Json | None) -> Json | None:
    """As the database would give it back: instants to the millisecond, lists for tuples."""
    if body is None:
        return None
    if projection.name.startswith("timers-"):
        body = {name: body[name] for name in _FOLDED_OF_TIMERS}
    stored: Json = bson.decode(bson.encode(body), codec_options=CodecOptions(tz_aware=True))
    return stored


def _all_events(story: Story) -> list[RecordedEvent]:
    return [event for document in story.commits for event in to_commit(document).recorded()]
