"""What coordinators see of messages, and what nobody sees."""

from collections.abc import AsyncIterator

import pytest
from pymongo import AsyncMongoClient

from contracts.base import JsonObject
from tests.services.notifications_post import Post, both_known, match_made, running_post
from tests.support.service import Place


@pytest.fixture
async def post(place: Place) -> AsyncIterator[Post]:
    async with running_post(place) as running:
        yield running


async def test_messages_are_paged_newest_first_and_chosen(post: Post) -> None:
    await both_known(post)
    for number in range(2):
        await post.tell("matching", ("match", f"m{number}"), match_made(f"m{number}"))
    every = await post.messages("sent", "sent", "sent", "sent")
    get, found = post.service.client.get, []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await get("/v1/messages", params=query, headers=post.reader)).json()
        found += page["items"]
        cursor = page["next"]
    assert found == every == sorted(every, key=lambda one: (one["due_at"], one["message_id"]), reverse=True)
    for query, count in (({"recipient": "ada"}, 2), ({"status": "failed"}, 0), ({"programme": "venn"}, 4)):
        assert len((await get("/v1/messages", params=query, headers=post.reader)).json()["items"]) == count
    one = (await get(f"/v1/messages/{every[0]['message_id']}", headers=post.reader)).json()
    assert one == every[0]


async def test_another_tenant_sees_none_of_it(post: Post) -> None:
    await post.wish()
    (sent,) = await post.messages("sent")
    headers = post.service.bearer("kolding", "messages:read")
    listed = await post.service.client.get("/v1/messages", headers=headers)
    asked = await post.service.client.get(f"/v1/messages/{sent['message_id']}", headers=headers)
    assert (listed.json()["items"], asked.status_code) == ([], 404)
    headers = post.service.bearer("oslo", "requests:read")
    assert (await post.service.client.get("/v1/messages", headers=headers)).status_code == 403


async def test_no_name_and_no_address_is_stored_or_published_in_clear(
    post: Post, mongo_client: AsyncMongoClient[JsonObject]
) -> None:
    await both_known(post)
    await post.tell("matching", ("match", "m1"), match_made())
    await post.messages("sent", "sent")
    stored = []
    for name in await mongo_client.list_database_names():
        if name.startswith(post.place.namespace):
            for collection in await mongo_client[name].list_collection_names():
                stored += [str(document) async for document in mongo_client[name][collection].find()]
    published = [str(record) for record in await post.place.read("notifications.events", at_least=4)]
    assert len(stored) > 10
    assert [text for text in (*stored, *published) if "Kim " in text or "person.example" in text] == []
