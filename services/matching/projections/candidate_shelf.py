"""The documents of the read model `candidates` in memory: a table per programme, the people per tenant."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.matching.people import People
from services.matching.projections.candidate_seals import Told
from services.matching.projections.candidates import PAIRS, candidates_in
from services.matching.ranking.table import HelperTable

Document = Mapping[str, Any]


class Shelf:
    """Tables by tenant and programme, and which of them each document stands in."""

    def __init__(self) -> None:
        self._tables: dict[tuple[str, str], HelperTable] = {}
        self._programmes: dict[str, Iterable[str]] = {}
        self._people: dict[str, People] = {}

    def table(self, tenant: str, programme: str) -> HelperTable:
        return self._tables.get((tenant, programme)) or HelperTable()

    def people(self, tenant: str) -> People:
        return self._people.setdefault(tenant, People())

    def put(self, document: Document, told: Told) -> None:
        tenant, _, name = document["_id"].partition("/")
        if name.startswith(PAIRS):
            self.people(tenant).held_pairs.add(name.removeprefix(PAIRS))
            return
        self.people(tenant).note(
            name,
            in_peace=document["in_peace"],
            is_protected=document["is_protected"],
            is_experienced=told.is_experienced,
        )
        found = candidates_in(document, told.profile)
        for programme, candidate in found.items():
            self._tables.setdefault((tenant, programme), HelperTable()).put(candidate)
        if found:
            self._programmes[document["_id"]] = tuple(found)

    def remove(self, key: str) -> None:
        tenant, _, helper_id = key.partition("/")
        if helper_id.startswith(PAIRS):
            self.people(tenant).held_pairs.discard(helper_id.removeprefix(PAIRS))
            return
        self.people(tenant).note(helper_id, in_peace=False, is_protected=False, is_experienced=False)
        for programme in self._programmes.pop(key, ()):
            self._tables[tenant, programme].remove(helper_id)
