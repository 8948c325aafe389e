"""What the programmes are called, and what can be chosen in them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.web import View


@dataclass(frozen=True, slots=True)
class Programmes:
    """The programmes of the tenant by code, for one language."""

    by_code: Mapping[str, Mapping[str, Any]]
    language: str

    @classmethod
    async def of(cls, view: View) -> "Programmes":
        found = await view.api.get("/v1/programmes")
        return cls({one["code"]: one for one in found["items"]}, view.language)

    def title(self, code: str) -> str:
        """In the language, else in any, else the code."""
        titles: Mapping[str, str] = self.by_code.get(code, {}).get("title", {})
        return titles.get(self.language) or next(iter(titles.values()), code)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """(code, title), by title."""
        return sorted(((code, self.title(code)) for code in self.by_code), key=lambda choice: choice[1])

    def are_several(self) -> bool:
        return len(self.by_code) > 1

    def is_paused(self, code: str) -> bool:
        return bool(self.by_code.get(code, {}).get("paused", False))

    def category(self, programme: str, code: str | None) -> Mapping[str, Any]:
        """`by` and `safeguards` of a kind of request; empty for one that the policy in force does not have."""
        kinds = self.by_code.get(programme, {}).get("categories", [])
        return next((kind for kind in kinds if kind["code"] == code), {})

    def support_forms(self, programme: str) -> list[str]:
        forms: list[str] = self.by_code.get(programme, {}).get("support_forms", [])
        return forms

    def kinds(self, programme: str) -> list[str]:
        kinds: list[str] = self.by_code.get(programme, {}).get("kinds", [])
        return kinds
