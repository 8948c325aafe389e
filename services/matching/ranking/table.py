"""The helpers of one programme as columns: a row each, kept in step with the read model, ready for the kernel.

A column per fact that everybody has; a column per word for what few have (bits, and bytes for language levels), made
when the word is first seen. A removed row is filled with the last one, so rows are always dense.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from sys import getsizeof, intern
from typing import Any

import numpy as np
from numpy.typing import NDArray

from services.matching.ranking.criteria import GENDERS, Candidate, Question, salt
from services.matching.ranking.explain import is_postcode

FOR_EVER = date.max.toordinal()
NO_AREA = -1
_NOWHERE = -2
_FIRST_NAMED_AREA = 10_000
_COLUMNS = {
    "listed": np.bool_,
    "capacity": np.int32,
    "taken": np.int32,
    "policy_version": np.int32,
    "until": np.int32,
    "free_since": np.int64,
    "area": np.int32,
    "gender": np.int8,
    "in_peace": np.bool_,
    "salt": np.uint64,
}
COLUMN_NAMES = tuple(_COLUMNS)
_FIRST_ROOM = 64
_GENDER_NAMES = {code: gender for gender, code in GENDERS.items()}


class HelperTable:
    """Not for several threads: it is read and changed on the event loop, between awaits."""

    def __init__(self) -> None:
        self.ids: list[str] = []
        self._rows: dict[str, int] = {}
        self._room = _FIRST_ROOM
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(self._room, dtype) for name, dtype in _COLUMNS.items()}
        self._levels: dict[str, NDArray[np.uint8]] = {}
        self._bits: dict[tuple[str, str], NDArray[np.uint8]] = {}
        self._same: dict[tuple[str, str], tuple[str, str]] = {}
        self._words: list[tuple[tuple[str, str], ...]] = []
        self._spoken: list[tuple[str, ...]] = []
        self._areas: dict[str, int] = {}
        self._area_names: list[str] = []

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def nbytes(self) -> int:
        """Bytes of all columns, the ids, and the words of each row; counted one by one, so not for every day."""
        groups = (self._columns.values(), self._levels.values(), self._bits.values())
        columns = sum(column.nbytes for group in groups for column in group)
        lists = (self.ids, self._rows, self._words, self._spoken)
        return columns + sum(map(getsizeof, (*lists, *self.ids, *self._words, *self._spoken)))

    def row_of(self, helper_id: str) -> int | None:
        return self._rows.get(helper_id)

    def column(self, name: str) -> NDArray[Any]:
        """A view of one column over the live rows."""
        return self._columns[name][: len(self.ids)]

    def levels(self, code: str) -> NDArray[np.uint8] | None:
        """How well each row speaks a language, 0-7; None when nobody does."""
        found = self._levels.get(code)
        return None if found is None else found[: len(self.ids)]

    def has(self, kind: str, word: str) -> NDArray[np.uint8] | None:
        """1 where a row has the word, else 0; None when nobody has."""
        found = self._bits.get((kind, word))
        return None if found is None else np.unpackbits(found, count=len(self.ids), bitorder="little")

    def packed(self, kind: str, word: str) -> NDArray[np.uint8] | None:
        """A copy of the bits of `has`, eight rows to a byte; None when nobody has the word."""
        found = self._bits.get((kind, word))
        return None if found is None else found[: (len(self.ids) + 7) // 8].copy()

    def area_code(self, area: str) -> int:
        """A postcode is its own number; any other area has one above, or one that no row has."""
        return int(area) if is_postcode(area) else self._areas.get(area, _NOWHERE)

    def candidates(self, rows: Sequence[int] | NDArray[np.intp], question: Question) -> list[Candidate]:
        """Rows as candidates, as far as the question asks for them: words that nobody wished are left out."""
        facts = {name: column[rows].tolist() for name, column in self._columns.items()}
        return [
            self._candidate(int(row), {name: values[place] for name, values in facts.items()}, question)
            for place, row in enumerate(rows)
        ]

    def _candidate(self, row: int, fact: Mapping[str, Any], question: Question) -> Candidate:
        words = set(self._words[row])
        return Candidate(
            helper_id=self.ids[row],
            listed=fact["listed"],
            roles=_those(words, "role", question.terms.roles),
            capacity=fact["capacity"],
            taken=fact["taken"],
            policy_version=fact["policy_version"],
            until=None if fact["until"] == FOR_EVER else date.fromordinal(fact["until"]),
            free_since=datetime.fromtimestamp(fact["free_since"], UTC),
            languages={code: int(self._levels[code][row]) for code in self._spoken[row]},
            interests=_those(words, "interest", question.interests),
            support_forms=_those(words, "support_form", question.support_forms),
            day_parts=_those(words, "day_part", question.day_parts),
            area=self._area_name(fact["area"]),
            gender=_GENDER_NAMES.get(fact["gender"]),
            in_peace=fact["in_peace"],
        )

    def put(self, candidate: Candidate) -> None:
        """Add a helper, or replace what was known of it."""
        row = self._rows.get(candidate.helper_id)
        if row is None:
            row = self._new_row(candidate.helper_id)
        else:
            self._forget_words(row)
        self._write_facts(row, candidate)
        self._write_words(row, candidate)

    def remove(self, helper_id: str) -> None:
        """Nothing happens when the helper is not there."""
        row = self._rows.pop(helper_id, None)
        if row is None:
            return
        self._forget_words(row)
        last = len(self.ids) - 1
        if row != last:
            self._move(last, row)
        self.ids.pop()
        self._words.pop()
        self._spoken.pop()

    def _new_row(self, helper_id: str) -> int:
        row = len(self.ids)
        if row == self._room:
            self._grow()
        self.ids.append(helper_id)
        self._words.append(())
        self._spoken.append(())
        self._rows[helper_id] = row
        return row

    def _grow(self) -> None:
        self._room *= 2
        for name, column in self._columns.items():
            self._columns[name] = np.concatenate((column, np.zeros_like(column)))
        for code, levels in self._levels.items():
            self._levels[code] = np.concatenate((levels, np.zeros_like(levels)))
        for word, bits in self._bits.items():
            self._bits[word] = np.concatenate((bits, np.zeros_like(bits)))

    def _write_facts(self, row: int, candidate: Candidate) -> None:
        columns = self._columns
        columns["listed"][row] = candidate.listed
        columns["capacity"][row] = candidate.capacity
        columns["taken"][row] = candidate.taken
        columns["policy_version"][row] = candidate.policy_version
        columns["until"][row] = FOR_EVER if candidate.until is None else candidate.until.toordinal()
        columns["free_since"][row] = int(candidate.free_since.timestamp())
        columns["area"][row] = NO_AREA if candidate.area is None else self._known_area(candidate.area)
        columns["gender"][row] = GENDERS.get(candidate.gender or "", 0)
        columns["in_peace"][row] = candidate.in_peace
        columns["salt"][row] = salt(candidate.helper_id)

    def _write_words(self, row: int, candidate: Candidate) -> None:
        sets = {
            "role": candidate.roles,
            "interest": candidate.interests,
            "support_form": candidate.support_forms,
            "day_part": candidate.day_parts,
        }
        # One object for each word, not one for each helper who has it: in a city that is most of the memory.
        self._words[row] = tuple(
            self._same.setdefault((kind, word), (kind, word)) for kind, words in sets.items() for word in words
        )
        for word in self._words[row]:
            bits = self._bits.setdefault(word, np.zeros(self._room // 8, np.uint8))
            bits[row >> 3] |= np.uint8(1 << (row & 7))
        self._spoken[row] = tuple(map(intern, candidate.languages))
        for code, level in candidate.languages.items():
            self._levels.setdefault(code, np.zeros(self._room, np.uint8))[row] = level

    def _known_area(self, area: str) -> int:
        if not is_postcode(area) and area not in self._areas:
            self._areas[area] = _FIRST_NAMED_AREA + len(self._area_names)
            self._area_names.append(area)
        return self.area_code(area)

    def _area_name(self, code: int) -> str | None:
        if code >= _FIRST_NAMED_AREA:
            return self._area_names[code - _FIRST_NAMED_AREA]
        return None if code == NO_AREA else f"{code:04}"

    def _forget_words(self, row: int) -> None:
        for word in self._words[row]:
            self._bits[word][row >> 3] &= np.uint8(~(1 << (row & 7)) & 0xFF)
        for code in self._spoken[row]:
            self._levels[code][row] = 0
        self._words[row], self._spoken[row] = (), ()

    def _move(self, source: int, target: int) -> None:
        for column in self._columns.values():
            column[target] = column[source]
        words, spoken = self._words[source], self._spoken[source]
        for word in words:
            self._bits[word][target >> 3] |= np.uint8(1 << (target & 7))
        for code in spoken:
            self._levels[code][target] = self._levels[code][source]
        self._forget_words(source)
        self._words[target], self._spoken[target] = words, spoken
        self.ids[target] = self.ids[source]
        self._rows[self.ids[target]] = target


def _those(words: Collection[tuple[str, str]], kind: str, wished: Iterable[str]) -> frozenset[str]:
    return frozenset([word for word in wished if (kind, word) in words])
