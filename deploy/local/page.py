"""The local stack's own pages, in the look of the site: first page, issuer, mailbox and what is around."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from chassis.web.static import Static

Links = Mapping[str, Mapping[str, str]]
"""Addresses by group, and in it by what they lead to."""

LOOK = Static("/look")
"""The site's styles, answered by the gateway."""


def page(title: str, body: str) -> str:
    """A whole document; `body` is HTML already."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title><meta name="color-scheme" content="light dark">'
    head += '<meta name="viewport" content="width=device-width, initial-scale=1">'
    head += f'<link rel="icon" href="{LOOK.path("icon.svg")}"><link rel="stylesheet" href="{LOOK.path("site.css")}">'
    header = '<header class="site-header"><div class="site-header-row"><a class="site-brand" href="/">Kobling</a>'
    header += '<nav aria-label="Around" class="row"><a class="ds-link" href="/mailbox/">Mailbox</a>'
    header += '<a class="ds-link" href="/around">Around</a></nav></div></header>'
    main = f'<main id="main"><h1 class="ds-heading">{escape(title)}</h1>{body}</main>'
    return (
        f'<!doctype html><html lang="en" data-color-scheme="auto"><head>{head}</head>'
        f'<body data-size="md">{header}{main}</body></html>'
    )


def first_page(site: str) -> str:
    """Where everybody begins; `site` is the address of the service whose door is used."""
    body = '<p class="ds-paragraph">People who would like company, and people who would like to give some.</p>'
    body += f'<p><a class="ds-button" href="{escape(site)}/login">Log in</a></p>'
    body += '<p class="ds-paragraph">Everybody here is invented: choose whom to be. What they are sent is in the '
    body += '<a class="ds-link" href="/mailbox/">mailbox</a>, and <a class="ds-link" href="/around">more</a> is there '
    body += "for programs.</p>"
    return page("Kobling on this machine", body)


def groups_of_links(links: Links) -> str:
    """A heading and a list per group, side by side where there is room."""
    return f'<div class="cards">{"".join(_group(title, group) for title, group in links.items())}</div>'


def _group(title: str, links: Mapping[str, str]) -> str:
    items = "".join(f'<li><a class="ds-link" href="{escape(to)}">{escape(what)}</a></li>' for what, to in links.items())
    heading = f'<h2 class="ds-heading">{escape(title)}</h2>'
    return f'<section class="ds-card">{heading}<ul class="ds-list">{items}</ul></section>'
