"""All four services in one process, on the real engines, with a mailbox: for tests of the whole system."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from pymongo.asynchronous.database import AsyncDatabase

from chassis.rebuild import collection_name, rebuild_progress
from chassis.service import Build
from services.intake.app import build as build_intake
from services.matching.app import build as build_matching
from services.notifications.app import build as build_notifications
from services.reporting.app import build as build_reporting
from tests.services.mail_server import MailServer, mail_server
from tests.support.service import Place, Running, running_service
from tests.support.town import Json, Ledger, Town

BUILDS: Mapping[str, Build] = {
    "intake": build_intake,
    "matching": build_matching,
    "notifications": build_notifications,
    "reporting": build_reporting,
}
# What the framework counts, and what a timer's lease writes into its document: none of it is folded from events.
_NOT_FOLDED = {"_rev", "free_at", "attempts", "claim", "is_set"}

Documents = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Platform:
    """`ledger` remembers what every town was answered."""

    services: Mapping[str, Running]
    place: Place
    mail: MailServer
    ledger: Ledger

    @property
    def databases(self) -> dict[str, AsyncDatabase[Json]]:
        return {name: service.application.database for name, service in self.services.items()}

    def town(self, tenant: str) -> Town:
        clients = {name: service.client for name, service in self.services.items()}
        return Town(tenant, clients, self.place.issuer, self.ledger)

    async def documents(self, *tenants: str) -> dict[str, Documents]:
        """What the live generation of every read model holds of these tenants, by "service.name"."""
        found: dict[str, Documents] = {}
        for service, database in self.databases.items():
            for state in await rebuild_progress(database):
                documents = database[collection_name(state.name, state.live)].find(
                    {"_tenant": {"$in": list(tenants)}, "_gone": None}
                )
                found[f"{service}.{state.name}"] = {
                    document["_id"]: {name: document[name] for name in document if name not in _NOT_FOLDED}
                    async for document in documents
                }
        return found

    async def live_generations(self) -> dict[str, int]:
        """Of each read model, but not of those being built anew."""
        return {
            f"{service}.{state.name}": state.live
            for service, database in self.databases.items()
            for state in await rebuild_progress(database)
            if state.building is None
        }

    async def is_settled(self) -> bool:
        """Nothing waits in an outbox, nothing is unread, and no message is on its way."""
        for name, service in self.services.items():
            assert await self.databases[name]["commits"].count_documents({"o": 1}) == 0
            assert all(consumer.lag == 0 for consumer in service.application.consumers.health())
        live = (await self.live_generations())["notifications.messages"]
        messages = self.databases["notifications"][collection_name("messages", live)]
        return await messages.count_documents({"status": {"$in": ["due", "held"]}}) == 0


@asynccontextmanager
async def platform_at(place: Place) -> AsyncIterator[Platform]:
    """Every service with its consumers joined."""
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(mail_server())
        services = {}
        for name, build in BUILDS.items():
            starting = running_service(name, build, place, smtp=mail.address)
            services[name] = await stack.enter_async_context(starting)
        yield Platform(services, place, mail, Ledger())
