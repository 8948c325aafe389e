"""What each figure means, in words, from the file beside its arithmetic."""

from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from services.reporting.figures.figure import Figure

HERE = Path(__file__).parent


class Texts(BaseModel):
    """The same in the four languages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    nb: str
    nn: str
    da: str
    en: str


class Definition(BaseModel):
    """What a figure of this version means; `values` tells each of its values by name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    version: int
    title: Texts
    meaning: Texts
    values: dict[str, Texts]


def definition_of(figure: Figure) -> Definition:
    """Raises ValidationError when a language is missing."""
    words = yaml.safe_load((HERE / f"{figure.name}.yaml").read_text("utf-8"))
    return Definition(name=figure.name, version=figure.version, **words)
