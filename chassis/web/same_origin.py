"""Whether a browser sent a form from this site's own pages: no other page may act in somebody's name (CSRF).

Browsers say so themselves (Fetch Metadata, and Origin before it), so no secret has to travel through the pages.
"""

from __future__ import annotations

from starlette.requests import Request


def is_same_origin(request: Request, *, site: str) -> bool:
    """`site` is the public address, `https://host[:port]`. A request that says nothing about where it is from is
    refused: it came from no browser that could hold a session."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site == "same-origin"
    return request.headers.get("Origin") == site


def local_path(wanted: str, *, otherwise: str) -> str:
    """A path on this site to go back to, never another site's address (open redirect)."""
    is_path = wanted.startswith("/") and not wanted.startswith(("//", "/\\"))
    return wanted if is_path and wanted.isprintable() and "\\" not in wanted and len(wanted) <= 1000 else otherwise
