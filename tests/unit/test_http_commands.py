"""From a request to a command: its id, its digest, the version the caller saw; and back to headers."""

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from chassis.http import Commanded
from tests.support.sample_service import Sample, sample

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
async def service() -> AsyncIterator[Sample]:
    made = sample()
    async with made.client:
        yield made


async def post(
    service: Sample, *, tenant: str = "ressursvenn", subject: str = "user-1", **wishes: Any
) -> httpx.Response:
    token = service.issuer.bearer(scopes=["notes:write"], tenant=tenant, subject=subject, **wishes.pop("claims", {}))
    body = wishes.pop("json", {"title": "t"})
    return await service.client.post("/v1/notes", headers={**token, **wishes.pop("headers", {})}, json=body, **wishes)


async def asked(service: Sample, **wishes: Any) -> Commanded:
    response = await post(service, **wishes)
    assert response.status_code == 201, response.text
    return service.notes.asked[-1]


async def test_the_same_key_of_the_same_caller_is_the_same_command(service: Sample) -> None:
    first, second = [await asked(service, headers={"Idempotency-Key": "k"}) for _ in range(2)]
    assert (first.context.command_id, first.context.digest) == (second.context.command_id, second.context.digest)
    assert first.new_id("note") == second.new_id("note")


async def test_a_key_is_bound_to_tenant_and_caller(service: Sample) -> None:
    key = {"Idempotency-Key": "k"}
    asks = [
        await asked(service, headers=key),
        await asked(service, headers=key, tenant="ringsted"),
        await asked(service, headers=key, subject="user-2"),
        await asked(service, headers={"Idempotency-Key": "l"}),
    ]
    assert len({ask.context.command_id for ask in asks}) == 4


async def test_without_a_key_every_request_is_its_own_command(service: Sample) -> None:
    first, second = await asked(service), await asked(service)
    assert first.context.command_id != second.context.command_id


@pytest.mark.requirement("S2.9")
async def test_what_was_sent_cannot_be_guessed_from_its_digest(service: Sample) -> None:
    guessed = hashlib.sha256(b'POST\n/v1/notes\n{"title":"+4799900001"}').hexdigest()
    digests = [
        (await asked(service, json={"title": "+4799900001"}, tenant=tenant)).context.digest
        for tenant in ("ressursvenn", "ringsted")
    ]
    assert len({guessed, *digests}) == 3


async def test_the_digest_sees_another_body_but_not_another_order(service: Sample) -> None:
    one = await asked(service, json={"title": "t", "on": "2026-11-24"})
    same = await asked(service, json={"on": "2026-11-24", "title": "t"})
    other = await asked(service, json={"title": "t", "on": "2026-11-25"})
    assert (one.context.digest == same.context.digest, one.context.digest == other.context.digest) == (True, False)


async def test_several_commands_of_one_request_have_their_own_ids(service: Sample) -> None:
    ask = await asked(service, headers={"Idempotency-Key": "k"})
    ids = {ask.context.command_id, ask.step("approve").command_id, ask.step("sign").command_id}
    assert (len(ids), ask.step("sign").correlation_id) == (3, ask.context.correlation_id)


@pytest.mark.parametrize("key", ["", "k" * 256, "a b", "a\tb"])
async def test_a_key_that_is_no_key_is_named(service: Sample, key: str) -> None:
    response = await post(service, headers={"Idempotency-Key": key})
    assert (response.status_code, response.json()["field"]) == (422, "header.Idempotency-Key")


async def test_the_longest_key_is_taken(service: Sample) -> None:
    assert (await post(service, headers={"Idempotency-Key": "~" * 255})).status_code == 201


async def test_a_person_acts_under_their_pseudonym_and_a_system_under_its_own(service: Sample) -> None:
    person = await asked(service, claims={"person": "p-1"})
    system = await asked(service, subject="municipality-client")
    assert (person.context.actor, system.context.actor) == ("p-1", "municipality-client")


async def test_if_match_is_the_version_the_caller_saw(service: Sample) -> None:
    seen = await asked(service, headers={"If-Match": '"7"'})
    anything = await asked(service, headers={"If-Match": "*"})
    unsaid = await asked(service)
    assert (seen.if_match, anything.if_match, unsaid.if_match) == (7, None, None)


async def test_a_stale_version_is_412(service: Sample) -> None:
    response = await post(service, headers={"If-Match": '"6"'})
    assert (response.status_code, response.json()["rule"]) == (412, "stale_version")


@pytest.mark.parametrize("tag", ["7", '"0"', 'W/"7"', '"7", "8"', '"x"', '"99999999999999999"'])
async def test_a_tag_that_is_no_version_is_named(service: Sample, tag: str) -> None:
    response = await post(service, headers={"If-Match": tag})
    assert (response.status_code, response.json()["field"]) == (422, "header.If-Match")


async def test_an_answer_carries_version_position_and_place(service: Sample) -> None:
    response = await post(service)
    note_id = service.notes.asked[-1].new_id("note")
    assert (response.headers["ETag"], response.headers["X-Position"], response.headers["Location"]) == (
        '"7"',
        f"ressursvenn/note/{note_id}@7",
        f"/v1/notes/{note_id}",
    )


async def test_correlation_id_and_trace_of_the_caller_go_with_the_command(service: Sample) -> None:
    theirs = "0f8b1a52-6a8e-4c11-9d5e-2f4f0a6c7b90"
    headers = {"X-Correlation-Id": theirs, "traceparent": TRACE}
    response = await post(service, headers=headers)
    context = service.notes.asked[-1].context
    assert (context.correlation_id, context.traceparent, response.headers["X-Correlation-Id"]) == (
        theirs,
        TRACE,
        theirs,
    )


@pytest.mark.requirement("S2.3")
async def test_words_of_a_caller_are_kept_as_an_id_that_does_not_say_them(service: Sample) -> None:
    first, again, other = [
        await asked(service, headers={"X-Correlation-Id": words}) for words in ("kim-oppdiktet", "kim-oppdiktet", "ida")
    ]
    ids = [ask.context.correlation_id for ask in (first, again, other)]
    assert (ids[0] == ids[1], ids[0] == ids[2], "kim" in ids[0]) == (True, False, False)


@pytest.mark.parametrize("unfit", ["a b", "x" * 129, "<script>", ""])
async def test_a_correlation_id_that_does_not_fit_is_replaced(service: Sample, unfit: str) -> None:
    ask = await asked(service, headers={"X-Correlation-Id": unfit, "traceparent": unfit})
    assert (ask.context.correlation_id == unfit, ask.context.traceparent) == (False, None)


@pytest.mark.parametrize("body", [b"", b"{}", b"not JSON at all", b"\xff"])
async def test_a_command_that_takes_no_body_does_not_mind_one(service: Sample, body: bytes) -> None:
    service.notes.kept["ressursvenn", "n-1"] = "t"
    headers = service.bearer("notes:write")
    assert (await service.client.post("/v1/notes/n-1/archive", headers=headers, content=body)).status_code == 200
