"""The page where somebody chooses which invented person to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from itertools import groupby

from deploy.local.issuer.directory import Account
from deploy.local.page import page


def choose_page(people: Sequence[Account], asked: Mapping[str, str]) -> str:
    """A button per person, tenant by tenant; the request goes along in hidden fields."""
    hidden = "".join(f'<input type="hidden" name="{escape(k)}" value="{escape(v)}">' for k, v in asked.items())
    groups = groupby(sorted(people, key=lambda person: person.tenant), key=lambda person: person.tenant)
    sections = "".join(
        f'<section class="ds-card"><h2 class="ds-heading">{escape(tenant.capitalize())}</h2>'
        f"{_buttons(members)}</section>"
        for tenant, members in groups
    )
    note = '<p class="ds-paragraph">These people are invented. Choose one to go on as.</p>'
    form = f'<form method="post" action="authorize" class="cards">{hidden}{sections}</form>'
    return page("Who are you?", f"{note}{form}")


def _buttons(people: Iterable[Account]) -> str:
    return "".join(
        f'<p class="row"><button class="ds-button" data-variant="secondary" data-size="sm" name="subject" '
        f'value="{escape(person.subject)}">{escape(person.name or person.subject)}</button> '
        f"<small>{escape(person.subject.partition('-')[2] or person.subject)}</small></p>"
        for person in people
    )
