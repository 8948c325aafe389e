"""What pages say, in the languages people read: a file per service, each text with its translations side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from chassis.http.sentences import LANGUAGES

Text = str | Mapping[str, str]
"""A text, or `one` and `other` of it: the four languages have no third form."""


@dataclass(frozen=True, slots=True)
class Words:
    texts: Mapping[str, Mapping[str, Text]]

    @classmethod
    def read(cls, *files: Path) -> Words:
        """Those of all files together. Raises ValueError for a key said twice or not said in each language."""
        texts: dict[str, Mapping[str, Text]] = {}
        for file in files:
            for key, translations in (yaml.safe_load(file.read_text("utf-8")) or {}).items():
                if key in texts:
                    raise ValueError(f"{file}: {key} is said twice")
                if missing := [language for language in LANGUAGES if not _is_text(translations.get(language))]:
                    raise ValueError(f"{file}: {key} is not said in {', '.join(missing)}")
                if other := sorted(translations.keys() - set(LANGUAGES), key=str):
                    raise ValueError(f"{file}: {key} has {other[0]!r}; a text with a comma stands in quotes")
                texts[key] = translations
        return cls(texts)

    def say(self, key: str, language: str, values: Mapping[str, Any]) -> str:
        """The text with its values filled in; `count` chooses between one and other. Raises KeyError."""
        text = self.texts[key][language]
        if not isinstance(text, str):
            text = text["one" if values.get("count") == 1 else "other"]
        return text.format_map(values) if values else text


def _is_text(found: Any) -> bool:
    return bool(found) and (
        isinstance(found, str) or (isinstance(found, dict) and found.keys() == {"one", "other"} and all(found.values()))
    )
