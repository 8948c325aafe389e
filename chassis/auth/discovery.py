"""What an issuer says of itself: its discovery document (OpenID Connect Discovery 1.0), read with suspicion."""

from typing import Any
from urllib.parse import urlsplit

import httpx

_TIMEOUT_SECONDS = 5.0
_MAX_DOCUMENT_BYTES = 256 * 1024


async def discover(issuer: str, http: httpx.AsyncClient) -> dict[str, Any]:
    """Its discovery document. Raises httpx.HTTPError, ValueError where it is not this issuer's."""
    document = await read_document(f"{issuer.rstrip('/')}/.well-known/openid-configuration", http)
    if document.get("issuer") != issuer:
        raise ValueError("the discovery document is another issuer's")
    return document


def address_in(document: dict[str, Any], name: str) -> str:
    """An address the document names: under TLS, or as the issuer is. Raises ValueError."""
    address = document.get(name)
    parts = urlsplit(address if isinstance(address, str) else "")
    if not parts.netloc or parts.scheme not in ("https", urlsplit(document["issuer"]).scheme):
        raise ValueError(f"the discovery document has no usable {name}")
    return str(address)


async def read_document(address: str, http: httpx.AsyncClient) -> dict[str, Any]:
    """One JSON object of the issuer's. Raises httpx.HTTPError, ValueError."""
    response = await http.get(address, timeout=_TIMEOUT_SECONDS, follow_redirects=False)
    response.raise_for_status()
    if response.is_redirect or len(response.content) > _MAX_DOCUMENT_BYTES:
        raise ValueError("the issuer's document is elsewhere or too big")
    document = response.json()
    if not isinstance(document, dict):
        raise ValueError("the issuer's document is no object")  # noqa: TRY004 - handled as the faults above
    return document
