"""Personal text is sealed at the edge, before anything decides about it."""

from chassis.keyring import Keyring
from contracts.sealed import Sealed


async def sealed(keyring: Keyring, tenant: str, person_id: str, *texts: str | None) -> list[Sealed[str] | None]:
    """Each text under the person's key, None for what was not said, in one round trip. Raises PersonErased."""
    said = [text for text in texts if text is not None]
    tokens = iter(await keyring.seal_many(tenant, [(person_id, text) for text in said]))
    return [None if text is None else next(tokens) for text in texts]


async def sealed_text(keyring: Keyring, tenant: str, person_id: str, text: str) -> Sealed[str]:
    """One text under the person's key. Raises PersonErased."""
    token: Sealed[str] = await keyring.seal(tenant, person_id, text)
    return token
