"""In which programme what notifications keeps belongs, for roles that are granted for one (S3.52)."""

from chassis.auth import Whereabouts
from chassis.http import Belongings
from chassis.read_models import ReadModels
from services.notifications.projections.messages import message_of


def belongings(reading: ReadModels) -> Belongings:
    async def named(tenant: str, code: str) -> Whereabouts:
        return Whereabouts(frozenset({code}))

    async def of_message(tenant: str, message_id: str) -> Whereabouts | None:
        found = await message_of(reading, tenant, message_id)
        return None if found is None else Whereabouts(frozenset({found.programme}))

    return {"programme": named, "message_id": of_message}
