"""The words of a tender, under the key of who asks; and what in them would tell who that is (S1.14)."""

from collections.abc import Sequence

from pydantic import TypeAdapter

from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from chassis.refusal import FactsTooOld
from contracts.base import JsonObject
from contracts.sealed import Redacted, Sealed
from services.matching.domain.identifying import identifying
from services.matching.projections.names import names

_TOKEN: TypeAdapter[Sealed[str]] = TypeAdapter(Sealed[str])


async def texts_of(keyring: Keyring, tenant: str, found: Sequence[JsonObject]) -> list[str]:
    """In one round trip; what was erased reads as redacted."""
    return [str(text) for text in await opened(keyring, tenant, [one["text"] for one in found])]


async def opened(keyring: Keyring, tenant: str, kept: Sequence[JsonObject]) -> list[str | Redacted]:
    return await keyring.open_many(tenant, [_TOKEN.validate_python(one) for one in kept])


async def what_identifies(
    keyring: Keyring, reading: ReadModels, tenant: str, *, asker_id: str, text: str
) -> tuple[str, ...]:
    """The kinds of it. Raises FactsTooOld while the name of who asks has not been heard of: fail closed."""
    asker = await reading.get(names, tenant, asker_id)
    if asker is None:
        raise FactsTooOld("what who asks is called")
    [name] = await opened(keyring, tenant, [asker["name"]])
    return identifying(text, () if isinstance(name, Redacted) else (name,))
