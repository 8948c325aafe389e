"""What of requests is sealed, opened for those who may read it."""

from collections.abc import Sequence

from chassis.keyring import Keyring, open_models
from contracts.intake import Wishes
from contracts.sealed import Redacted
from services.intake.http.request_bodies import Opened
from services.intake.projections.requests import RequestDocument


async def opened_requests(keyring: Keyring, tenant: str, found: Sequence[RequestDocument]) -> list[Opened]:
    """What was asked and wished, in two round trips for all; what was erased is absent."""
    asked = [document.what for document in found if document.what is not None]
    words = iter(await keyring.open_many(tenant, asked))
    wished = await open_models(keyring, tenant, Wishes, [document.wishes for document in found])
    whats = [None if document.what is None else next(words) for document in found]
    return [
        Opened(None if isinstance(what, Redacted) else what, wishes or Wishes())
        for what, wishes in zip(whats, wished, strict=True)
    ]
