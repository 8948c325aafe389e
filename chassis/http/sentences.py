"""What we say to callers, in their language (docs/decisions/0010): one file per service, every rule with its
translations side by side. English stands in the Refusal itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from chassis.refusal import Refusal

LANGUAGES = ("en", "nb", "nn", "da")
CHASSIS_SENTENCES = Path(__file__).with_name("sentences.yaml")

_SPOKEN = {"en": "en", "nb": "nb", "no": "nb", "nn": "nn", "da": "da"}
_MAX_PREFERENCES = 20

Translations = dict[str, str]


@dataclass(frozen=True, slots=True)
class Sentences:
    """`titles` by status, `rules` by a Refusal's rule, `codes` for options and missing things, `faults` by the
    kind of a malformed field (pydantic's error types and those of our own validators)."""

    titles: Mapping[str, Translations] = field(default_factory=dict)
    rules: Mapping[str, Translations] = field(default_factory=dict)
    codes: Mapping[str, Translations] = field(default_factory=dict)
    faults: Mapping[str, Translations] = field(default_factory=dict)

    @classmethod
    def read(cls, *files: Path) -> "Sentences":
        """Those of all files together; a key said twice raises ValueError."""
        sections: dict[str, dict[str, Translations]] = {name: {} for name in ("titles", "rules", "codes", "faults")}
        for file in files:
            for section, entries in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
                for key, translations in (entries or {}).items():
                    if str(key) in sections[section]:
                        raise ValueError(f"{file}: {section}.{key} is said twice")
                    sections[section][str(key)] = translations
        return cls(**sections)

    def title(self, status: int, language: str) -> str:
        return self.titles[str(status)][language]

    def rule(self, refusal: Refusal | type[Refusal], language: str) -> str:
        """The rule's sentence; English where a translation is missing (a test finds those first)."""
        return self.rules.get(refusal.rule, {}).get(language, refusal.sentence)

    def code(self, code: str, language: str) -> str:
        """Options and what is missing may come from a policy: a code nobody put into words reads as it is."""
        return self.codes.get(code, {}).get(language, code.replace("_", " "))

    def fault(self, kind: str, language: str, values: Mapping[str, Any]) -> str | None:
        """What is wrong with a field, its limits filled in; None for a kind nobody put into words."""
        sentence = self.faults.get(kind, {}).get(language)
        return sentence.format_map(values) if sentence else None

    def missing(self, refusals: Iterable[type[Refusal]]) -> list[str]:
        """`section.key.language` of everything unsaid, for the test."""
        unsaid = {
            f"rules.{refusal.rule}.{language}"
            for refusal in refusals
            for language in LANGUAGES[1:]
            if not self.rules.get(refusal.rule, {}).get(language)
        }
        for section, entries in (("titles", self.titles), ("codes", self.codes), ("faults", self.faults)):
            for key, said in entries.items():
                unsaid |= {f"{section}.{key}.{language}" for language in LANGUAGES if not said.get(language)}
        return sorted(unsaid)


def spoken_language(accept: str | None) -> str:
    """The best of ours for an Accept-Language header; English when it names none of them."""
    ranked = sorted(_preferences(accept or ""), key=lambda preference: -preference[0])
    return next((_SPOKEN[tag] for weight, tag in ranked if weight > 0 and tag in _SPOKEN), "en")


def _preferences(accept: str) -> Iterator[tuple[float, str]]:
    for part in accept.split(",")[:_MAX_PREFERENCES]:
        tag, _, rest = part.strip().partition(";")
        _, _, weight = rest.partition("q=")
        try:
            yield float(weight or 1), tag.strip().lower().partition("-")[0]
        except ValueError:
            continue


def refusals_in(package: str) -> list[type[Refusal]]:
    """Every Refusal with a rule that is defined in a package and imported by now."""
    return sorted(
        {
            cls
            for cls in _subclasses(Refusal)
            if f"{cls.__module__}.".startswith(f"{package}.") and hasattr(cls, "rule")
        },
        key=lambda cls: cls.rule,
    )


def _subclasses(cls: type[Refusal]) -> Iterator[type[Refusal]]:
    for child in cls.__subclasses__():
        yield child
        yield from _subclasses(child)
