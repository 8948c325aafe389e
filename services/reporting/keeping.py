"""Figures as files to keep: a table for a spreadsheet, or pages to print. What is not shown is not in the file."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chassis.http.sentences import Sentences
from services.reporting.answering import FigureAnswer
from services.reporting.figures.cells import Breakdown
from services.reporting.figures.definitions import Definition, Texts

if TYPE_CHECKING:
    from fpdf import FPDF

Cell = str | int | float | None

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_SHEET = "Kobling"


@dataclass(frozen=True, slots=True)
class Kept:
    """Figures asked for together, with what they mean, in the language of whoever keeps them."""

    definitions: Mapping[str, Definition]
    answers: Sequence[FigureAnswer]
    language: str
    sentences: Sentences

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """A line per number: figure, what is counted, group, number, definition, as of, known at."""
        yield tuple(self.word(f"kept_{name}") for name in _COLUMNS)
        for answer in self.answers:
            definition = self.definitions[answer.figure]
            title = self.said(definition.title)
            days = (answer.version, answer.as_of.isoformat(), answer.known_at.isoformat() if answer.known_at else None)
            for name, value in answer.values.items():
                for group, number in self.numbers(value):
                    yield (title, self.said(definition.values[name]), group, number, *days)

    def numbers(self, value: int | float | Breakdown | None) -> list[tuple[str | None, Cell]]:
        """By group; what is not shown is said in words (S0.9)."""
        match value:
            case None:
                return [(None, self.word("kept_not_shown"))]
            case Breakdown(withheld=True):
                return [(None, self.word("kept_not_shown"))]
            case Breakdown(cells=cells):
                hidden = self.word("kept_not_shown")
                return [(self.word(cell.group), hidden if cell.count is None else cell.count) for cell in cells]
            case _:
                return [(None, value)]

    def said(self, texts: Texts) -> str:
        text: str = getattr(texts, self.language)
        return text

    def word(self, code: str) -> str:
        return self.sentences.code(code, self.language)


_COLUMNS = ("figure", "what", "group", "number", "definition", "as_of", "known_at")


def as_csv(kept: Kept) -> bytes:
    """UTF-8 with a mark and semicolons: what a Nordic Excel opens with a double click, and everything else can read."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerows([_harmless(cell) for cell in row] for row in kept.rows())
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def as_xlsx(kept: Kept) -> bytes:
    """One sheet. Text is written as text: nothing in it is a formula or an address."""
    from xlsxwriter import Workbook  # here, as fpdf below: half of the memory of the service, and seldom asked for

    file = io.BytesIO()
    with Workbook(file, {"in_memory": True}) as book:
        sheet, bold = book.add_worksheet(_SHEET), book.add_format({"bold": True})
        for place, row in enumerate(kept.rows()):
            for column, cell in enumerate(row):
                if isinstance(cell, str):
                    sheet.write_string(place, column, cell, bold if place == 0 else None)
                elif cell is not None:
                    sheet.write_number(place, column, cell)
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, 1, 45)
    return file.getvalue()


def as_pdf(kept: Kept) -> bytes:
    """A4, a heading for each figure with what it means, then its numbers."""
    from fpdf import FPDF

    document = FPDF(format="A4")
    document.set_title(_SHEET)
    document.set_lang(kept.language)
    document.set_auto_page_break(True, margin=18)
    document.add_page()
    for answer in kept.answers:
        definition = kept.definitions[answer.figure]
        _line(document, kept.said(definition.title), size=14, bold=True)
        _line(document, kept.said(definition.meaning), size=9)
        _line(document, f"{kept.word('kept_as_of')}: {answer.as_of.isoformat()}", size=9)
        for name, value in answer.values.items():
            _line(document, kept.said(definition.values[name]), size=10, bold=True)
            for group, number in kept.numbers(value):
                _line(document, f"    {group}: {number}" if group else f"    {number}", size=10)
        document.ln(4)
    return bytes(document.output())


FORMS: Mapping[str, tuple[Callable[[Kept], bytes], str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "xlsx": (as_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "pdf": (as_pdf, "application/pdf"),
}


def _harmless(cell: Cell) -> Cell:
    """A spreadsheet takes text that begins like a formula for one; an apostrophe keeps it text."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _line(document: FPDF, text: str, *, size: int, bold: bool = False) -> None:
    document.set_font("Helvetica", "B" if bold else "", size)
    plain = text.replace("–", "-").replace("’", "'").encode("latin-1", "replace").decode("latin-1")
    document.multi_cell(0, size * 0.55, plain, new_x="LMARGIN", new_y="NEXT")
