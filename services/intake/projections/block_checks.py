"""Where does a person have to look whether it is who was meant? Who they are stays sealed (S2.9)."""

from typing import Literal

from pydantic import AwareDatetime, BaseModel

from chassis.position import Position
from chassis.projection import IndexSpec, Projection
from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.envelope import RecordedEvent
from contracts.intake import BlockDismissed, BlockEnded, BlockKind, BlockRecognised, BlockSuspected
from contracts.sealed import Sealed
from contracts.topics import INTAKE

Standing = Literal["open", "recognised", "not-the-same", "lifted"]
Place = tuple[str, str]
"""Where a page ended: when the last one was suspected, and its id."""


class BlockCheck(BaseModel):
    """One block and one pair: `check_id` holds both."""

    check_id: str
    kind: BlockKind
    people: Sealed[tuple[str, str]]
    suspected_at: AwareDatetime
    standing: Standing = "open"
    answered_by: str | None = None

    @property
    def place(self) -> Place:
        """As it is stored, so that a page goes on where the last one ended."""
        return str(self.model_dump(mode="json")["suspected_at"]), self.check_id


def check_id_of(pair: str, block_id: str) -> str:
    return f"{pair}_{block_id}"


def _keys(recorded: RecordedEvent) -> tuple[str, ...]:
    match recorded.event:
        case (
            BlockSuspected(pair=pair, block_id=block_id)
            | BlockRecognised(pair=pair, block_id=block_id)
            | BlockDismissed(pair=pair, block_id=block_id)
            | BlockEnded(pair=pair, block_id=block_id)
        ):
            return (f"{recorded.tenant}/{check_id_of(pair, block_id)}",)
        case _:
            return ()


def _fold(body: JsonObject | None, recorded: RecordedEvent, key: str) -> JsonObject | None:
    match recorded.event:
        case BlockSuspected(pair=pair, block_id=block_id, kind=kind, people=people, suspected_at=at):
            check_id = check_id_of(pair, block_id)
            body = BlockCheck(check_id=check_id, kind=kind, people=people, suspected_at=at).model_dump(mode="json")
        case BlockRecognised(answered_by=by) if body is not None:
            body["standing"], body["answered_by"] = "recognised", by
        case BlockDismissed(answered_by=by) if body is not None:
            body["standing"], body["answered_by"] = "not-the-same", by
        case BlockEnded() if body is not None:
            body["standing"] = "lifted"
        case _:
            pass  # lifted before it was suspected: there is nothing to look at
    return body


block_checks = Projection(
    name="block-checks",
    version=1,
    topics=(INTAKE,),
    handles=(BlockSuspected, BlockRecognised, BlockDismissed, BlockEnded),
    keys=_keys,
    fold=_fold,
    indexes=(IndexSpec(("standing", "suspected_at", "check_id")),),
)


async def oldest_checks(
    reading: ReadModels,
    tenant: str,
    *,
    standing: Standing,
    after: Place | None = None,
    limit: int,
    at_least: Position | None = None,
) -> list[BlockCheck]:
    """What has waited longest comes first."""
    query: JsonObject = {"standing": standing}
    if after is not None:
        at, check_id = after
        query["$or"] = [{"suspected_at": {"$gt": at}}, {"suspected_at": at, "check_id": {"$gt": check_id}}]
    sort = (("suspected_at", 1), ("check_id", 1))
    found = await reading.find(block_checks, tenant, query, sort=sort, limit=limit, min_position=at_least)
    return [BlockCheck.model_validate(document) for document in found]
