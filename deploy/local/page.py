"""The plain look of the local stack's own pages: issuer, mailbox and start page. Not the look of the product."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

Links = Mapping[str, Mapping[str, str]]
"""Addresses by group, and in it by what they lead to."""

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b2733}"
    "a{color:#0b5394}table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.4rem;vertical-align:top;"
    "border-bottom:1px solid #c9d1d9}pre{white-space:pre-wrap;margin:0;font:inherit}"
    "button{font:inherit;padding:.3rem .8rem}li{padding:.3rem 0}ul{list-style:none;margin:0;padding:0}"
    ".groups{display:grid;grid-template-columns:repeat(auto-fill,minmax(9rem,1fr));gap:1rem 2rem}"
    ".groups h2{font-size:1.1rem;margin:0 0 .3rem;border-bottom:1px solid #c9d1d9}"
)


def page(title: str, body: str) -> str:
    """A whole document; `body` is HTML already."""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    head += '<link rel="icon" href="data:,">'
    shown = f"<body><h1>{escape(title)}</h1>{body}</body>"
    return f'<!doctype html><html lang="en"><head>{head}<style>{_STYLE}</style></head>{shown}</html>'


def groups_of_links(links: Links) -> str:
    """A heading and a list per group, side by side where there is room."""
    return f'<div class="groups">{"".join(_group(title, group) for title, group in links.items())}</div>'


def _group(title: str, links: Mapping[str, str]) -> str:
    items = "".join(f'<li><a href="{escape(to)}">{escape(what)}</a></li>' for what, to in links.items())
    return f"<section><h2>{escape(title)}</h2><ul>{items}</ul></section>"
