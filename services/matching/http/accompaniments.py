"""When and where two go together, sealed under the requester's key: the danger of its being known is theirs (S2.19)."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import TypeAdapter

from chassis.keyring import Keyring
from contracts.base import JsonObject
from contracts.sealed import Redacted, Sealed
from services.matching.http.match_views import AccompanimentView

_TOKEN: TypeAdapter[Sealed[str]] = TypeAdapter(Sealed[str])


async def opened(keyring: Keyring, tenant: str, kept: Sequence[JsonObject]) -> list[AccompanimentView]:
    """In one round trip; what was erased is absent."""
    tokens = [_TOKEN.validate_python(one[field]) for one in kept for field in ("when", "where")]
    texts = await keyring.open_many(tenant, tokens)
    pairs = zip(kept, texts[::2], texts[1::2], strict=True)
    return [
        AccompanimentView(accompaniment_id=one["accompaniment_id"], when=datetime.fromisoformat(when), where=where)
        for one, when, where in pairs
        if not isinstance(when, Redacted) and not isinstance(where, Redacted)
    ]


async def sealed(
    keyring: Keyring, tenant: str, person_id: str, *, when: datetime, where: str
) -> tuple[Sealed[str], Sealed[str]]:
    first, second = await keyring.seal_many(tenant, [(person_id, when.isoformat()), (person_id, where)])
    return first, second
