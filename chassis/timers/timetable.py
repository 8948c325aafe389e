"""The stored timers of one plan: which is due next, taking one under a lease, and what became of it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from pymongo import ReturnDocument, WriteConcern
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

from chassis.read_models import ReadModels
from chassis.timers.plan import FiredTimer, TimerPlan, to_the_millisecond
from contracts.base import JsonObject

_DURABLY = WriteConcern("majority", j=True)
_FIRED = "fired_timers"
_INDEX = "timers_due"


@dataclass(frozen=True, slots=True)
class Taken:
    """A timer under our lease. `claim` tells it from a later lease on the same timer."""

    fired: FiredTimer
    attempts: int
    claim: str


class Timetable:
    """Reads and writes the documents that the plan's projection folds.

    Leases and back-off count by the system's clock: the clock that may be moved decides only what is due. What has
    fired is also kept apart from the generations, so that a rebuilt plan does not fire the past again.
    """

    def __init__(self, plan: TimerPlan, database: AsyncDatabase[JsonObject], read_models: ReadModels) -> None:
        self._plan = plan
        self._projection = plan.projection
        self._read_models = read_models
        self._fired = database.get_collection(_FIRED, write_concern=_DURABLY)
        self._indexed: set[str] = set()

    async def next_due(self) -> datetime | None:
        """The earliest due time of all timers that are set, also of those that wait for another try."""
        first = await (await self._documents()).find_one({"is_set": True}, {"due_at": 1}, sort=[("due_at", 1)])
        return None if first is None else first["due_at"]

    async def known_until(self) -> datetime:
        """Whatever was recorded before this moment is in the timetable: a cancelled timer is gone by then."""
        return await self._read_models.facts_as_of(self._projection)

    async def take(self, until: datetime, lease: timedelta) -> Taken | None:
        """The earliest free timer due by `until`, ours for the length of the lease."""
        now, claim = datetime.now(UTC), str(uuid4())
        document = await (await self._documents()).find_one_and_update(
            {"is_set": True, "due_at": {"$lte": until}, "free_at": {"$lte": now}},
            {"$set": {"free_at": now + lease, "claim": claim}, "$inc": {"attempts": 1, "_rev": 1}},
            sort=[("due_at", 1)],
            return_document=ReturnDocument.AFTER,
        )
        return None if document is None else Taken(self._plan.fired(document), document["attempts"], claim)

    async def has_fired(self, taken: Taken) -> bool:
        """In this generation's past or another's."""
        return await self._fired.find_one({"_id": taken.fired.command_id}, {"_id": 1}) is not None

    async def done(self, taken: Taken) -> None:
        """It never fires again, also after a rebuild."""
        await self._fired.update_one(
            {"_id": taken.fired.command_id},
            {"$setOnInsert": {"plan": self._plan.name, "at": datetime.now(UTC)}},
            upsert=True,
        )
        await self._leave(taken, {"$set": {"is_set": False}})

    async def try_again(self, taken: Taken, pause: timedelta) -> None:
        """Free for anybody after the pause."""
        await self._leave(taken, {"$set": {"free_at": datetime.now(UTC) + pause}})

    async def postpone(self, taken: Taken, due_at: datetime) -> None:
        """Set to another time, as if the event that set it had said so."""
        anew = {"due_at": to_the_millisecond(due_at), "free_at": datetime.now(UTC), "attempts": 0}
        await self._leave(taken, {"$set": anew})

    async def overdue_count(self, until: datetime, limit: int) -> int:
        """How many are due and have not fired, counted up to `limit`."""
        due = {"is_set": True, "due_at": {"$lte": until}}
        return await (await self._documents()).count_documents(due, limit=limit)

    async def _leave(self, taken: Taken, change: JsonObject) -> None:
        """Unless it was set anew meanwhile, or our lease ran out and somebody else took it."""
        fired = taken.fired
        await (await self._documents()).update_one(
            {"_id": f"{fired.tenant}/{fired.key}", "claim": taken.claim, "due_at": fired.due_at},
            {**change, "$unset": {"claim": ""}, "$inc": {"_rev": 1}},
        )

    async def _documents(self) -> AsyncCollection[JsonObject]:
        """The generation that is live, with the index that makes asking cheap: only timers that are set are in it."""
        documents = await self._read_models.collection(self._projection)
        if documents.name not in self._indexed:
            await documents.create_index("due_at", name=_INDEX, partialFilterExpression={"is_set": True})
            self._indexed.add(documents.name)
        return documents.with_options(write_concern=_DURABLY)
