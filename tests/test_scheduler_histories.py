"""What a scheduler calls, over months: no quarter is missed, and each state has its code."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

import fpp_analysis as fpp
from fpp_analysis.fiscal import FiscalCalendar
from fpp_analysis.report import standing
from fpp_analysis.report.asked import Asked
from fpp_analysis.report.parameters import Parameters
from tests import command
from tests.books import write
from tests.faults import debris
from tests.small_notebooks import write_notebook

FIGURE = """
import fpp_analysis as fpp
from fpp_analysis import display, evidence, wording
from fpp_analysis.context import Context
ctx = Context.of(book, as_of=as_of, compare_to=compare_to, as_known=as_known, part=part)
one = evidence.figure(ctx.book, "backlog", as_of=as_of)
display.Prose([[wording.Number("x", one)]], id="one")
"""
TOML = 'name = "{name}"\nfiscal_year_end_month = {month}\ndata_cut_off = {cut_off}\n'


class History:
    """A book that changes, a folder of packs, and what the scheduler calls."""

    def __init__(self, place: Path) -> None:
        self.place, self.out = place, place / "out"
        self.book = place / "book"
        folder = place / "notebooks"
        folder.mkdir(parents=True)
        write_notebook(
            folder / "10-one.ipynb", FIGURE, end='display.Finished("0 = 0", context=ctx)'
        )
        write_notebook(folder / "20-two.ipynb", "x = 1")
        for order, path in enumerate(sorted(folder.iterdir())):
            nb = json.loads(path.read_text(encoding="utf-8"))
            nb["metadata"]["fpp"] = {"order": order}
            path.write_text(json.dumps(nb), encoding="utf-8")
        self.export("2009-07-31")

    def export(
        self, cut_off: str, *, value: str = "1000.00", month: int = 3, name: str = "A book"
    ) -> None:
        write(self.book, contracts=[{"contract_id": "K-1", "contract_value": value}])
        text = TOML.format(cut_off=cut_off, month=month, name=name)
        (self.book / "book.toml").write_text(text, encoding="utf-8")

    def run(self, today: str, *more: str, code: int = 0, book: Path | None = None) -> str:
        done = command.run(
            "report", "--quarter", "latest", "--book", book or self.book, "--today", today,
            "--out", self.out, "--notebooks", self.place / "notebooks",
            "--log", self.out / "runs.jsonl", *more, TZ="Pacific/Apia",
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @property
    def packs(self) -> Mapping[str, str]:
        """The day of each pack by its name."""
        found = (standing.Standing.at(p) for p in self.out.iterdir() if p.name[0] != ".")
        return {s.path.name: s.as_of for s in found if s}


def test_exports_early_late_twice_and_corrected(tmp_path: Path) -> None:
    history = History(tmp_path)
    run = history.run
    run("2009-08-05")
    assert set(history.packs) == {"book-FY2010Q1"}
    # early: the next export comes before the quarter has closed
    history.export("2009-09-15")
    # it is another book, so the pack of the first quarter is stale, said, and made again
    assert "inputs: settings" in run("2009-09-20")
    # late: the quarter has closed, the export has not come
    assert "export is late: FY2010Q2" in run("2009-10-05", code=5)
    # the scheduler missed two quarters; a partial pack stands for none of them
    history.export("2010-01-31")
    run("2010-02-05", "--notebook", "10-one", "--since", "FY2010Q3")
    run("2010-02-05")
    assert {n for n in history.packs if "superseded" not in n and "only" not in n} == {
        "book-FY2010Q1", "book-FY2010Q2", "book-FY2010Q3",
    }  # fmt: skip
    # twice: nothing to do, and nothing is late
    assert run("2010-02-06").count("nothing to do") == 3
    # corrected: every quarter is made again; the old packs stay and the new ones say what changed
    before = len(history.packs)
    history.export("2010-01-31", value="1200.00")
    run("2010-02-07")
    assert len(history.packs) == before + 3
    pack = history.out / "book-FY2010Q3"
    manifest = json.loads((pack / "MANIFEST.json").read_text(encoding="utf-8"))
    assert "inputs: contracts" in manifest["supersedes"]["changed"]
    with (pack / standing.WHAT_CHANGED).open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["after"]) == pytest.approx(1.2 * float(row["before"]), abs=0.01)
    assert debris(history.out) == [".book.book"]
    lines = (history.out / "runs.jsonl").read_text(encoding="utf-8").splitlines()
    ends = [json.loads(line) for line in lines]
    assert [e["exit"] for e in ends if e["event"] == "ended"].count(5) == 1
    assert [e["quarter"] for e in ends if e["event"] == "late"] == ["FY2010Q2"]


def test_two_books_of_one_name_never_take_each_others_place(tmp_path: Path) -> None:
    history = History(tmp_path)
    other = History(tmp_path / "else")
    for one in (history, other):
        one.export("2009-07-31", name="book")  # no name but the folder's
    history.run("2009-07-31", "--notebook", "10-one")
    history.run("2009-07-31", "--notebook", "10-one", book=other.book)
    assert len({n.partition("-FY")[0] for n in history.packs}) == 2


def test_a_name_keeps_its_day_when_the_fiscal_year_moves(tmp_path: Path) -> None:
    history = History(tmp_path)
    book = fpp.load_book(history.book)
    asked = Asked(Parameters("b", "2009-06-30"), "FY2010Q1", history.out, book="book")
    pack = history.out / "book-FY2010Q1"
    pack.mkdir(parents=True)
    said = {"parameters": {"as_of": "2009-06-30"}}
    (pack / "MANIFEST.json").write_text(json.dumps(said), encoding="utf-8")
    assert standing.placed(asked) == asked
    moved = Asked(Parameters("b", "2010-03-31"), "FY2010Q1", history.out, book="book")
    assert standing.placed(moved).name == "book-FY2010Q1-2010-03-31"
    # with the year's end in December every quarter since that first day is wanted
    history.export("2010-04-15", month=12)
    december = fpp.load_book(history.book)
    assert standing.closed(moved, december, "") == ["FY2009Q2", "FY2009Q3", "FY2009Q4", "FY2010Q1"]
    assert standing.closed(asked, book, "FY2010Q1") == ["FY2010Q1"]


@pytest.mark.parametrize(
    "manifest",
    ["", "[]", "{", "[" * 100_000, '{"parameters": ["a"]}', '{"parameters": null}',
     '{"parameters": {"as_of": "zzz"}}', '{"parameters": {"as_of": 7}}', None],
)  # fmt: skip
def test_a_pack_that_cannot_be_read_stands_for_no_quarter(
    tmp_path: Path, manifest: str | None
) -> None:
    pack = tmp_path / "book-FY2010Q1"
    pack.mkdir()
    if manifest is None:
        os.mkfifo(pack / "MANIFEST.json")
    else:
        (pack / "MANIFEST.json").write_text(manifest, encoding="utf-8")
    assert standing.Standing.at(pack) is None
    asked = Asked(Parameters("b", "2009-06-30"), "FY2010Q1", tmp_path, book="book")
    # its name still says from when on quarters are due
    assert standing.first(asked, FiscalCalendar(3)) == "2009-06-30"


def test_a_quarter_that_is_still_to_come_is_said(tmp_path: Path) -> None:
    history = History(tmp_path)
    said = history.run("2009-08-05", "--since", "FY2011Q1")
    assert "FY2011Q1 has not closed; nothing to do" in said
    assert not history.packs
