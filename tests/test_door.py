"""The door: whatever a company writes is declared, and comes out as the same book."""

from __future__ import annotations

import datetime as dt

import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import FaultsError, FppError
from tests.quirks import HEADINGS, ROWS, SIX

SETTINGS = 'name = "B"\nfiscal_year_end_month = 12\ndata_cut_off = 2024-12-31\n'


def book_of(folder, settings="", **files):
    """A folder with settings and files, `contracts` standing for `contracts.csv`."""
    folder.mkdir(exist_ok=True)
    (folder / "book.toml").write_text(SETTINGS + settings, encoding="utf-8")
    for name, content in files.items():
        path = folder / (name.replace("__", ".") if "__" in name else f"{name}.csv")
        path.write_text(content, encoding="utf-8")
    return folder


def faults_of(folder):
    with pytest.raises(FaultsError) as refused:
        fpp.load_book(folder)
    return [str(fault) for fault in refused.value.faults]


def rows_of(book, leave=()):
    """The rows of the contracts as `quirks.ROWS` has them."""
    frame = book.contracts.sort_values("contract_id")
    found = []
    for row in frame[list(HEADINGS)].itertuples(index=False):
        values = [v.date() if isinstance(v, dt.datetime) else v for v in row]
        found.append(tuple(float(v) if isinstance(v, int | float) else v for v in values))
    want = []
    for row in ROWS:
        want.append(tuple(float(v) if i in (5, 6, 7) else v for i, v in enumerate(row)))
    gone = [HEADINGS.index(name) for name in leave]
    return [
        [tuple(v for i, v in enumerate(r) if i not in gone) for r in side] for side in (found, want)
    ]


@pytest.mark.parametrize("quirk", SIX, ids=lambda q: q.name)
def test_the_same_book_however_it_is_written(quirk, tmp_path):
    folder = book_of(tmp_path / "book", quirk.settings)
    quirk.write(folder)
    found, want = rows_of(fpp.load_book(folder), quirk.names)
    assert found == want


SURE = ("customer", "region", "term_months", "payment_days", "contract_id")


@pytest.mark.parametrize("quirk", [q for q in SIX if q.settings], ids=lambda q: q.name)
def test_nothing_is_guessed(quirk, tmp_path):
    """Without its declaration each file is refused, or has the same dates and amounts."""
    folder = book_of(tmp_path / "book")
    quirk.write(folder)
    try:
        book = fpp.load_book(folder)
    except FppError:
        return
    found, want = rows_of(book, SURE)
    assert found == want or quirk.name == "thousands of dollars"
