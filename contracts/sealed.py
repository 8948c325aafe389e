"""Personal fields: ciphertext in the store, on the wire and in every projection (design.md, S2.9)."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Generic, TypeVar

from pydantic import ConfigDict, Field

T = TypeVar("T")

_Text = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Sealed(Generic[T]):
    """A JSON value of type T that only the keyring opens.

    `subject` is the pseudonym id of the person whose key seals it; `token` is versioned ciphertext, base64url text.
    In JSON: `{"subject": "...", "sealed": "..."}`. Equal only to itself: sealing twice gives two tokens.
    """

    subject: _Text
    token: Annotated[_Text, Field(alias="sealed")]

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        title="Sealed",
        extra="ignore",
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        json_schema_extra={"description": "Ciphertext; only services with the person's key read it."},
    )


@dataclass(frozen=True, slots=True)
class Redacted:
    """What a sealed value reads as after its person's key was shredded."""

    def __str__(self) -> str:
        return "[redacted]"
