"""What the kernel reads: columns over rows, of a live table or of a snapshot that another process may have."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from services.matching.ranking.criteria import Question
from services.matching.ranking.table import COLUMN_NAMES, HelperTable


class Columns(Protocol):
    """HelperTable says what each of these is."""

    def __len__(self) -> int: ...
    def row_of(self, helper_id: str) -> int | None: ...
    def column(self, name: str) -> NDArray[Any]: ...
    def levels(self, code: str) -> NDArray[np.uint8] | None: ...
    def has(self, kind: str, word: str) -> NDArray[np.uint8] | None: ...
    def area_code(self, area: str) -> int: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A copy of what some questions ask of a table, in arrays: small, and quick to hand to another process.

    It holds the ids that the questions name and no other.
    """

    count: int
    columns: Mapping[str, NDArray[Any]]
    spoken: Mapping[str, NDArray[np.uint8]]
    bits: Mapping[tuple[str, str], NDArray[np.uint8]]
    areas: Mapping[str, int]
    rows: Mapping[str, int]

    @classmethod
    def of(cls, table: HelperTable, questions: Sequence[Question]) -> "Snapshot":
        codes = {language.code for question in questions for language in question.wishes.languages}
        areas = {question.wishes.area for question in questions if question.wishes.area is not None}
        return cls(
            count=len(table),
            columns={name: table.column(name).copy() for name in COLUMN_NAMES},
            spoken={code: found.copy() for code in codes if (found := table.levels(code)) is not None},
            bits={word: found for word in _words(questions) if (found := table.packed(*word)) is not None},
            areas={area: table.area_code(area) for area in areas},
            rows={one: row for one in _named(questions) if (row := table.row_of(one)) is not None},
        )

    def __len__(self) -> int:
        return self.count

    def row_of(self, helper_id: str) -> int | None:
        return self.rows.get(helper_id)

    def column(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def levels(self, code: str) -> NDArray[np.uint8] | None:
        return self.spoken.get(code)

    def has(self, kind: str, word: str) -> NDArray[np.uint8] | None:
        found = self.bits.get((kind, word))
        return None if found is None else np.unpackbits(found, count=self.count, bitorder="little")

    def area_code(self, area: str) -> int:
        return self.areas[area]


def _words(questions: Sequence[Question]) -> set[tuple[str, str]]:
    return {
        (kind, word)
        for question in questions
        for kind, words in (
            ("role", question.terms.roles),
            ("interest", question.interests),
            ("day_part", question.day_parts),
            ("support_form", question.support_forms),
        )
        for word in words
    }


def _named(questions: Sequence[Question]) -> set[str]:
    named = {question.requester_id for question in questions}
    return named.union(*(question.proposed | question.kept_apart | question.experienced for question in questions))
