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
    sections = "".join(f"<h2>{escape(tenant)}</h2><ul>{_buttons(members)}</ul>" for tenant, members in groups)
    note = "<p>These people are invented. Choose one to go on as.</p>"
    return page("Who are you?", f'{note}<form method="post" action="authorize">{hidden}{sections}</form>')


def _buttons(people: Iterable[Account]) -> str:
    return "".join(
        f'<li><button name="subject" value="{escape(person.subject)}">{escape(person.name or person.subject)}</button> '
        f"<small>{escape(person.subject)}</small></li>"
        for person in people
    )
