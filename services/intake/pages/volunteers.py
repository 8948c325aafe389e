"""Volunteers: who is on the way, whose approval ends, and each one's way to approval (S2.22-2.27, S3.52, S4.18)."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from chassis.web.forms import ZONE
from services.intake.pages.programme_words import Programme, programmes_of, title, titles

pages = Pages(Path(__file__).parent)

STATES = ("applied", "approved", "lapsing", "declined", "left")
SOON_DAYS = 60

# Fixed words for a no; a story is never written (S3.19).
RULES = ("not-now", "not-suitable", "full")
OPTIONS = ("civil-society", "other-programme", "open-activities", "ask-later")


@pages.page("/volunteers", "volunteers.html", "volunteering:read", "volunteering:manage")
async def volunteers(view: View) -> Shown:
    """Without a choice: those whose approval ends soon, then those on the way, then the approved."""
    programme, state = view.query.get("programme") or None, view.query.get("state", "")
    soon = (view.now.astimezone(ZONE).date() + timedelta(days=SOON_DAYS)).isoformat()
    asked: dict[str, dict[str, Any]] = {
        "lapsing": {"ends_by": soon},
        "applied": {"standing": "applied", "is_approved": False},
        "approved": {"is_approved": True},
        "declined": {"standing": "declined"},
        "left": {"standing": "left"},
    }
    wanted = [state] if state in asked else ["lapsing", "applied", "approved"]
    found, programmes = await asyncio.gather(
        asyncio.gather(*(view.api.items("/v1/volunteerings", programme=programme, **asked[each]) for each in wanted)),
        programmes_of(view),
    )
    told = {item["volunteering_id"]: item for items in found for item in items}
    return {
        "volunteers": sorted(told.values(), key=_urgency),
        "titles": titles(programmes, view.language),
        "states": STATES,
        "state": state,
        "programme": programme or "",
        "soon": soon,
    }


def _urgency(item: Mapping[str, Any]) -> tuple[Any, ...]:
    """What ends first; then who has all and waits for our word; then the rest by when they came."""
    is_ready = not item["is_approved"] and any(not role["missing"] for role in item["progress"])
    return (item["ends_by"] or "9999", not is_ready, item["is_approved"], item["applied_at"] or "9999")


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a role asks for. `needed` is what exactly: hours, a text, a certificate; empty where there is none."""

    name: str
    is_met: bool
    needed: Any = ""
    there: Any = ""


@pages.page("/volunteers/{volunteering_id}", "volunteer.html", "volunteering:read", "volunteering:manage")
async def volunteer(view: View, volunteering_id: str) -> Shown:
    found = await view.api.get(f"/v1/volunteerings/{volunteering_id}")
    programme = await view.api.get_or_none(f"/v1/programmes/{found['programme']}")
    policy = programme["policy"] if programme else {"roles": {}, "levels": []}
    roles = [{**role, "steps": list(_steps(role, found, policy))} for role in found["progress"]]
    return {
        "volunteer": found,
        "title": title(programme, view.language) if programme else found["programme"],
        "roles": roles,
        "modules": _asked(policy, found, "modules"),
        "text_version": next(iter(_asked(policy, found, "confidentiality")), None),
        "certificate": next(iter(_asked(policy, found, "certificate")), None),
        "is_ready": any(not role["missing"] and not role["is_approved"] for role in roles),
        "levels": [level for level in policy["levels"] if level not in found["trust"]],
        "rules": RULES,
        "options": OPTIONS,
        "day": view.now.astimezone(ZONE).date().isoformat(),
    }


def _steps(role: Mapping[str, Any], found: Mapping[str, Any], policy: Programme) -> Iterator[Step]:
    needs = policy["roles"].get(role["role"], {})
    for name in ("hours", "modules", "confidentiality", "certificate", "talk"):
        if name not in (*role["met"], *role["missing"]):
            continue
        there: dict[str, Any] = {
            "hours": found["hours"],
            "modules": [module for module in needs.get("modules", ()) if module in found["modules"]],
            "certificate": next((one for one in found["certificates"] if one["kind"] == needs.get("certificate")), ""),
            "talk": found["talk"] or "",
        }
        yield Step(name, name in role["met"], needs.get(name, ""), there.get(name, ""))


def _asked(policy: Programme, found: Mapping[str, Any], field: str) -> list[str]:
    """What the roles somebody applied for ask for, each once."""
    asked: dict[str, None] = {}
    for role in found["roles"]:
        value = policy["roles"].get(role, {}).get(field) or ()
        asked |= dict.fromkeys([value] if isinstance(value, str) else value)
    return list(asked)


for _name in (
    *("training", "confidentiality", "certificate", "interview", "approval", "decline", "suspension"),
    *("reinstatement", "trust", "guidance", "leaving"),
):
    volunteer.action(_name, f"/v1/volunteerings/{{volunteering_id}}/{_name}")
volunteer.action("trust-back", "/v1/volunteerings/{volunteering_id}/trust/taking-back")
