"""The plain look of the local stack's own pages: issuer, mailbox and start page. Not the look of the product."""

from __future__ import annotations

from html import escape

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733}"
    "a{color:#0b5394}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem;vertical-align:top;"
    "border-bottom:1px solid #c9d1d9}pre{white-space:pre-wrap;margin:0;font:inherit}"
    "button{font:inherit;padding:.3rem .8rem}li{margin:.3rem 0}"
)


def page(title: str, body: str) -> str:
    """A whole document; `body` is HTML already."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    shown = f"<body><h1>{escape(title)}</h1>{body}</body>"
    return f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head>{shown}</html>'
