"""The id under which everything is found that one request leads to."""

from starlette.types import Scope

KEY = "kobling.correlation_id"


def correlation_id_of(scope: Scope) -> str:
    """The caller's X-Correlation-Id, if a UUID; else one derived of it, or a new one. The Edge puts it there."""
    found: str = scope[KEY]
    return found
