"""Sealed values that are models: sealed as their JSON, opened as themselves."""

from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel

from chassis.keyring.port import Keyring
from contracts.sealed import Redacted, Sealed

M = TypeVar("M", bound=BaseModel)


async def seal_model(keyring: Keyring, tenant: str, subject: str, value: M) -> Sealed[M]:
    """Raises PersonErased."""
    token: Sealed[M] = await keyring.seal(tenant, subject, value.model_dump(mode="json", exclude_defaults=True))
    return token


async def open_models(
    keyring: Keyring, tenant: str, model: type[M], sealed: Sequence[Sealed[M] | None]
) -> list[M | None]:
    """In one round trip, answered in order; None for None and for what was shredded. Raises SealBroken.

    Fields of later writers are ignored, as they are in events.
    """
    opened = iter(await keyring.open_many(tenant, [one for one in sealed if one is not None]) if any(sealed) else ())
    values = [None if one is None else next(opened) for one in sealed]
    return [
        None if value is None or isinstance(value, Redacted) else model.model_validate(value, extra="ignore")
        for value in values
    ]
