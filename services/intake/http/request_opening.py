"""What of requests is sealed, opened for those who may read it."""

from collections.abc import Sequence

from chassis.keyring import Keyring, open_models
from chassis.read_models import ReadModels
from contracts.intake import Wishes
from contracts.sealed import Redacted
from services.intake.http.request_bodies import Opened
from services.intake.projections.persons import persons_by_id
from services.intake.projections.requests import RequestDocument


async def opened_requests(
    keyring: Keyring, reading: ReadModels, tenant: str, found: Sequence[RequestDocument]
) -> list[Opened]:
    """What was asked and wished, in three round trips for all; what was erased is absent.

    While an address is protected, the area that was wished before tells nobody where its person lives (S2.9).
    """
    asked = [document.what for document in found if document.what is not None]
    words = iter(await keyring.open_many(tenant, asked))
    wished = await open_models(keyring, tenant, Wishes, [document.wishes for document in found])
    whats = [None if document.what is None else next(words) for document in found]
    known = await persons_by_id(reading, tenant, {document.person_id for document in found})
    hidden = {one.person_id for one in known if one.address_protected}
    return [
        Opened(
            None if isinstance(what, Redacted) else what,
            (wishes or Wishes()).model_copy(update={"area": None} if document.person_id in hidden else {}),
        )
        for document, what, wishes in zip(found, whats, wished, strict=True)
    ]
