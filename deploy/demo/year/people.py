"""The forty of the year: twenty who ask, twenty who help. All invented; who does what follows from the place here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

Json = dict[str, Any]

_ASK = (  # noqa: SIM905 (twenty lines of names say no more)
    "Amina Oppdiktet, Solveig Eksempel, Maja Prøve, Inger Oppdiktet, Fatima Eksempel, Hodan Prøve, Marit Oppdiktet, "
    "Lene Eksempel, Samira Prøve, Tone Oppdiktet, Ewa Eksempel, Astrid Prøve, Leyla Oppdiktet, Gro Eksempel, "
    "Nadia Prøve, Siv Oppdiktet, Zahra Eksempel, Eli Prøve, Randi Oppdiktet, Mona Eksempel"
).split(", ")
_HELP = (  # noqa: SIM905 (the same)
    "Runa Oppdiktet, Tora Eksempel, Sigrid Prøve, Åse Oppdiktet, Liv Eksempel, Borghild Prøve, Kari Oppdiktet, "
    "Anne Eksempel, Hilde Prøve, Berit Oppdiktet, Unni Eksempel, Wenche Prøve, Turid Oppdiktet, Gerd Eksempel, "
    "Aud Prøve, Ragnhild Oppdiktet, Synnøve Eksempel, Oddny Prøve, Eldbjørg Oppdiktet, Magnhild Eksempel"
).split(", ")
_SOURCES = ("friend",) * 8 + ("poster",) * 6 + ("newspaper",) * 6
_WAITED_DAYS = 14


@dataclass(slots=True)
class Asker:
    """Somebody who asks. `request_id` and `person_id` are known once the referral was accepted."""

    number: int
    name: str
    request_id: str = ""
    person_id: str = ""
    needed_since: date = date.min

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    def subject(self, programme: str) -> str:
        return f"{programme}-asks-{self.number}"

    def referral(self, programme: str, *, today: date, acute_over: bool = True, again: str = "") -> Json:
        """What the municipality writes. Each has waited a day longer than the one before."""
        self.needed_since = today - timedelta(days=_WAITED_DAYS + self.number)
        person = {
            "reference": f"{programme}-citizen-{self.number}",
            "name": self.name,
            "birth_date": f"19{70 + self.number}-05-17",
            "language": "nb",
            "languages": [{"code": "nb", "level": "b1"}],
            "email": f"{programme}-asks-{self.number}@example.org",
        }
        return {
            "referral_id": f"{programme}-{self.number}{again}",
            "programme": programme,
            "person": person,
            "what": "Somebody to practise Norwegian and walk with.",
            "wishes": {"support_forms": ["norwegian", "friend"], "day_parts": ["evening"]},
            "gates": {"acute_over": acute_over},
            "needed_since": self.needed_since.isoformat(),
            "agreed_with_person": True,
        }


@dataclass(slots=True)
class Friend:
    """Somebody who helps. `person_id` is known once registered."""

    number: int
    name: str
    source: str
    person_id: str = ""

    @property
    def first_name(self) -> str:
        return self.name.split()[0]

    def subject(self, programme: str) -> str:
        return f"{programme}-helps-{self.number}"

    def profile(self, programme: str) -> Json:
        return {
            "channel": "phone",
            "name": self.name,
            "contact": {"language": "nb", "email": f"{programme}-helps-{self.number}@example.org"},
            "profile": {
                "gives": ["company"],
                "languages": [{"code": "nb"}],
                "support_forms": ["norwegian", "friend"],
                "day_parts": ["evening"],
            },
        }


def askers() -> list[Asker]:
    return [Asker(number, name) for number, name in enumerate(_ASK)]


def friends() -> list[Friend]:
    return [Friend(number, name, source) for number, (name, source) in enumerate(zip(_HELP, _SOURCES, strict=True))]
