"""My way to being approved, as a list that can be ticked off (S2.22-S2.27, S4.5)."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chassis.web import Pages, Shown, View
from services.intake.pages.own import Known, known_of, person_id_of, registered
from services.intake.pages.programme_words import open_programmes, programmes_of, title, titles

pages = Pages(Path(__file__).parent)
_WAY = "/v1/volunteerings/{volunteering_id}"


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is the requirement (services.intake.domain.requirements), `parts` what it is made of, done or not."""

    name: str
    is_done: bool
    parts: Sequence[tuple[str, bool]] = ()


def steps(needs: Mapping[str, Any], progress: Mapping[str, Any], attended: frozenset[str]) -> list[Step]:
    """What a role asks for, in its order; `attended` are the modules somebody was at."""
    asked = [*progress["met"], *progress["missing"]]
    order = ("hours", "modules", "confidentiality", "certificate", "talk")
    parts = {"modules": [(module, module in attended) for module in needs["modules"]]}
    return [Step(name, name in progress["met"], parts.get(name, ())) for name in order if name in asked]


@pages.page("/my-training", "training.html", "volunteering:apply")
async def training(view: View) -> Shown:
    known, programmes = await asyncio.gather(known_of(view), programmes_of(view))
    standing = [one for one in (known or {}).get("volunteerings", []) if one["standing"] in ("applied", "declined")]
    shown = await asyncio.gather(*(view.api.get(f"/v1/volunteerings/{one['volunteering_id']}") for one in standing))
    mine = [
        _way(kept, found, programmes.get(found["programme"]), view.language)
        for kept, found in zip(standing, shown, strict=True)
    ]
    taken = {one["programme"] for one in standing}
    return {
        "known": known,
        "mine": mine,
        "is_more": any(one["policy"]["roles"] for code, one in programmes.items() if code not in taken),
    }


training.action("sign", f"{_WAY}/confidentiality")
training.action("leave", f"{_WAY}/leaving")


def _way(kept: Known, found: Known, programme: Mapping[str, Any] | None, language: str) -> Shown:
    """One programme: what was kept, what it amounts to today, and the steps of each role."""
    roles: Mapping[str, Any] = programme["policy"]["roles"] if programme else {}
    attended = frozenset(module for session in kept["sessions"].values() for module in session["modules"])
    return {
        "found": found,
        "title": title(programme, language) if programme else found["programme"],
        "roles": [
            {
                "role": progress["role"],
                "is_approved": progress["is_approved"],
                "needs": roles[progress["role"]],
                "steps": steps(roles[progress["role"]], progress, attended),
            }
            for progress in found["progress"]
            if progress["role"] in roles
        ],
    }


@pages.page("/my-training/apply", "training-apply.html", "volunteering:apply")
async def apply(view: View) -> Shown:
    known, all_programmes = await asyncio.gather(registered(view), programmes_of(view))
    taken = {one["programme"] for one in known["volunteerings"] if one["standing"] == "applied"}
    programmes = {
        code: one
        for code, one in open_programmes(all_programmes).items()
        if one["policy"]["roles"] and code not in taken
    }
    code = view.query.get("programme") or (next(iter(programmes)) if len(programmes) == 1 else "")
    found = programmes.get(code)
    return {
        "person_id": person_id_of(view),
        "person": known["person"],
        "programme": found,
        "title": title(found, view.language) if found else "",
        "programmes": titles(programmes, view.language),
    }


apply.action("offer-myself", "/v1/volunteerings", then="/my-training")
