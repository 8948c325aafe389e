"""Files hold what is shown, in each form, and nothing that is not."""

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from pypdf import PdfReader

from chassis.http.sentences import Sentences
from services.reporting.answering import FigureAnswer
from services.reporting.app import SENTENCES
from services.reporting.figures.cells import breakdown
from services.reporting.figures.definitions import Definition, Texts
from services.reporting.keeping import Kept, as_csv, as_pdf, as_xlsx


def said(text: str) -> Texts:
    return Texts(nb=text, nn=text, da=text, en=text)


DEFINITION = Definition(
    name="requests",
    version=2,
    title=said("Ønsker på Ærø"),
    meaning=said("Hva folk ønsker seg."),
    values={"posted": said("Kom inn"), "mean": said("Snitt"), "by": said("Etter slag"), "few": said("Få")},
)


def kept(**groups: int) -> Kept:
    answer = FigureAnswer(
        figure="requests",
        version=2,
        programme="p",
        as_of=date(2026, 11, 27),
        known_at=None,
        facts_as_of=datetime(2026, 11, 27, tzinfo=UTC),
        is_final=False,
        values={"posted": 12, "mean": 3.5, "by": breakdown(groups, 5), "few": None},
    )
    return Kept({"requests": DEFINITION}, [answer], "nb", Sentences.read(SENTENCES))


SHOWN = {"garden": 7, "shelves": 3, "sewing": 2, "computer": 9}


def rows_of(kept: Kept) -> list[list[str]]:
    text = as_csv(kept).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_a_table_has_a_line_for_each_number() -> None:
    rows = rows_of(kept(**SHOWN))
    assert rows[0] == ["Tall", "Det som telles", "Gruppe", "Antall", "Definisjon", "Til og med", "Slik vi visste det"]
    assert rows[1] == ["Ønsker på Ærø", "Kom inn", "", "12", "2", "2026-11-27", ""]
    assert [row[2:4] for row in rows if row[1] == "Etter slag"] == [
        ["computer", "9"],
        ["garden", "7"],
        ["sewing", "vises ikke"],
        ["shelves", "vises ikke"],
    ]
    assert [row[3] for row in rows if row[1] == "Få"] == ["vises ikke"]


def test_a_workbook_says_the_same() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(kept(**SHOWN)))).active
    assert sheet is not None
    cells = [["" if cell is None else str(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == rows_of(kept(**SHOWN))


def test_pages_to_print_say_the_same() -> None:
    text = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(as_pdf(kept(**SHOWN)))).pages)
    assert all(said in text for said in ("Ønsker på Ærø", "Kom inn", "12", "garden: 7", "sewing: vises ikke"))
    assert "sewing: 2" not in text


@pytest.mark.parametrize("group", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_nothing_in_a_file_is_a_formula(group: str) -> None:
    groups = {group: 9, "other": 8}
    assert all(not cell.startswith(("=", "+", "-", "@", "\t")) for row in rows_of(kept(**groups)) for cell in row)
    sheet = openpyxl.load_workbook(io.BytesIO(as_xlsx(kept(**groups)))).active
    assert sheet is not None
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
