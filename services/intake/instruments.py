"""Which instruments we know, from the file beside this one: numbers only, no words."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from services.intake.domain.voice import Scale

_FILE = Path(__file__).with_name("instruments.yaml")

INSTRUMENTS: Mapping[str, Mapping[str, Scale]] = {
    code: {version: Scale(**numbers) for version, numbers in versions.items()}
    for code, versions in yaml.safe_load(_FILE.read_text("utf-8")).items()
}


def scales_of(instrument: str) -> Mapping[str, Scale]:
    """The versions of the instrument; none where nobody knows it."""
    return INSTRUMENTS.get(instrument, {})
