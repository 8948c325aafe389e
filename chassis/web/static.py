"""What browsers load once and keep: styles and scripts, compressed at start and named by their content."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"

# The styles of a page are one file, in this order: one round trip.
_STYLES = ("vendor/designsystemet-theme.css", "vendor/designsystemet.css", "site.css")
_SCRIPTS = ("vendor/htmx.min.js", "vendor/htmx-sse.min.js", "site.js")
_FOREVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class _Asset:
    name: str
    kind: str
    plain: bytes
    zipped: bytes


class Static:
    """`prefix` is the service's place on the site: `/intake`."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        assets = [
            _asset("site.css", "text/css", _joined(_STYLES)),
            _asset("site.js", "text/javascript", _joined(_SCRIPTS)),
            _asset("icon.svg", "image/svg+xml", (FOLDER / "icon.svg").read_bytes()),
        ]
        self._by_name: Mapping[str, _Asset] = {asset.name: asset for asset in assets}
        self._names = {asset.name.partition(".")[2]: asset.name for asset in assets}

    def path(self, name: str) -> str:
        """The address of `site.css`, `site.js` or `icon.svg`; another content has another address."""
        return f"{self._prefix}/static/{self._names[name]}"

    async def answer(self, request: Request) -> Response:
        asset = self._by_name.get(request.path_params["name"])
        if asset is None:
            return Response(status_code=404)
        headers = {"Cache-Control": _FOREVER, "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            return Response(asset.zipped, media_type=asset.kind, headers={**headers, "Content-Encoding": "gzip"})
        return Response(asset.plain, media_type=asset.kind, headers=headers)


def _joined(files: tuple[str, ...]) -> bytes:
    return b"\n".join((FOLDER / file).read_bytes() for file in files)


def _asset(name: str, kind: str, content: bytes) -> _Asset:
    digest = hashlib.sha256(content).hexdigest()[:16]
    return _Asset(f"{digest}.{name}", kind, content, gzip.compress(content, 9, mtime=0))
