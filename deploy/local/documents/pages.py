"""OpenAPI and AsyncAPI documents as plain pages: no script, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any

from deploy.local.page import page

Json = dict[str, Any]


def index_page(services: Sequence[str]) -> str:
    """Where each service's documents are, relative to this page."""
    rows = "".join(
        f'<tr><th>{name}</th><td><a href="{name}">HTTP</a></td><td><a href="{name}/events">events</a></td>'
        f'<td><a href="{name}/metrics">metrics</a></td></tr>'
        for name in services
    )
    return page("Documents", f"<table>{rows}</table>")


def operations_page(openapi: Json) -> str:
    """A row per operation: what it does, who may, and the document behind it to unfold."""
    rows = "".join(_operation(method, path, operation) for path, method, operation in _operations(openapi))
    title = f"{openapi['info']['title']}: HTTP"
    return page(title, f"<table><tr><th>Operation</th><th>What</th><th>Scopes</th></tr>{rows}</table>")


def events_page(asyncapi: bytes) -> str:
    """A section per topic, a row per message with its example to unfold."""
    document: Json = json.loads(asyncapi)
    sections = "".join(_channel(document, channel) for channel in document["channels"].values())
    return page(f"{document['info']['title']}: events", sections)


def _operations(openapi: Json) -> Iterator[tuple[str, str, Json]]:
    for path, item in openapi["paths"].items():
        for method, operation in item.items():
            if isinstance(operation, dict):
                yield path, method.upper(), operation


def _operation(method: str, path: str, operation: Json) -> str:
    scopes = {scope for entry in operation.get("security", []) for names in entry.values() for scope in names}
    what = escape(operation.get("description") or operation.get("summary", ""))
    return (
        f"<tr><td><code>{method} {escape(path)}</code></td><td>{what}{_unfold(operation)}</td>"
        f"<td>{escape(' or '.join(sorted(scopes)))}</td></tr>"
    )


def _channel(document: Json, channel: Json) -> str:
    messages = [document["components"]["messages"][name] for name in channel["messages"]]
    rows = "".join(
        f"<tr><td><code>{escape(message['name'])}</code></td>"
        f"<td>{escape(message.get('summary', ''))}{_unfold(message)}</td></tr>"
        for message in messages
    )
    return f"<h2>{escape(channel['address'])}</h2><p>{escape(channel.get('description', ''))}</p><table>{rows}</table>"


def _unfold(document: Json) -> str:
    text = escape(json.dumps(document, indent=1, ensure_ascii=False))
    return f"<details><summary>document</summary><pre>{text}</pre></details>"
