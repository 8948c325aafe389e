"""Blocks against people not yet known (S2.9), over HTTP on the real engines."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, example, settings
from hypothesis import given as trying
from hypothesis import strategies as st
from pymongo import AsyncMongoClient

from chassis.command_handler import Context
from chassis.service import Role
from contracts.envelope import StreamId
from contracts.intake import PAIR, pair_value
from services.intake.app import build
from services.intake.domain.counterpart import counterparts
from services.intake.domain.person import person
from services.intake.domain.person_commands import (
    BlockCounterpart,
    Command,
    GiveContact,
    RegisterPerson,
    UnblockCounterpart,
)
from tests.services.block_story import Answer, Block, Come, Contact, Lift, Step, Story
from tests.services.intake_front import Front, front_of, referral, running_intake
from tests.support.service import Running, own_place, running_service
from tests.support.stack import Addresses
from tests.support.wait import eventually

WATCHED = 2
"""Blocks nobody, and must not notice that anybody blocks."""

values, people = st.integers(0, 2), st.integers(0, 2)
kinds = st.sampled_from(["phone", "email", "name"])
has = st.dictionaries(kinds, values)
steps: st.SearchStrategy[Step] = st.one_of(
    st.builds(Come, people, st.sampled_from(["self", "staff", "referral"]), has),
    st.builds(Come, people, st.sampled_from(["self", "staff", "referral"]), has),
    st.builds(Contact, people, st.sampled_from(["phone", "email"]), values),
    st.builds(Block, st.integers(0, 1), kinds, values, st.integers(0, 2)),
    st.builds(Block, st.integers(0, 1), kinds, values, st.integers(0, 2)),
    st.builds(Lift, st.integers(0, 5)),
    st.builds(Answer, st.integers(0, 5), st.booleans()),
)


@pytest.fixture(scope="module")
async def intake(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Running]:
    async with running_intake(engines, mongo_client, tmp_path_factory.mktemp("intake")) as service:
        yield service


@pytest.fixture
async def front(intake: Running) -> Front:
    return await front_of(intake)


@pytest.fixture(scope="module")
async def fronts(intake: Running) -> tuple[Front, Front]:
    """One where people block, one where nobody does."""
    return await front_of(intake, refers=True), await front_of(intake, refers=True)


@pytest.fixture(scope="module")
async def bare(
    engines: Addresses, mongo_client: AsyncMongoClient[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Front]:
    """Requests are answered, and nothing else runs: no relay, no reaction."""
    namespace, directory = f"t{uuid4().hex[:12]}-", tmp_path_factory.mktemp("bare")
    async with (
        own_place(engines, mongo_client, namespace, directory) as place,
        running_service("intake", build, place, roles={Role.API}) as service,
    ):
        yield await front_of(service, refers=True)


P, X = Come(0, "self", {}), Come(2, "self", {"phone": 1, "email": 1, "name": 1})


STORIES: list[list[Step]] = [
    [P, Block(0, "phone", 1, 1), X],
    [X, P, Block(0, "email", 1, 1)],
    [P, Block(0, "name", 1, 1), Come(2, "referral", {"name": 1})],
    [P, Come(2, "staff", {}), Block(0, "phone", 1, 0), Contact(2, "phone", 1), Contact(2, "phone", 2)],
    [X, P, Block(0, "phone", 1, 0), Block(0, "name", 1, 0), Lift(0), Answer(0, recognised=False)],
    [X, P, Block(0, "phone", 1, 0), Answer(0, recognised=False), Contact(2, "phone", 1), Lift(0)],
]


@pytest.mark.requirement("S2.9")
@pytest.mark.parametrize("told", STORIES)
async def test_a_pair_is_held_or_freed_before_the_request_is_answered(bare: Front, told: list[Step]) -> None:
    story = Story(bare, uuid4().hex[:12])
    for step in told:
        await story.tell([step])
        assert await story.held() == story.to_be_held()


@pytest.mark.requirement("S2.9")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@trying(told=st.lists(steps, max_size=12))
@example(told=STORIES[3])
@example(told=STORIES[4])
@example(told=STORIES[5])
async def test_a_pair_is_held_exactly_when_it_should_be_and_the_other_sees_nothing(
    fronts: tuple[Front, Front], told: list[Step]
) -> None:
    run = uuid4().hex[:12]
    story, calm = (Story(front, run) for front in fronts)
    await story.tell(told, watch=WATCHED)
    await calm.tell([step for step in told if isinstance(step, Come | Contact)], watch=WATCHED)
    assert story.seen == calm.seen
    expected = story.to_be_held()
    assert await story.held() == expected

    async def is_published() -> bool:
        return await story.published() == expected

    await eventually(is_published)
    assert await story.held() == expected  # the reaction came by as well


async def held(front: Front, one: str, other: str) -> str:
    """The pair's token, once it is published as held."""
    token = front.service.application.runtime.keyring.fingerprint(front.tenant, PAIR, pair_value(one, other))

    async def there() -> str:
        sent = await front.place.read("intake.events")
        about = [record.headers["ce_type"] for record in sent if record.key == f"{front.tenant}/pair/{token}"]
        return token if "intake.pair-held" in about else ""

    return await eventually(there)


@pytest.mark.requirement("S2.9")
async def test_somebody_known_who_is_referred_under_another_name_is_held(bare: Front) -> None:
    p = await blocker(bare, name="Other Oppdiktet", birth_date="1979-10-11")
    for number, name in (("51", "Kari Oppdiktet"), ("52", "Other Oppdiktet")):
        said = {"person_reference": "one", "person_name": name, "person_birth_date": "1979-10-11"}
        assert (await bare.post("/v1/referrals", referral(number, **said))).status_code == 200
    x = bare.service.application.runtime.keyring.fingerprint(bare.tenant, "person", "one")
    assert await is_held(bare, p, x)


async def is_held(front: Front, one: str, other: str) -> bool:
    """As it stands in the pair's stream at this moment."""
    runtime = front.service.application.runtime
    token = runtime.keyring.fingerprint(front.tenant, PAIR, pair_value(one, other))
    return (await runtime.commands.state(counterparts, StreamId(front.tenant, "pair", token))).state.is_held


async def blocker(front: Front, **block: str) -> str:
    """Somebody who blocks; their pseudonym."""
    person_id = f"person-{uuid4().hex[:8]}"
    await front.post("/v1/persons", {"name": "Kari"}, person=person_id)
    answer = await front.post(f"/v1/persons/{person_id}/blocks", block, person=person_id)
    assert answer.status_code == 201, answer.text
    return person_id


@pytest.mark.requirement("S2.9")
async def test_a_coordinator_gets_a_check_and_nobody_else_sees_anything(front: Front) -> None:
    p = await blocker(front, phone="+47 41 23 45 01")
    x = await front.register(contact={"language": "nb", "phone": "41234501"})
    pair = await held(front, p, x)

    async def checked() -> list[dict[str, Any]]:
        return list((await front.get("/v1/block-checks")).json()["items"])

    [check] = await eventually(checked)
    assert {field: check[field] for field in ("kind", "person_id", "other_id", "standing", "answered_by")} == {
        "kind": "phone",
        "person_id": p,
        "other_id": x,
        "standing": "open",
        "answered_by": None,
    }
    assert (await front.get("/v1/block-checks", person=x)).status_code == 403
    assert (await front.get("/v1/block-checks", person=p)).status_code == 403
    answered = await front.post(f"/v1/block-checks/{check['check_id']}/answer", {"answer": "recognised"})
    assert answered.status_code == 200, answered.text
    assert (await front.get("/v1/block-checks", after=answered)).json()["items"] == []
    [done] = (await front.get("/v1/block-checks", standing="recognised", after=answered)).json()["items"]
    assert (done["check_id"], done["answered_by"]) == (f"{pair}_{check['check_id'].rpartition('_')[2]}", "staff-1")


@pytest.mark.requirement("S2.9")
async def test_a_coordinator_who_is_one_of_the_two_sees_no_check(front: Front) -> None:
    p = await blocker(front, email="planted-colleague@example.org")
    x = await front.register(contact={"language": "nb", "email": "Planted-Colleague@example.org"})
    pair = await held(front, p, x)
    [block] = (await front.get(f"/v1/persons/{p}/blocks", person=p)).json()
    await eventually(lambda: _open_checks(front))
    staff = front.service.bearer(front.tenant, "people:write", person=x)
    listed = await front.service.client.get("/v1/block-checks", headers=staff)
    assert listed.json()["items"] == []
    path = f"/v1/block-checks/{pair}_{block['block_id']}/answer"
    answer = await front.service.client.post(path, json={"answer": "not-the-same"}, headers=staff)
    assert answer.status_code == 404


async def _open_checks(front: Front) -> list[Any]:
    return list((await front.get("/v1/block-checks")).json()["items"])


@pytest.mark.requirement("S2.9")
async def test_who_blocked_sees_kind_and_day_and_lifts_it(front: Front) -> None:
    p = await blocker(front, name="Planted Oppdiktet", birth_date="1980-02-03")
    listed = await front.get(f"/v1/persons/{p}/blocks", person=p)
    [block] = listed.json()
    assert sorted(block) == ["block_id", "blocked_on", "kind"]
    assert ("Planted" in listed.text, block["kind"]) == (False, "name")
    path = f"/v1/persons/{p}/blocks/{block['block_id']}/lifting"
    assert (await front.post(path, person="person-9")).status_code == 404
    assert [(await front.post(path, person=p)).status_code for _ in range(2)] == [200, 200]
    assert (await front.get(f"/v1/persons/{p}/blocks", person=p)).json() == []
    assert (await front.post(f"/v1/persons/{p}/blocks/unknown/lifting", person=p)).status_code == 404


@pytest.mark.requirement("S2.9")
async def test_who_registers_at_the_moment_of_the_block_is_held(front: Front) -> None:
    p = await blocker(front, email="nobody-yet@example.org")
    for number in range(10):
        phone = f"+474123460{number}"
        blocked, x = await asyncio.gather(
            front.post(f"/v1/persons/{p}/blocks", {"phone": phone}, person=p),
            front.register(contact={"language": "nb", "phone": phone}),
        )
        assert (blocked.status_code, await is_held(front, p, x)) == (201, True)


@pytest.mark.requirement("S2.9")
async def test_who_registers_at_the_moment_of_the_lifting_is_not_held_for_ever(front: Front) -> None:
    p = await blocker(front, email="nobody-yet@example.org")
    for number in range(10):
        phone = f"+474123470{number}"
        block_id = (await front.post(f"/v1/persons/{p}/blocks", {"phone": phone}, person=p)).json()["id"]
        lifted, x = await asyncio.gather(
            front.post(f"/v1/persons/{p}/blocks/{block_id}/lifting", person=p),
            front.register(contact={"language": "nb", "phone": phone}),
        )
        assert (lifted.status_code, await is_held(front, p, x)) == (200, False)


@pytest.mark.requirement("S2.9")
async def test_where_the_request_stopped_after_its_first_commit_the_reaction_goes_on(front: Front) -> None:
    runtime, p, x = front.service.application.runtime, f"p-{uuid4().hex}", f"x-{uuid4().hex}"
    keyring, tenant, phone = runtime.keyring, front.tenant, "+4741234506"

    async def commits(person_id: str, *commands: Command) -> None:
        """What the request kept before it died."""
        for command in commands:
            context = Context(command_id=uuid4().hex, actor="test", correlation_id="test")
            await runtime.commands.handle(person, StreamId(tenant, "person", person_id), command, context=context)

    async def register(person_id: str) -> RegisterPerson:
        name = await keyring.seal(tenant, person_id, "Kari Oppdiktet")
        return RegisterPerson(person_id=person_id, channel="web", name=name, entered_by=person_id)

    token = keyring.fingerprint(tenant, "counterpart/phone", phone.removeprefix("+47"))
    block = BlockCounterpart("block-1", "phone", await keyring.seal(tenant, p, token), datetime.now(UTC))
    contact = GiveContact(language="nb", phone=await keyring.seal(tenant, x, phone))
    await commits(p, await register(p), block)
    await commits(x, await register(x), contact)
    await held(front, p, x)
    await commits(p, UnblockCounterpart("block-1", datetime.now(UTC)))

    async def is_freed() -> bool:
        return not await is_held(front, p, x)

    await eventually(is_freed)


async def test_a_block_repeated_under_its_key_is_one_block(front: Front) -> None:
    p, key = await blocker(front, phone="+4741234502"), {"Idempotency-Key": "again"}
    answers = [
        await front.post(f"/v1/persons/{p}/blocks", {"email": "x@example.org"}, person=p, headers=key) for _ in range(2)
    ]
    assert answers[0].content == answers[1].content
    assert [block["kind"] for block in (await front.get(f"/v1/persons/{p}/blocks", person=p)).json()] == [
        "phone",
        "email",
    ]


@pytest.mark.requirement("S2.9")
async def test_what_is_blocked_stands_nowhere_in_clear(intake: Running) -> None:
    front = await front_of(intake, refers=True)
    phone, mail, name = "+4741234503", "planted-blocked@example.org", "Planted Counterpart"
    p = await blocker(front, phone=phone)
    for block in ({"email": mail}, {"name": name, "birth_date": "1977-08-09"}):
        assert (await front.post(f"/v1/persons/{p}/blocks", block, person=p)).status_code == 201
    said = {"person_name": name, "person_birth_date": "1977-08-09", "person_email": mail, "person_phone": phone}
    status = (await front.post("/v1/referrals", referral("31", **said))).json()
    x = (await front.shown(f"/v1/requests/{status['request_id']}"))["person_id"]
    pair = await held(front, p, x)
    await eventually(lambda: _open_checks(front))
    database = front.service.application.database
    stored = [str(await database[name].find().to_list()) for name in await database.list_collection_names()]
    sent = [
        f"{record.key} {record.headers} {record.body!r}"
        for topic in ("intake.events", f"referral-status.{front.tenant}")
        for record in await front.place.read(topic)
    ]
    planted = (phone, phone.removeprefix("+47"), mail, name, name.casefold(), "1977-08-09", "planted-blocked")
    assert [word for word in planted if any(word in text for text in (*stored, *sent))] == []
    about = [text for text in sent if pair in text]
    assert about
    assert [text for text in about if x in text] == []  # the pair says nothing of who came


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({}, "phone", "block_unclear"),
    ({"phone": "12345"}, "phone", "phone_invalid"),
    ({"email": "nobody"}, "email", "malformed_field"),
    ({"name": "Kari"}, "birth_date", "block_unclear"),
    ({"birth_date": "1980-02-03"}, "name", "block_unclear"),
    ({"phone": "+4741234504", "email": "kari@example.org"}, "email", "block_unclear"),
    ({"phone": "+4741234504", "reason": "a story"}, "reason", "unknown_field"),
]


@pytest.mark.parametrize(("body", "field", "rule"), BAD)
async def test_an_unclear_block_is_refused_by_its_field(
    front: Front, body: dict[str, Any], field: str, rule: str
) -> None:
    answer = await front.post(f"/v1/persons/{await front.register()}/blocks", body)
    assert (answer.status_code, answer.json()["field"], answer.json()["rule"]) == (422, field, rule)


async def test_of_another_tenant_nothing_is_there(intake: Running, front: Front) -> None:
    p, other = await blocker(front, phone="+4741234505"), await front_of(intake)
    x = await front.register(contact={"language": "nb", "phone": "+4741234505"})
    check_id = f"{await held(front, p, x)}_{(await front.get(f'/v1/persons/{p}/blocks')).json()[0]['block_id']}"
    assert (await other.post(f"/v1/block-checks/{check_id}/answer", {"answer": "recognised"})).status_code == 404
    assert (await other.post("/v1/block-checks/none/answer", {"answer": "recognised"})).status_code == 404
    assert (await other.get(f"/v1/persons/{p}/blocks")).status_code == 404
    assert (await other.get("/v1/block-checks")).json()["items"] == []
