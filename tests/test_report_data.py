"""Workbook and CSV files: the report's numbers, exact, and text that stays text."""

from __future__ import annotations

import csv
import io
import os
import pickle
import subprocess
import sys
import zipfile
from typing import Any

import nbformat
import openpyxl
import pytest

from fpp_analysis.report import files, workbook
from fpp_analysis.report.payloads import read_page, union_of_evidence
from tests.report_pages import HOSTILE, notebook, page, table


def opened(data: bytes, **how: Any) -> Any:
    return openpyxl.load_workbook(io.BytesIO(data), **how)


@pytest.fixture(scope="module")
def made() -> bytes:
    return workbook.render([page(), page("20-coverage")], title="Quarterly pack")


def test_each_table_has_a_sheet_a_name_and_its_definition(made: bytes) -> None:
    book = opened(made)
    assert book.sheetnames[:3] == ["Contents", "Figures", "Definitions"]
    assert book.sheetnames[3:] == [
        "10 bridge", "10 long", "10 wide", "20 bridge", "20 long", "20 wide",
    ]  # fmt: skip
    assert book.defined_names["t_10_bridge"].attr_text == "'10 bridge'!$A$4:$B$8"
    links = {cell.hyperlink.location for row in book["Contents"] for cell in row if cell.hyperlink}
    assert links == {f"'{name}'!A1" for name in book.sheetnames[1:]}
    metrics = [row[0] for row in book["Definitions"].iter_rows(values_only=True)]
    assert "Backlog" in metrics
    assert book["10 bridge"].freeze_panes == "B5"
    assert book["10 bridge"].print_title_rows == "$4:$4"


def test_cells_hold_unrounded_values_in_the_reports_scale(made: bytes) -> None:
    sheet = opened(made)["10 bridge"]
    assert sheet["B8"].value == 17612345.67
    assert sheet["B8"].number_format == "#,##0,_);(#,##0,)"
    assert sheet["B7"].value == -1200000
    figures = opened(made)["Figures"]
    assert figures["F2"].value == 17612345.67
    assert figures["F3"].number_format == "0.0%;(0.0%)"


def test_sums_are_checked_by_live_formulas_with_stored_results(made: bytes) -> None:
    assert opened(made)["10 bridge"]["B9"].value == "=ABS(ROUND(SUM(B5:B7)-B8,2))"
    assert opened(made, data_only=True)["10 bridge"]["B9"].value == 0


def test_a_total_that_is_no_sum_is_not_checked() -> None:
    rows = [["a", 1.0], ["b", 2.0], ["Average", 1.5]]
    assert list(workbook.sums(table("t", "T", ["x", "y"], rows, total_rows=[2]))) == []
    rows[2][1] = 3.0
    assert list(workbook.sums(table("t", "T", ["x", "y"], rows, total_rows=[2]))) == [(1, 0, 2)]


def test_text_is_never_a_formula_or_a_link() -> None:
    data = workbook.render([page(hostile=True)], title="=1+1")
    book = opened(data)
    formulas, texts = [], []
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    formulas.append(cell.value)
                elif isinstance(cell.value, str):
                    texts.append(cell.value)
                if cell.hyperlink:
                    assert cell.hyperlink.target is None
    assert formulas == ["=ABS(ROUND(SUM(B5:B7)-B8,2))"]
    assert "=1+1" in texts
    assert set(HOSTILE) <= set(texts)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert not [n for n in archive.namelist() if "external" in n.lower() or "vba" in n.lower()]


def test_csv_files_open_rightly_and_hold_no_formula() -> None:
    shown = page(hostile=True)
    made = files.data_files(shown)
    assert sorted(made) == [
        "charts/10-backlog--vintages.csv",
        "charts/10-backlog--vintages.svg",
        "tables/10-backlog--bridge.csv",
        "tables/10-backlog--long.csv",
        "tables/10-backlog--wide.csv",
    ]
    data = made["tables/10-backlog--long.csv"]
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    assert rows[0] == ["customer", "backlog", "rpo"]
    assert rows[2][1:] == ["1000.00", "900.00"]
    for (name, *_), word in zip(rows[1:], HOSTILE, strict=False):
        assert name == (f"'{word}" if word[0] in "=+-@" else word)


def test_a_slide_is_a_picture_of_its_own() -> None:
    (png,) = files.pictures(page()).values()
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert png[16:24] != bytes(8)
    assert files.pictures(page()) == {"charts/10-backlog--vintages.png": png}


def test_figures_hold_each_number_once_with_its_query() -> None:
    data = files.figures_csv(union_of_evidence([page(), page("20-coverage")]))
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [(row["id"], row["value"], row["unit"]) for row in rows] == [
        ("backlog-2009-11-30", "17612345.67", "USD"),
        ("growth-2009-05-31-2009-11-30", "0.6301", "fraction"),
    ]
    assert rows[0]["query"].startswith("fpp table backlog")


def test_the_same_pages_give_the_same_bytes_under_any_clock_and_zone(made: bytes) -> None:
    script = (
        "import sys, hashlib; from tests.report_pages import page;"
        "from fpp_analysis.report import workbook, html, pdf;"
        "p = [page(), page('20-coverage')];"
        "print(*(hashlib.sha256(b).hexdigest() for b in ("
        "workbook.render(p, title='x'), pdf.render(p), html.render(p).encode())))"
    )
    seen = set()
    for zone, seed in (("UTC", "1"), ("Pacific/Apia", "2")):
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, check=True, capture_output=True,
            text=True,
        )  # fmt: skip
        seen.add(done.stdout)
    assert len(seen) == 1


def test_a_page_holds_plain_values_alone() -> None:
    """What renders it in another process need not import the library that notebooks are read by."""
    executed = nbformat.from_dict(notebook())
    assert type(executed.cells[0]).__module__.startswith("nbformat")
    assert b"nbformat" not in pickle.dumps(read_page(executed, "10-backlog"))
