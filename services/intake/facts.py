"""What a decision needs to know of another stream of intake, read from the stream itself: never stale."""

from datetime import date

from chassis.command_handler import CommandHandler
from chassis.keyring import Keyring
from chassis.refusal import Refusal
from contracts.envelope import StreamId
from contracts.policy import Policy
from contracts.sealed import Redacted
from services.intake.domain.calendar import age_on
from services.intake.domain.person import Person, person
from services.intake.domain.person_leaving import PersonLeaving
from services.intake.domain.programme import Programme, programme
from services.intake.domain.residence import Lived


class ProgrammeUnknown(Refusal):
    rule, sentence, status = "programme_unknown", "There is no programme by that code here.", 422
    field = "programme"


class PersonUnknown(Refusal):
    rule, sentence, status = "person_unknown", "Nobody is registered by that id.", 422
    field = "person_id"


async def programme_in_force(commands: CommandHandler, tenant: str, code: str) -> Programme:
    """The programme as it stands now. Raises ProgrammeUnknown where no policy was adopted."""
    found = await commands.state(programme, StreamId(tenant, "programme", code))
    if found.version == 0:
        raise ProgrammeUnknown()
    return found.state


async def registered_person(commands: CommandHandler, tenant: str, person_id: str) -> Person:
    """Raises PersonUnknown; PersonLeaving for somebody who leaves without a trace: nothing new begins for them."""
    found = await commands.state(person, StreamId(tenant, "person", person_id))
    if found.state.registered is None:
        raise PersonUnknown()
    if found.state.farewell is not None:
        raise PersonLeaving()
    return found.state


def language_of(somebody: Person, policy: Policy) -> str:
    """The one they chose to be reached in; where they chose none, that of the programme's country."""
    return language_there(policy) if somebody.contact is None else somebody.contact.language


def language_there(policy: Policy) -> str:
    """What people of the programme's country read."""
    return "nb" if policy.country == "NO" else "da"


async def age_of(keyring: Keyring, tenant: str, somebody: Person, *, on: date) -> int | None:
    """Whole years on that day; None where the birth date was not given or its key is gone."""
    if somebody.registered is None or somebody.registered.birth_date is None:
        return None
    born = await keyring.open(tenant, somebody.registered.birth_date)
    return None if isinstance(born, Redacted) else age_on(on, born_on=date.fromisoformat(born))


async def lived(keyring: Keyring, tenant: str, somebody: Person) -> list[Lived]:
    """Where somebody lives and lived before, in the order in which it was said; what was erased is absent (S1.24)."""
    said = somebody.residences
    opened = await keyring.open_many(tenant, [one.municipality for one in said]) if said else []
    return [
        Lived(municipality, one.since)
        for one, municipality in zip(said, opened, strict=True)
        if not isinstance(municipality, Redacted)
    ]
