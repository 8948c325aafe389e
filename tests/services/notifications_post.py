"""Notifications running beside a mail server, and what other services tell it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from contracts.base import Event, JsonObject
from contracts.envelope import Origin, StreamId
from contracts.intake import (
    ContactGiven,
    MessageLanguage,
    PersonRegistered,
    ProgrammeAdopted,
    RequestPosted,
    SafeContactAgreed,
)
from contracts.matching import HelperProposed, MatchMade, MeetingArranged, ProposalDropped
from contracts.policy import Policy
from contracts.sealed import Sealed
from services.notifications.app import build
from services.notifications.projections.programmes import programmes
from services.notifications.projections.recipients import recipients
from tests.services.mail_server import MailServer, mail_server
from tests.services.sms_gateway import SmsGateway, sms_gateway
from tests.support.service import Place, Running, running_service
from tests.support.wait import eventually

NOW = datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Post:
    """What a test says and sees; the programme is `venn`, the people are `ada` and `bo`."""

    place: Place
    service: Running
    server: MailServer
    gateway: SmsGateway

    async def tell(
        self, service: str, stream: tuple[str, str], *events: Event, at: datetime | None = None, first: int = 1
    ) -> None:
        when = at or datetime.now(UTC)
        origin = Origin(occurred_at=when, recorded_at=when, correlation_id="c-1", actor="tests")
        await self.place.publish(service, StreamId("oslo", *stream), events, origin=origin, first=first)

    async def adopt(self, *after: Event) -> None:
        policy = Policy.model_validate({"title": {"nb": "Følgesvenn", "da": "Følgevenner"}})
        adopted = ProgrammeAdopted(
            programme="venn", policy=policy, policy_version=1, adopted_by="board", adopted_on=date(2020, 1, 1)
        )
        await self.tell("intake", ("programme", "venn"), adopted, *after)

    async def register(
        self, person_id: str, language: MessageLanguage, *after: Event, has_email: bool = True, phone: str | None = None
    ) -> None:
        """`after` is what the person says next."""
        address = f"{person_id}@person.example"
        name, email, *phones = await self.service.application.runtime.keyring.seal_many(
            "oslo", [(person_id, value) for value in (f"Kim {person_id}", address, phone) if value is not None]
        )
        await self.tell(
            "intake",
            ("person", person_id),
            PersonRegistered(person_id=person_id, channel="web", name=name, entered_by="self"),
            ContactGiven(
                person_id=person_id,
                language=language,
                email=email if has_email else None,
                phone=next(iter(phones), None),
            ),
            *after,
        )

    async def wish(self) -> None:
        """A person who can be reached wishes for help."""
        await self.adopt()
        await self.register("ada", "nb")
        await self.tell("intake", ("request", "r1"), posted())

    async def facts_are_read(self) -> None:
        """Until what was told of people and programmes is known here."""
        reading, told_at = self.service.application.runtime.read_models, self.service.application.runtime.clock.now()

        async def are_read() -> bool:
            return min([await reading.facts_as_of(facts) for facts in (recipients, programmes)]) > told_at

        await eventually(are_read)

    async def messages(self, *statuses: str) -> list[JsonObject]:
        """All messages, once there is one for each status."""

        async def seen() -> list[JsonObject]:
            answer = await self.service.client.get("/v1/messages", headers=self.reader)
            found: list[JsonObject] = answer.json()["items"]
            assert sorted(message["status"] for message in found) == sorted(statuses)
            return found

        return await eventually(seen)

    def texts(self) -> list[str]:
        """The plain words of every mail."""
        return [next(mail.iter_parts()).get_content().replace("\r\n", "\n") for mail in self.server.mails]

    @property
    def reader(self) -> dict[str, str]:
        return self.service.bearer("oslo", "messages:read") | {"Accept-Language": "nb"}


@asynccontextmanager
async def running_post(place: Place) -> AsyncIterator[Post]:
    await place.make_topics()
    async with (
        mail_server() as server,
        sms_gateway() as gateway,
        running_service("notifications", build, place, smtp=server.address, sms=gateway.url) as service,
    ):
        yield Post(place, service, server, gateway)


def posted() -> RequestPosted:
    return RequestPosted(
        request_id="r1",
        person_id="ada",
        programme="venn",
        origin="self",
        entered_by="ada",
        posted_at=NOW,
        needed_since=date(2020, 2, 29),
        answer_by=date(2020, 3, 14),
        policy_version=1,
        what=Sealed("ada", "x"),
    )


def match_made(match_id: str = "m1") -> MatchMade:
    return MatchMade.model_validate(
        {
            "match_id": match_id,
            "request_id": "r1",
            "programme": "venn",
            "requester_id": "ada",
            "helper_id": "bo",
            "proposal_id": "x",
            "starts_on": date(2020, 2, 29),
            "ends_on": date(2021, 2, 28),
            "ends_at": datetime(2021, 2, 28, 23, tzinfo=UTC),
            "needed_since": date(2020, 1, 1),
            "policy_version": 1,
        }
    )


def meeting(meets_at: datetime) -> MeetingArranged:
    return MeetingArranged(
        request_id="r1", proposal_id="x", person_id="ada", helper_id="bo", programme="venn", meets_at=meets_at
    )


def safe_contact(person_id: str, channel: str, **agreed: object) -> SafeContactAgreed:
    return SafeContactAgreed.model_validate({"person_id": person_id, "channel": channel, "agreed_at": NOW, **agreed})


def proposed(until: datetime, *, at: datetime = NOW, proposal_id: str = "x") -> HelperProposed:
    return HelperProposed(
        request_id="r1",
        person_id="ada",
        programme="venn",
        helper_id="bo",
        proposal_id=proposal_id,
        proposed_by="c-1",
        proposed_at=at,
        score=1.0,
        reasons=(),
        policy_version=1,
        needs_meeting=True,
        until=until,
    )


def dropped() -> ProposalDropped:
    return ProposalDropped(
        request_id="r1", person_id="ada", programme="venn", helper_id="bo", proposal_id="x", reason="no"
    )


async def both_known(post: Post) -> None:
    await post.adopt()
    await post.register("ada", "nn")
    await post.register("bo", "da")
