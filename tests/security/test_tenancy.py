"""Two tenants in which everything there is has an id: neither sees, changes or even notices what is the other's."""

import contextvars
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from pymongo import AsyncMongoClient, monitoring

from tests.security.canary import in_documents, in_records
from tests.security.doors import Door, all_scopes, closed_doors
from tests.security.world import PERSONS, TOLD, World, heard
from tests.support.platform import Platform, platform_at
from tests.support.service import own_place
from tests.support.stack import Addresses
from tests.support.town import NotAccepted, Town
from tests.support.wait import eventually

Json = dict[str, Any]

BY_ID = [door for door in closed_doors() if door.names and door.names[0] not in ("code", "programme", "name")]
"""What is called by a name of the tenant's own (a programme, a figure) may be there in both."""
OPEN_TO_MEMBERS = {"/v1/sessions/{session_id}/sign-ups", "/v1/sessions/{session_id}/feedback"}
OPEN_TO_MEMBERS |= {"/v1/activities/{activity_id}/support", "/v1/tenders/{tender_id}", "/v1/tenders/{tender_id}/offers"}
WITHOUT_TENANT = {("find", "read_models"), ("find", "candidates"), ("aggregate", "candidates")}
WITHOUT_TENANT |= {("find", "read_model_facts")}
"""Which generation of a read model is live, and how far readers are: the whole service's. And matching's ranking
tables, which the first request that needs them reads and follows for the whole process."""
_tenant_asked_for: contextvars.ContextVar[str] = contextvars.ContextVar("tenant_asked_for")
Command = tuple[str, str, Any]
_commands_asked_for: contextvars.ContextVar[list[Command]] = contextvars.ContextVar("commands_asked_for")


class Observed(monitoring.CommandListener):
    """Every command that a request of a tenant sent to MongoDB, and those among them in which that tenant is not."""

    def __init__(self) -> None:
        self.count = 0
        self.strays: set[tuple[str, str]] = set()

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        tenant = _tenant_asked_for.get("")
        collection = event.command.get(event.command_name)
        if isinstance(collection, str) and (commands := _commands_asked_for.get(None)) is not None:
            asked = [_shape_of(query) for query in _queries(event.command)]
            commands.append((event.command_name, collection.partition(".")[0], asked))
        if tenant and isinstance(collection, str) and event.command_name in ("find", "aggregate", "update", "delete"):
            self.count += 1
            if not all(_carries(tenant, query) for query in _queries(event.command)):
                self.strays.add((event.command_name, collection.partition(".")[0]))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None: ...

    def failed(self, event: monitoring.CommandFailedEvent) -> None: ...


def _queries(command: Mapping[str, Any]) -> Iterator[Any]:
    yield from (command[name] for name in ("filter", "query") if name in command)
    yield from (part["q"] for name in ("updates", "deletes") for part in command.get(name, ()))
    if "pipeline" in command:
        yield command["pipeline"][0].get("$match")


def _shape_of(value: Any) -> Any:
    """Which fields are asked for, by what kind of value."""
    match value:
        case Mapping():
            return {name: _shape_of(part) for name, part in value.items()}
        case list() | tuple():
            return [_shape_of(part) for part in value]
        case _:
            return type(value).__name__


def _carries(tenant: str, value: Any) -> bool:
    """Whether some key in it is the tenant's: `oslo`, `oslo/…` or `oslo:…`."""
    match value:
        case str():
            return value == tenant or value.startswith((f"{tenant}/", f"{tenant}:"))
        case Mapping():
            return any(_carries(tenant, part) for part in value.values())
        case list() | tuple():
            return any(_carries(tenant, part) for part in value)
        case _:
            return False


@dataclass(frozen=True, slots=True)
class Two:
    """`oslo` has everything, `bergen` the same programmes and nothing else."""

    platform: Platform
    oslo: World
    bergen: World
    observed: Observed

    async def ask(self, door: Door, ids: Mapping[str, str], who: Mapping[str, str]) -> httpx.Response:
        client = self.platform.services[door.service].client
        return await client.request(door.method, door.address(**ids), json=door.body, headers=who)


async def _remember_tenant(request: httpx.Request) -> None:
    """Services in process run in the context of who asks."""
    _, body, _ = request.headers["Authorization"].split(".")
    _tenant_asked_for.set(json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))["tenant"])


async def _forget_tenant(answer: httpx.Response) -> None:
    _tenant_asked_for.set("")


@pytest.fixture(scope="module")
async def two(
    engines: Addresses, mongo_client: AsyncMongoClient[Json], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Two]:
    observed = Observed()
    monitoring.register(observed)
    namespace = f"t{uuid4().hex[:12]}-"
    async with own_place(engines, mongo_client, namespace, tmp_path_factory.mktemp("two")) as place:
        await place.make_topics("oslo", "bergen")
        async with platform_at(place) as platform:
            for service in platform.services.values():
                service.client.event_hooks = {"request": [_remember_tenant], "response": [_forget_tenant]}
            oslo, bergen = World(platform, "oslo"), World(platform, "bergen")
            await oslo.make()
            await bergen.open_programmes()
            yield Two(platform, oslo, bergen, observed)


def shape(answer: httpx.Response) -> tuple[int, bytes, list[str]]:
    return answer.status_code, answer.content, sorted(answer.headers)


async def still(two: Two) -> list[dict[str, int]]:
    """What both have when messages are sent too, which wait some seconds for facts that are newer."""
    seen: list[list[dict[str, int]]] = []

    async def is_still() -> bool:
        seen.append([await world.is_at_rest() for world in (two.oslo, two.bergen)])
        return seen[-1:] == seen[-2:-1]

    await eventually(is_still, timeout=90, every=8)
    return seen[-1]


async def test_another_tenants_id_is_answered_as_one_that_nobody_has(two: Two) -> None:
    """On every route, with every scope, byte for byte; and nothing came of it in either tenant."""
    before = await still(two)
    who = two.bergen.bearer(*all_scopes())
    different, statuses = [], {}
    for door in BY_ID:
        foreign, unknown = await two.ask(door, two.oslo.ids, who), await two.ask(door, {}, who)
        statuses[str(door)] = foreign.status_code
        if shape(foreign) != shape(unknown):
            different.append((str(door), foreign.text, unknown.text))
    after = await still(two)

    assert different == []
    assert set(statuses.values()) <= {403, 404, 422}
    assert sum(status == 404 for status in statuses.values()) >= 0.9 * len(statuses)
    assert before == after


async def test_the_same_pseudonym_in_another_tenant_is_somebody_else(two: Two) -> None:
    who = two.bergen.bearer(*PERSONS, person=two.oslo.requester, subject="user-x")
    own = {name: value for name, value in two.oslo.ids.items() if name != "person_id"}
    found = {
        str(door): (await two.ask(door, own, who)).status_code for door in BY_ID if set(door.scopes) & set(PERSONS)
    }

    assert {name: status for name, status in found.items() if status not in (403, 404, 422)} == {}


async def test_what_is_another_persons_looks_as_what_is_not_there(two: Two) -> None:
    """Somebody of the same tenant, with all scopes that people have."""
    who = two.oslo.bearer(*(set(PERSONS) - {"people:read"}), person="stranger", subject="user-stranger")
    different = []
    for door in BY_ID:
        if not set(door.scopes) & set(PERSONS) or door.path in OPEN_TO_MEMBERS:
            continue
        others, unknown = await two.ask(door, two.oslo.ids, who), await two.ask(door, {}, who)
        if shape(others) != shape(unknown) or others.status_code not in (403, 404):
            different.append((str(door), others.text, unknown.text))

    assert different == []


LISTS = [door for door in closed_doors() if door.method == "GET" and not door.names and door.path.startswith("/v1/")]


async def test_no_list_of_another_tenant_holds_an_id_of_ours(two: Two) -> None:
    ids = {value for name, value in two.oslo.ids.items() if name not in ("code", "programme")}
    who = two.bergen.bearer(*all_scopes(), person=two.oslo.requester)
    shown = {str(door): (await two.ask(door, {}, who)).text for door in LISTS}

    assert len(shown) > 15
    assert {name for name, text in shown.items() if any(value in text for value in ids)} == set()


async def test_programmes_of_the_same_name_do_not_mix(two: Two) -> None:
    show = next(door for door in closed_doors() if str(door) == "intake GET /v1/programmes/{code}")
    closing = next(door for door in closed_doors() if str(door) == "intake POST /v1/programmes/{code}/pause")
    ours = (await two.ask(show, two.oslo.ids, two.oslo.bearer("programmes:read"))).content
    paused = await two.ask(closing, two.oslo.ids, two.bergen.bearer("programmes:manage"))

    assert paused.status_code == 200
    assert (await two.ask(show, two.oslo.ids, two.oslo.bearer("programmes:read"))).content == ours


async def test_an_idempotency_key_of_another_tenant_is_not_ours(two: Two) -> None:
    path, body = "/v1/persons", {"channel": "phone", "name": "Kari Oppdiktet", "birth_date": "1970-01-31"}
    intake = two.platform.services["intake"].client
    made = [
        await intake.post(path, json=body, headers={**world.bearer("people:write"), "Idempotency-Key": "the-same"})
        for world in (two.oslo, two.bergen)
    ]

    assert [answer.status_code for answer in made] == [201, 201]
    assert made[0].json()["id"] != made[1].json()["id"]


async def test_every_command_to_the_database_that_a_request_leads_to_carries_its_tenant(two: Two) -> None:
    """Seen by the driver, over all that the tests of this file ask."""
    for door in LISTS:
        await two.ask(door, {}, two.oslo.bearer(*all_scopes(), person=two.oslo.requester))

    assert two.observed.count > 100
    assert two.observed.strays <= WITHOUT_TENANT


async def test_every_commit_is_keyed_by_the_tenant_of_its_stream(two: Two) -> None:
    for database in two.platform.databases.values():
        commits = await database["commits"].find().to_list()
        assert {commit["_id"].partition(":")[0] for commit in commits} <= {"oslo", "bergen"}
        assert [c["_id"] for c in commits if c["_id"].partition(":")[0] != c["s"].partition("/")[0]] == []


ASKED = ("/v1/persons/{person_id}", "/v1/requests/{request_id}", "/v1/matches/{match_id}", "/v1/messages/{message_id}")
_NEXT = str.maketrans("0123456789abcdef", "123456789abcdef0")  # an id that looks as ours do, and nobody has
OF_THE_CALLER = {"grants", "read_models", "read_model_facts", "audit"}
"""What is remembered for some seconds, of who asks and of the whole service, and the trail that many write together."""


@pytest.mark.parametrize("path", ASKED)
async def test_a_foreign_id_costs_the_same_commands_to_the_database_as_an_unknown_one(two: Two, path: str) -> None:
    """So that no clock tells them apart either."""
    door = next(door for door in BY_ID if (door.method, door.path) == ("GET", path))
    who = two.bergen.bearer(*all_scopes())
    trail, read = two.platform.databases[door.service]["audit"], {"tenant": two.bergen.tenant, "did": "read"}
    costs = []
    for ids in ({name: foreign.translate(_NEXT) for name, foreign in two.oslo.ids.items()}, two.oslo.ids):
        before = await trail.count_documents(read)
        commands: list[Command] = []
        _commands_asked_for.set(commands)
        assert (await two.ask(door, ids, who)).status_code == 404
        asked = [command for command in commands if command[1] not in OF_THE_CALLER]
        costs.append((asked, await trail.count_documents(read) - before))
    unknown, foreign = costs

    assert any(name == "find" for name, _, _ in unknown[0])
    assert foreign == unknown


HEX = re.compile(r"[0-9a-f]{32,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.mark.requirement("S2.9")
async def test_what_is_derived_of_the_same_person_in_two_tenants_has_nothing_in_common(two: Two) -> None:
    """The same numbers, addresses, names and references, registered, blocked and referred in both."""
    asked_before = await _derived(two)  # by other tests, of the other tenant's, of which a trail tells
    for world in (two.oslo, two.bergen):
        await _met_and_kept_apart(world.town)
    await two.bergen.is_at_rest()

    found = {tenant: ids - asked_before[tenant] for tenant, ids in (await _derived(two)).items()}

    assert min(len(found["oslo"]), len(found["bergen"])) > 20
    assert found["oslo"] & found["bergen"] == set()
    for tenant in ("oslo", "bergen"):  # while in one tenant the same is the same
        met = two.platform.databases["intake"]["commits"].find({"s": {"$regex": f"^{tenant}/identity/"}})
        streams = [commit["s"] async for commit in met]
        assert len(streams) > len(set(streams))


async def _met_and_kept_apart(town: Town) -> None:
    """Two who bear the same, one who blocked them, and one whom a municipality refers."""
    contact = {"language": "nb", "email": "siri.oppdiktet@example.org", "phone": "+4790000017"}
    registered = {"channel": "phone", "name": "Siri Oppdiktet", "birth_date": "1971-02-03", "contact": contact}
    ids = [str((await town.command("intake", "/v1/persons", registered))["id"]) for _ in range(2)]
    blocker = await town.person()
    for said in ({"email": contact["email"]}, {"phone": contact["phone"]}):
        await town.command("intake", f"/v1/persons/{blocker}/blocks", said)
    said_of = {"reference": "citizen-17", "name": "Siri Oppdiktet", "birth_date": "1971-02-03"}
    referral = {"referral_id": "case-17", "programme": TOLD, "person": {**said_of, "email": contact["email"]}}
    what = {"what": "Somebody to walk with.", "needed_since": "2026-01-01", "agreed_with_person": True}
    await town.command("intake", "/v1/referrals", {**referral, **what})
    assert len({*ids, blocker}) == 3


async def _derived(two: Two) -> dict[str, set[str]]:
    """Every id and hash in the documents and records of each tenant."""
    found: dict[str, set[str]] = {"oslo": set(), "bergen": set()}
    for database in two.platform.databases.values():
        for collection in await database.list_collection_names():
            async for document in database[collection].find():
                tenant = str(document.get("_tenant") or re.split("[/:]", str(document["_id"]))[0])
                found.get(tenant, set()).update(HEX.findall(str(document)))
    for topic in ("intake.events", "matching.events", "notifications.events"):
        for record in await two.platform.place.read(topic):
            text = " ".join((record.key, *record.headers.values(), record.body.decode()))
            found[record.key.partition("/")[0]].update(HEX.findall(text))
    return found


GETS = [door for door in closed_doors() if door.method == "GET" and door.path.startswith("/v1/")]


@pytest.mark.requirement("S2.9")
async def test_where_somebody_lives_whose_address_is_protected_is_read_nowhere(two: Two) -> None:
    """Neither what they said before nor what they say after: in no answer, document, record or mail."""
    words = {said_for: f"kvartal{uuid4().hex}" for said_for in _SAID_BEFORE + _SAID_AFTER}
    town, about = two.oslo.town, f"/v1/persons/{two.oslo.requester}"
    request_id = await _wish(town, two.oslo.requester, words["wished before"])
    await town.command("intake", f"{about}/profile", {"area": words["lives before"]})
    await town.command("intake", f"{about}/residence", {"municipality": words["municipality"]})
    ids = {**two.oslo.ids, "request_id": request_id}
    await eventually(lambda: _tells_all(two, ids, words), timeout=60)

    await town.command("intake", f"{about}/address-protection")
    await town.until("matching", f"/v1/searches/{request_id}", lambda found: found["wishes"]["area"] is None)
    await town.command("intake", f"{about}/profile", {"area": words["lives after"]})
    await town.command("intake", f"/v1/requests/{request_id}/amendment", {"wishes": {"area": words["amended"]}})
    later = await _wish(town, two.oslo.requester, words["wished after"])
    await _is_not_asked_for_in_an_area(town, two.oslo.requester, words["asked in"])
    newcomer = {"channel": "phone", "name": "Ola Oppdiktet", "birth_date": "1970-01-31", "address_protected": True}
    told = {"municipality": words["newcomer's municipality"], "profile": {"area": words["newcomer's area"]}}
    person_id = str((await town.command("intake", "/v1/persons", {**newcomer, **told}))["id"])
    await two.oslo.is_at_rest()

    assert await _told(two, GETS, ids=ids, words=words) == set()
    for name, other in (("request_id", later), ("person_id", person_id)):
        of_the_other = [door for door in GETS if name in door.names]
        assert await _told(two, of_the_other, ids={**ids, name: other}, words=words) == set()
    namespace = two.platform.place.namespace
    client = two.platform.databases["intake"].client
    assert await in_documents(client, words, within=namespace) == []
    assert await in_records(two.platform.place.engines.kafka, words, within=namespace) == []
    assert [mail for mail in two.platform.mail.mails if any(word in mail.as_string() for word in words.values())] == []


_SAID_BEFORE = ("wished before", "lives before", "municipality")
_SAID_AFTER = ("asked in", "lives after", "amended", "wished after", "newcomer's municipality", "newcomer's area")


async def _wish(town: Town, person_id: str, area: str) -> str:
    wish = {"programme": TOLD, "person_id": person_id, "what": "A walk.", "wishes": {"area": area}}
    return str((await town.command("intake", "/v1/requests", wish))["request_id"])


async def _is_not_asked_for_in_an_area(town: Town, person_id: str, area: str) -> None:
    wish = {"programme": "neighbours", "category": "shelves", "what": "Two shelves.", "expected_duration": "PT2H"}
    made = await town.command("intake", "/v1/requests", {**wish, "person_id": person_id})
    closes_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
    tender = {"text": "To hylder, ca. 2 timer", "closes_at": closes_at, "audience": {"areas": [area]}}
    with pytest.raises(NotAccepted) as refused:
        await heard(lambda: town.command("matching", f"/v1/searches/{made['request_id']}/tender", tender))
    assert refused.value.rule == "area_protected"


TELLING = {
    "intake GET /v1/persons/{person_id}",
    "intake GET /v1/persons",
    "intake GET /v1/requests/{request_id}",
    "matching GET /v1/searches/{request_id}",
    "matching GET /v1/searches",
}


async def _tells_all(two: Two, ids: Mapping[str, str], words: Mapping[str, str]) -> bool:
    """Whether what is looked for can be found: who may read it does, while the address is not protected."""
    told = await _told(two, [door for door in GETS if str(door) in TELLING], ids=ids, words=words)
    return {what for what, _ in told} == {*_SAID_BEFORE} and {door for _, door in told} == TELLING


async def _told(
    two: Two, doors: Sequence[Door], *, ids: Mapping[str, str], words: Mapping[str, str]
) -> set[tuple[str, str]]:
    """What of the words coordinators and another person are told, and at which door."""
    readers = [two.oslo.bearer(*all_scopes()), two.oslo.bearer(*PERSONS, person=two.oslo.helper, subject="user-h")]
    answers = [(str(door), (await two.ask(door, ids, who)).text) for who in readers for door in doors]
    return {(what, door) for door, text in answers for what, word in words.items() if word in text}
