"""Each rule of the town's checker catches the bug it is there for, planted into what really happened."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from pymongo import AsyncMongoClient

from chassis.event_store.documents import to_commit
from contracts.base import Event
from contracts.matching import MatchCounted, MatchMade, SlotReleased
from contracts.notifications import MessageDue, MessageSent
from tests.faults.checker import Rule
from tests.faults.city import message_ids
from tests.faults.town_checker import OF_OTHER_CAUSES, Evidence, TownRule, check_town, read_evidence
from tests.support.platform import platform_at
from tests.support.service import own_place
from tests.support.stack import Addresses
from tests.support.town import Ending, Ledger
from tests.support.wait import eventually

Doctor = Callable[[Evidence], Evidence]


@pytest.fixture(scope="module")
async def evidence(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Evidence]:
    """Two requests that came to their ends, one with a match that ended."""
    root = tmp_path_factory.mktemp("town")
    async with own_place(engines, mongo_client, f"t{uuid4().hex[:12]}-", root) as place:
        await place.make_topics("fjordby")
        async with platform_at(place) as platform:
            town = platform.town("fjordby")
            await town.settle_in(helpers=2)
            await town.story(Ending.MATCH_ENDED)
            await town.story(Ending.REFUSED)
            await eventually(platform.is_settled)
            yield await read_evidence(
                mongo_client,
                namespace=place.namespace,
                kafka=engines.kafka,
                ledger=platform.ledger,
                mails=message_ids(platform.mail),
            )


def without(kind: type[Event]) -> Doctor:
    """The first commit with such an event was never made."""

    def doctor(evidence: Evidence) -> Evidence:
        service, index = _place_of(evidence, kind)
        story = evidence.stories[service]
        commits = [*story.commits[:index], *story.commits[index + 1 :]]
        return replace(evidence, stories={**evidence.stories, service: replace(story, commits=commits)})

    return doctor


def twice(kind: type[Event]) -> Doctor:
    """The first commit with such an event was made once more, on another stream."""

    def doctor(evidence: Evidence) -> Evidence:
        service, index = _place_of(evidence, kind)
        story = evidence.stories[service]
        commit: Any = story.commits[index]
        again: Any = {**commit, "_id": f"{commit['_id']}-again", "s": f"{commit['s']}-again"}
        stories = {**evidence.stories, service: replace(story, commits=[*story.commits, again])}
        return replace(evidence, stories=stories)

    return doctor


def _place_of(evidence: Evidence, kind: type[Event]) -> tuple[str, int]:
    service, name = kind.event_type.partition(".")[0], f"{kind.event_type}/{kind.schema_version}"
    places = [index for index, commit in enumerate(evidence.stories[service].commits) if name in commit["t"]]
    return service, next(place for place in places if not _is_of_other_causes(evidence.stories[service].commits[place]))


def _is_of_other_causes(commit: Any) -> bool:
    """What no event owes, the rule cannot miss: such a message may be the first in the store, since ids are random."""
    told = [recorded.event for recorded in to_commit(commit).recorded()]
    return any(isinstance(event, MessageDue) and event.occasion in OF_OTHER_CAUSES for event in told)


def without_a_record(evidence: Evidence) -> Evidence:
    story = evidence.stories["intake"]
    return replace(evidence, stories={**evidence.stories, "intake": replace(story, records=story.records[:-1])})


def without_an_acknowledged_commit(evidence: Evidence) -> Evidence:
    story = evidence.stories["intake"]
    return replace(evidence, stories={**evidence.stories, "intake": replace(story, commits=story.commits[:-1])})


def with_a_command_nobody_posted(evidence: Evidence) -> Evidence:
    _, *others = evidence.ledger.commands.values()
    return replace(evidence, ledger=Ledger({command.command_id: command for command in others}))


def with_a_mail_too_many(evidence: Evidence) -> Evidence:
    return replace(evidence, mails=[*evidence.mails, evidence.mails[0]])


def without_a_mail(evidence: Evidence) -> Evidence:
    return replace(evidence, mails=evidence.mails[1:])


def _changed(evidence: Evidence, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Evidence:
    documents = dict(evidence.documents[name])
    key = next(iter(documents))
    changed = {**documents, key: change(documents[key])}
    return replace(evidence, documents={**evidence.documents, name: changed})


def with_a_write_lost(evidence: Evidence) -> Evidence:
    return _changed(evidence, "matching.searches", lambda body: {**body, "status": "open", "match_id": None})


def with_a_write_twice(evidence: Evidence) -> Evidence:
    return _changed(evidence, "reporting.programmes", lambda body: {"versions": body["versions"] * 2})


def without_a_document(evidence: Evidence) -> Evidence:
    name = "reporting.facts"
    return replace(evidence, documents={**evidence.documents, name: dict(list(evidence.documents[name].items())[1:])})


def test_what_really_happened_has_no_fault(evidence: Evidence) -> None:
    assert check_town(evidence) == []
    assert [len(evidence.of("matching", kind)) for kind in (MatchMade, MatchCounted, SlotReleased)] == [1, 1, 2]
    # More than ten on a slow machine: what is over before it is sent is not sent.
    assert len(evidence.mails) == len(evidence.of("notifications", MessageSent)) >= 10


@pytest.mark.parametrize(
    ("doctor", "rule"),
    [
        (without_an_acknowledged_commit, TownRule.UNACKNOWLEDGED),
        (with_a_command_nobody_posted, TownRule.UNASKED),
        (twice(MatchMade), TownRule.TWO_MATCHES),
        (without(MatchMade), TownRule.TWO_MATCHES),
        (twice(MatchCounted), TownRule.NUMBER),
        (without(MatchCounted), TownRule.NUMBER),
        (without(SlotReleased), TownRule.SLOT),
        (twice(SlotReleased), TownRule.SLOT),
        (without(MessageDue), TownRule.TOLD),
        (twice(MessageDue), TownRule.TOLD),
        (with_a_mail_too_many, TownRule.MAIL),
        (without_a_mail, TownRule.MAIL),
        (without_a_record, Rule.EVENT_MISSING),
        (with_a_write_lost, Rule.EFFECT),
        (with_a_write_twice, Rule.EFFECT),
        (without_a_document, Rule.EFFECT),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)) if callable(value) else value.name.lower(),
)
def test_a_planted_bug_is_found(evidence: Evidence, doctor: Doctor, rule: Rule | TownRule) -> None:
    assert rule in {fault.rule for fault in check_town(doctor(evidence))}
