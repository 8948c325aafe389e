"""Personal fields: ciphertext in the store, on the wire and in every projection (design.md, S2.9)."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sealed(Generic[T]):
    """A JSON value of type T that only the keyring opens.

    `subject` is the pseudonym id of the person whose key seals it; `token` is versioned ciphertext, base64url text.
    In JSON: `{"subject": "...", "sealed": "..."}`. Equal only to itself: sealing twice gives two tokens.
    """

    subject: str
    token: str

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        text = core_schema.str_schema(min_length=1)
        fields = {
            "subject": core_schema.typed_dict_field(text),
            "sealed": core_schema.typed_dict_field(text),
        }
        from_dict = core_schema.no_info_after_validator_function(
            lambda found: cls(subject=found["subject"], token=found["sealed"]), core_schema.typed_dict_schema(fields)
        )
        return core_schema.json_or_python_schema(
            json_schema=from_dict,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), from_dict]),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda sealed: {"subject": sealed.subject, "sealed": sealed.token}
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        text = {"type": "string", "minLength": 1}
        return {
            "type": "object",
            "title": "Sealed",
            "description": "Ciphertext; only services with the person's key read it.",
            "properties": {"subject": text, "sealed": text},
            "required": ["subject", "sealed"],
        }


@dataclass(frozen=True, slots=True)
class Redacted:
    """What a sealed value reads as after its person's key was shredded."""

    def __str__(self) -> str:
        return "[redacted]"
