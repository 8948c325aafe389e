"""In which programme what intake keeps belongs, for roles that are granted for one (S3.52)."""

from chassis.auth import Whereabouts
from chassis.command_handler import CommandHandler
from chassis.http import Belongings
from chassis.read_models import ReadModels
from contracts.envelope import StreamId
from services.intake.domain.person import person
from services.intake.domain.request import request
from services.intake.domain.staff import STAFF, staff
from services.intake.projections.requests import requests_of
from services.intake.projections.volunteerings import volunteerings_of


def belongings(commands: CommandHandler, reading: ReadModels) -> Belongings:
    async def named(tenant: str, code: str) -> Whereabouts:
        return Whereabouts(programmes=frozenset({code}))

    async def of_place(tenant: str, place_id: str) -> Whereabouts:
        return Whereabouts(places=frozenset({place_id}))

    async def of_request(tenant: str, request_id: str) -> Whereabouts | None:
        found = await commands.state(request, StreamId(tenant, "request", request_id))
        return Whereabouts(frozenset({found.state.programme})) if found.version else None

    async def of_volunteering(tenant: str, volunteering_id: str) -> Whereabouts:
        """As the id says: training counts although nobody applied (S4.23)."""
        return Whereabouts(frozenset({volunteering_id.rpartition("_")[2]}))

    async def of_person(tenant: str, person_id: str) -> Whereabouts | None:
        """Every programme in which they ask or help; who is in none yet is welcomed by whoever welcomes people."""
        if not (await commands.state(person, StreamId(tenant, "person", person_id))).version:
            return None
        asked = {one.programme for one in await requests_of(reading, tenant, person_id)}
        helped = {one.programme for one in await volunteerings_of(reading, tenant, person_id)}
        return Whereabouts(frozenset(asked | helped), is_anywhere=not asked | helped)

    async def of_grant(tenant: str, grant_id: str) -> Whereabouts | None:
        found = (await commands.state(staff, StreamId(tenant, "staff", STAFF))).state.grant(grant_id)
        if found is None:
            return None
        bounds = (found.programme, found.place)
        programmes, places = (frozenset(() if one is None else (one,)) for one in bounds)
        return Whereabouts(programmes, places)

    return {
        **dict.fromkeys(("code", "programme"), named),
        **dict.fromkeys(("place_id", "place"), of_place),
        "request_id": of_request,
        "volunteering_id": of_volunteering,
        "person_id": of_person,
        "grant_id": of_grant,
    }
