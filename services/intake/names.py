"""What people are called, for those who may read about people: one question for a whole list, and a search by name."""

from collections.abc import Collection, Sequence
from typing import Any

from chassis.audit import witnessing
from chassis.auth import Principal
from chassis.keyring import Keyring
from chassis.read_models import ReadModels
from contracts.sealed import Redacted, Sealed
from services.intake.projections.persons import PersonDocument, persons_after, persons_by_id

_AT_ONCE = 500


class Names:
    """Names are sealed under their people's keys and no index holds them; they are opened for the one who asks."""

    def __init__(self, reading: ReadModels, keyring: Keyring) -> None:
        self._reading = reading
        self._keyring = keyring

    async def of(self, who: Principal, person_ids: Collection[str]) -> dict[str, str]:
        """By pseudonym. Nobody for who may not read about people; who is not known or has left is absent."""
        if not person_ids or not who.has("people:read"):
            return {}
        return await self._opened(who.tenant, await persons_by_id(self._reading, who.tenant, set(person_ids)))

    async def search(self, tenant: str, wanted: str, *, limit: int) -> list[PersonDocument]:
        """Those whose name has every word of `wanted`, or begins one with it, by name; at most `limit`.

        Every name of the tenant is compared here and forgotten: only who is found has been looked at.
        """
        words = wanted.casefold().split()
        found: dict[str, tuple[str, PersonDocument]] = {}
        after = ""
        with witnessing():
            while batch := await persons_after(self._reading, tenant, after=after, limit=_AT_ONCE):
                names = await self._opened(tenant, batch)
                known = {document.person_id: document for document in batch}
                found |= {one: (name, known[one]) for one, name in names.items() if _fits(name, words)}
                after = batch[-1].person_id
        return [document for _, document in sorted(found.values(), key=lambda one: one[0].casefold())[:limit]]

    async def _opened(self, tenant: str, people: Sequence[PersonDocument]) -> dict[str, str]:
        sealed: dict[str, Sealed[Any]] = {one.person_id: one.name for one in people if one.name is not None}
        opened = await self._keyring.open_many(tenant, list(sealed.values()))
        return {one: name for one, name in zip(sealed, opened, strict=True) if not isinstance(name, Redacted)}


def _fits(name: str, words: Sequence[str]) -> bool:
    parts = name.casefold().replace("-", " ").split()
    return bool(words) and all(any(part.startswith(word) for part in parts) for word in words)
