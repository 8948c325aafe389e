"""Somebody whose every word is found again wherever it is left: told at every public door, looked for in raw bytes."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import ascii_lowercase
from typing import Any

import bson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from pymongo import AsyncMongoClient

from contracts.base import JsonObject
from contracts.topics import referrals
from tests.security.world import TOLD, heard
from tests.support.tokens import in_a_day
from tests.support.town import PROGRAMME, Town
from tests.support.wait import eventually

_SOURCE = random.SystemRandom()


@dataclass(slots=True)
class Canary:
    """`words` by what they were said for; letters only, so that a rule that looks for numbers lets them pass."""

    town: Town
    kafka: str
    namespace: str
    words: dict[str, str] = field(default_factory=dict)
    person_id: str = ""
    activity_id: str = ""

    def word(self, said_for: str) -> str:
        return self.words.setdefault(said_for, "kanari" + "".join(_SOURCE.choices(ascii_lowercase, k=18)))

    def mail(self, said_for: str) -> str:
        return f"{self.word(said_for)}@example.org"

    async def tell(self, helper: str) -> None:
        """Everything, by a municipality, by staff and by the person; then nothing of it is on its way any more."""
        await self._is_referred()
        about = f"/v1/persons/{self.person_id}"
        for path, body in self._of_themselves():
            await self.town.command("intake", f"{about}/{path}", body)
        await self._asks(helper)
        await self._helps(helper)
        await self._coordinates()
        await self._stops_halfway()
        await self._says_it_beside_the_body(about)

    async def _is_referred(self) -> None:
        person = {
            "reference": self.word("reference"),
            "name": self.word("name"),
            "birth_date": "1980-05-17",
            "email": self.mail("first e-mail"),
            "municipality": self.word("municipality"),
        }
        wishes = {"interests": [self.word("wished interest")], "area": self.word("wished area")}
        referral: JsonObject = {"referral_id": self.word("referral id"), "programme": PROGRAMME, "person": person}
        referral |= {"what": self.word("what is asked"), "wishes": wishes, "agreed_with_person": True}
        await self._send(referral, self.word("message id"))
        await self._send({**referral, "what": [self.word("malformed")]}, self.word("malformed id"))
        found = await self.town.until("intake", "/v1/requests", lambda seen: seen["items"])
        self.person_id = found["items"][0]["person_id"]
        await self.town.until("intake", f"/v1/persons/{self.person_id}", lambda seen: seen["email"])

    async def _send(self, referral: JsonObject, message_id: str) -> None:
        headers = {"ce_specversion": "1.0", "ce_type": "kobling.referral", "ce_schemaversion": "1", "ce_id": message_id}
        async with AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all") as producer:
            await producer.send_and_wait(
                f"{self.namespace}{referrals(self.town.tenant)}",
                json.dumps(referral).encode(),
                headers=[(name, value.encode()) for name, value in {**headers, "ce_source": "/town"}.items()],
            )

    def _of_themselves(self) -> Iterator[tuple[str, JsonObject]]:
        yield "contact", {"language": "nb", "email": self.mail("e-mail"), "phone": self.phone}
        told = ("gives", "wants", "interests", "competences", "support_forms")
        profile: JsonObject = {name: [self.word(name)] for name in told}
        yield "profile", {**profile, "hopes": self.word("hopes"), "area": self.word("area")}
        yield "residence", {"municipality": self.word("later municipality")}
        yield "lived-experience", {"purposes": ["matching"], "words": self.word("lived experience")}
        yield "blocks", {"email": self.mail("blocked e-mail")}
        yield "blocks", {"name": self.word("blocked name"), "birth_date": "1970-01-01"}
        consent = {"purpose": self.word("consent purpose"), "controller": self.word("consent controller")}
        yield "consents", consent
        yield "consents", {**consent, "purpose": self.word("withdrawn purpose")}
        yield "consents/withdrawal", {**consent, "purpose": self.word("withdrawn purpose")}
        said: JsonObject = {"programme": TOLD, "instrument": "loneliness", "instrument_version": "three-questions"}
        yield "answers", {**said, "moment": "start", "items": [1, 1, 1], "own_words": self.word("own words")}

    @property
    def phone(self) -> str:
        return self.words.setdefault("phone", f"+4790{_SOURCE.randrange(10**5, 10**6)}")

    async def _asks(self, helper: str) -> None:
        town = self.town
        request_id = (await town.get("intake", "/v1/requests"))["items"][0]["request_id"]
        wishes = {"interests": [self.word("amended interest")]}
        await town.command(
            "intake", f"/v1/requests/{request_id}/amendment", {"what": self.word("amended"), "wishes": wishes}
        )
        proposal_id, _ = await town.propose(request_id, helper)
        await town.meet(request_id, proposal_id)
        await town.say("yes", request_id, proposal_id, person=self.person_id)
        await town.say("yes", request_id, proposal_id, person=helper)
        settled = await town.until("matching", f"/v1/searches/{request_id}", lambda found: found["match_id"])
        path = f"/v1/matches/{settled['match_id']}/accompaniments"
        along = {"when": (datetime.now(UTC) + timedelta(days=2)).isoformat(), "where": self.word("accompanied where")}
        await heard(lambda: town.command("matching", path, along))
        await self._is_visited(f"/v1/matches/{settled['match_id']}", helper)
        wish = {
            "programme": "neighbours",
            "category": "shelves",
            "what": self.word("task"),
            "expected_duration": "PT2H",
        }
        asked = await town.command("intake", "/v1/requests", {**wish, "person_id": self.person_id})
        closes_at = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        tender = {"text": f"Two shelves {self.word('tender')}", "closes_at": closes_at}
        await heard(lambda: town.command("matching", f"/v1/searches/{asked['request_id']}/tender", tender))

    async def _is_visited(self, match: str, helper: str) -> None:
        """A helper who does not say that the visit is over, and a check-in that a coordinator has to hear of."""
        work = {"email": "work@example.org", "language": "nb"}
        await heard(lambda: self.town.command("notifications", f"/v1/digests/{PROGRAMME}", work))
        until = (datetime.now(UTC) + timedelta(hours=2)).isoformat()
        await self.town.command("matching", f"{match}/visits", {"until": until}, person=helper)
        said = {"form": "met", "well": False, "wants_talk": True}
        await self.town.command("matching", f"{match}/check-ins", said, person=self.person_id)

    async def _helps(self, helper: str) -> None:
        town, who = self.town, self.person_id
        joins = {"programme": "neighbours", "roles": ["member"], "recruitment_source": "friend", "person_id": who}
        await town.command("intake", "/v1/volunteerings", joins)
        shown = {"kind": "police", "purpose": self.word("certificate purpose")}
        await town.command("intake", f"/v1/volunteerings/{who}_{PROGRAMME}/certificate", shown)
        offer = {"programme": "neighbours", "category": "shelves", "words": self.word("offer")}
        await heard(lambda: town.command("matching", "/v1/offers", offer, person=who))
        talk = {"programme": TOLD, "kind": "lecture", "title": self.word("title"), "what_we_do": self.word("we do")}
        made = await heard(lambda: town.command("matching", "/v1/activities", talk, person=who))
        self.activity_id = str(made["id"])
        path = f"/v1/activities/{self.activity_id}"
        await heard(lambda: town.command("matching", f"{path}/support", {"supporter_id": helper}))
        await town.command("matching", f"{path}/publish")
        begins_at = datetime.now(UTC) + timedelta(days=7)
        session = {"begins_at": begins_at.isoformat(), "ends_at": (begins_at + timedelta(hours=2)).isoformat()}
        made = await town.command("matching", f"{path}/sessions", session)
        for somebody in (helper, who):
            await town.command("matching", f"/v1/sessions/{made['id']}/sign-ups", {"person_id": somebody})

    async def _coordinates(self) -> None:
        """Who is helped may coordinate too: an address at work, for what waits each morning."""
        exp, issuer = in_a_day(), self.town.issuer
        headers = issuer.bearer(tenant=self.town.tenant, scopes=("messages:digest",), person=self.person_id, exp=exp)
        wanted = {"email": self.mail("digest e-mail"), "language": "nb"}

        async def accepted() -> bool:
            path = f"/v1/digests/{PROGRAMME}"
            answer = await self.town.clients["notifications"].post(path, json=wanted, headers=headers)
            return answer.status_code == 200

        await eventually(accepted, timeout=60)

    async def _stops_halfway(self) -> None:
        """What they wrote, in a record that no reader can make anything of: it is set aside as it came."""
        topic = f"{self.namespace}intake.events"
        amended = ("ce_type", b"intake.request-amended")
        found = [record for record in await _records(self.kafka, [topic]) if amended in record.headers]
        unreadable = {"ce_stream": f"{self.town.tenant}/request/halfway", "ce_schemaversion": "99"}
        headers = [
            (name, unreadable[name].encode() if name in unreadable else value) for name, value in found[0].headers
        ]
        async with AIOKafkaProducer(bootstrap_servers=self.kafka, acks="all") as producer:
            key = unreadable["ce_stream"].encode()
            await producer.send_and_wait(topic, found[0].value, key=key, headers=headers)

    async def letters(self, client: AsyncMongoClient[JsonObject]) -> set[str]:
        """The services in which that record lies among the dead letters."""
        names = [name for name in await client.list_database_names() if name.startswith(self.namespace)]
        stream = f"{self.town.tenant}/request/halfway"
        return {
            name.removeprefix(self.namespace)
            for name in names
            if await client[name]["dead_letters"].find_one({"stream": stream, "body": {"$ne": None}})
        }

    async def _says_it_beside_the_body(self, about: str) -> None:
        """In headers, in an address, and in bodies that are refused."""
        headers = {**self.town.bearer(), "X-Correlation-Id": self.word("correlation id")}
        headers["Idempotency-Key"] = self.word("idempotency key")
        intake = self.town.clients["intake"]
        await intake.post(f"{about}/mode", json={"mode": "udvikling"}, headers=headers)
        await intake.get(f"/v1/persons?note={self.word('query')}", headers=headers)
        await intake.get(f"/v1/persons/{self.word('path')}", headers=headers)
        await intake.post(f"{about}/contact", json={"email": self.word("refused"), "shoe": 1}, headers=headers)
        source = {"programme": PROGRAMME, "roles": ["friend"], "recruitment_source": self.word("recruitment source")}
        answered = await intake.post("/v1/volunteerings", json={**source, "person_id": self.person_id}, headers=headers)
        assert answered.status_code == 422


def in_raw_bytes(root: Path, words: dict[str, str], *, but: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """What of the words stands in which file below `root`, but for folders that are named so."""
    sought = {name: word.encode() for name, word in words.items()}
    found = []
    for path in root.rglob("*"):
        if path.is_file() and not any(part.startswith(but) for part in path.parts if but):
            content = path.read_bytes()
            found += [(name, str(path.relative_to(root))) for name, word in sought.items() if word in content]
    return found


async def in_documents(
    client: AsyncMongoClient[JsonObject], words: dict[str, str], *, within: str = ""
) -> list[tuple[str, str]]:
    """What stands in any document of any database, the oplog too, or of those whose names begin with `within`: no
    compression hides it here."""
    sought, found = {name: word.encode() for name, word in words.items()}, []
    for database in [name for name in await client.list_database_names() if name.startswith(within)]:
        for collection in await client[database].list_collection_names():
            async for document in client[database][collection].find():
                content = bson.encode(document)
                found += [(name, f"{database}.{collection}") for name, word in sought.items() if word in content]
    return found


async def in_records(
    kafka: str, words: dict[str, str], *, but: tuple[str, ...] = (), within: str = ""
) -> list[tuple[str, str]]:
    """What stands in any record of any topic, unpacked, but for topics that are named so."""
    sought, found = {name: word.encode() for name, word in words.items()}, []
    async with AIOKafkaConsumer(bootstrap_servers=kafka) as consumer:
        named = [topic for topic in await consumer.topics() if topic.startswith(within)]
    for record in await _records(kafka, [topic for topic in named if not topic.startswith((*but, "__"))]):
        headers = b"".join(value for _, value in record.headers)
        content = b"".join((record.key or b"", record.value or b"", headers))
        found += [(name, record.topic) for name, word in sought.items() if word in content]
    return found


async def _records(kafka: str, topics: list[str]) -> list[Any]:
    """All of these topics, as they came."""
    found: list[Any] = []
    async with AIOKafkaConsumer(bootstrap_servers=kafka, auto_offset_reset="earliest") as consumer:
        consumer.subscribe(topics)
        idle = 0
        while idle < 3:
            batches = await consumer.getmany(timeout_ms=500)
            idle = 0 if batches else idle + bool(consumer.assignment())
            found += [record for records in batches.values() for record in records]
    return found
