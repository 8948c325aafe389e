"""What somebody wishes of the other, as coordinators see it."""

from collections.abc import Sequence

from chassis.read_models import ReadModels
from contracts.base import JsonObject
from contracts.intake import Wishes
from services.matching.candidates import Candidates
from services.matching.projections.candidates import protected_among
from services.matching.projections.searches import wishes_in


async def wishes_to_show(
    reading: ReadModels, candidates: Candidates, tenant: str, found: Sequence[JsonObject]
) -> list[Wishes]:
    """Of each of these searches; while an address is protected, the area that was wished before tells nobody where its
    person lives (S2.9)."""
    hidden = await protected_among(reading, tenant, {document["person_id"] for document in found})
    wished = await candidates.wishes(tenant, [wishes_in(document) for document in found])
    return [
        wishes.model_copy(update={"area": None} if document["person_id"] in hidden else {})
        for document, wishes in zip(found, wished, strict=True)
    ]
