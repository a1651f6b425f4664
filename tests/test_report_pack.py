"""A pack made for real by the command line: complete, the same everywhere, verifiable."""

from __future__ import annotations

import csv
import hashlib
import html
import json
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from fpp_analysis import evidence
from fpp_analysis.context import Context
from fpp_analysis.display.objects import rows_evidence
from fpp_analysis.loading import data_folder
from fpp_analysis.measures.backlog import backlog
from fpp_analysis.measures.contracts import contracts
from fpp_analysis.metrics import figure
from fpp_analysis.report import contract_sheet
from fpp_analysis.report.shown import WHERE
from tests.command import process, run
from tests.small_notebooks import write_notebook

SETUP = """\
import fpp_analysis as fpp
from fpp_analysis import charts, display, evidence, wording
from fpp_analysis.context import Context
ctx = Context.of(book, as_of=as_of, compare_to=compare_to, as_known=as_known,
                 part=part)"""
TABLE = """\
moves = fpp.rollforward(ctx.book, start=ctx.compare_to, end=ctx.as_of, by="region")
display.Table(moves, id="moves", title="Movements by region", context=ctx,
              query=evidence.query_line(ctx.book, "rollforward", start=ctx.compare_to,
                                        end=ctx.as_of, by="region"))"""
CHART = """\
backlog = fpp.backlog(ctx.book, as_of=ctx.history, by="vintage")
display.Figure(charts.backlog_by_vintage, backlog, id="vintages", title="Backlog", context=ctx,
               unit="USD million", calendar=ctx.book.calendar, currency="USD")"""
KEYS = 'display.KeyFigures(wording.key_figures(ctx), id="keys", title="Key", context=ctx)'
END = 'display.Finished("0 = 0", context=ctx)'
PACK = "sample-2009-11-30-only-10-one-20-two"
DATES = ("--as-of", "2009-11-30", "--compare-to", "2009-05-31")


@pytest.fixture(scope="module")
def notebooks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notebooks")
    write_notebook(folder / "10-one.ipynb", SETUP, "## Keys", KEYS, "## Chart", CHART, end=END)
    write_notebook(folder / "20-two.ipynb", SETUP, "## Moves", TABLE, "## None", "x = 1", end=END)
    return folder


def arguments(notebooks: Path, out: Path, *more: object) -> list[object]:
    names = ("--notebook", "10-one", "--notebook", "20-two")
    return ["report", "--out", out, "--notebooks", notebooks, *names, *more]


@pytest.fixture(scope="module")
def made(notebooks: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out: Path = tmp_path_factory.mktemp("made")
    log = out / "run.jsonl"
    done = process(*arguments(notebooks, out, *DATES, "--jobs", 2, "--log", log),
                   TZ="Pacific/Apia", PYTHONHASHSEED="1",
                   SECRET_OF_MINE="tiger-in-the-tank")  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert f"{out / PACK}: " in done.stdout
    assert "10-one: 6 cells" in done.stdout
    return out


def content(pack: Path) -> dict[str, str]:
    return {
        p.relative_to(pack).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(pack.rglob("*"))
        if p.is_file()
    }


def test_the_pack_is_complete(made: Path) -> None:
    pack = made / PACK
    assert set(content(pack)) == {
        "index.html", "pack.html", "pack.pdf", "10-one.html", "10-one.pdf", "20-two.html",
        "20-two.pdf", "workbook.xlsx", "slides.pptx", "figures.csv", "MANIFEST.json",
        "tables/20-two--moves.csv",
        "charts/10-one--vintages.csv", "charts/10-one--vintages.svg", "charts/10-one--vintages.png",
    }  # fmt: skip
    index = (pack / "index.html").read_text(encoding="utf-8")
    for link in ("10-one.html", "20-two.pdf", "pack.html", "workbook.xlsx", "figures.csv"):
        assert f'href="{link}"' in index
    assert ">None</a></h2>" not in (pack / "20-two.html").read_text(encoding="utf-8")


def test_the_manifest_says_what_made_it_and_nothing_of_the_machine(made: Path) -> None:
    text = (made / PACK / "MANIFEST.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest["parameters"] == {
        "as_of": "2009-11-30", "compare_to": "2009-05-31", "as_known": "", "part": "",
        "edition": "inside",
    }  # fmt: skip
    assert {"contracts", "fleet", "settings"} <= set(manifest["inputs"])
    assert {"python", "pandas", "typst", "code"} <= set(manifest["versions"])
    assert set(manifest["notebooks"]) == {"10-one", "20-two"}
    assert "SYNTHETIC DATA" in manifest["stamp"]
    for secret in (str(made), str(Path.home()), "tiger-in-the-tank", str(Path(sys.prefix))):
        assert secret not in text


def test_the_run_is_logged_a_json_object_a_line(made: Path) -> None:
    log = made / "run.jsonl"
    assert log.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    events = [line["event"] for line in lines]
    assert events[0] == "started"
    assert events[-1] == "ended"
    assert lines[-1]["exit"] == 0
    assert events.count("report") == 2
    assert all(line["time"].endswith("+00:00") for line in lines)


def test_the_same_book_gives_the_same_bytes_elsewhere(
    made: Path, notebooks: Path, tmp_path: Path
) -> None:
    """Another zone, locale, seed, home, folder, number of jobs, and the rows upside down."""
    book = tmp_path / "book"
    shutil.copytree(data_folder("sample"), book)
    for path in book.glob("*.csv"):
        first, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text(first + "".join(reversed(rows)), encoding="utf-8")
    out = tmp_path / "a b" / "é"
    done = process(*arguments(notebooks, out, *DATES, "--jobs", 1, "--book", book), TZ="UTC",
                   PYTHONHASHSEED="2", LC_ALL="C", HOME=str(tmp_path / "home"))  # fmt: skip
    assert done.returncode == 0, done.stderr
    here, there = out / PACK.replace("sample", "book"), made / PACK
    one, two = ((p / "MANIFEST.json").read_text(encoding="utf-8") for p in (here, there))
    assert one == two
    assert content(here) == content(there)


def test_a_part_is_verified_too(tmp_path: Path) -> None:
    """Figures of a part, and a figure that stands in the table of a query."""
    cell = """\
from fpp_analysis.evidence import Evidence
share = fpp.terms(ctx.book, as_of=ctx.as_of).iloc[0]
one = Evidence("share-x", "term_share", share["term_band"], "", ctx.as_of, share["share"],
               "fraction", evidence.query_line(ctx.book, "terms", as_of=ctx.as_of))
display.Prose([[wording.Number("x", one)]], id="share")"""
    write_notebook(tmp_path / "40-x.ipynb", SETUP, KEYS, cell, end=END)
    done = run("report", *DATES, "--part", "region=Europe", "--out",
               tmp_path, "--notebooks", tmp_path, "--notebook", "40-x")  # fmt: skip
    assert done.returncode == 0, done.stderr
    done = run("verify", tmp_path / "sample-2009-11-30-region-Europe-only-40-x", "--book", "sample")
    assert (done.returncode, done.stderr) == (0, "")
    assert "not compared" not in done.stdout


def test_a_pack_is_verified_and_every_change_is_found(made: Path, tmp_path: Path) -> None:
    pack = made / PACK
    done = run("verify", pack, "--book", "sample")
    assert (done.returncode, done.stderr) == (0, "")
    assert "15 files" not in done.stdout
    assert "14 files as published; 10 inputs unchanged" in done.stdout
    changed = tmp_path / "changed"
    shutil.copytree(pack, changed)
    figures = changed / "figures.csv"
    text = figures.read_text(encoding="utf-8-sig")
    row = next(line for line in text.splitlines() if line.startswith("backlog-2009-11-30,"))
    figures.write_text(text.replace(row, row.replace(",USD,", "1,USD,")), encoding="utf-8")
    (changed / "10-one.pdf").unlink()
    (changed / "extra.txt").write_text("x", encoding="utf-8")
    done = run("verify", changed, "--book", "sample")
    assert done.returncode == 65
    for said in ("figures.csv: was changed", "10-one.pdf: is missing", "extra.txt: is not in",
                 "figure backlog-2009-11-30: "):  # fmt: skip
        assert said in done.stderr
    other = tmp_path / "book"
    shutil.copytree(data_folder("sample"), other)
    fleet = other / "fleet.csv"
    lines = fleet.read_text(encoding="utf-8").splitlines(keepends=True)
    fleet.write_text("".join(lines[:-1]), encoding="utf-8")
    done = run("verify", pack, "--book", other)
    assert done.returncode == 65
    assert "input fleet: " in done.stderr
    assert run("verify", tmp_path / "nowhere").returncode == 66


@pytest.mark.parametrize(
    ("more", "code", "said"),
    [
        (["--as-of", "2009-11-31"], 64, "2009-11-31"),
        (["--quarter", "FY2010Q5"], 64, "FY2010Q5"),
        (["--as-of", "2009-11-30", "--compare-to", "2009-12-31"], 64, "not before"),
        (["--as-of", "2009-11-30", "--part", "regoin=Europe"], 64, "no column 'regoin'"),
        (["--as-of", "2009-11-30", "--edtion", "outside"], 64, "--edition"),
        (["--as-of", "2009-11-30", "--book", "/nowhere/at/all"], 66, "no such book"),
        (["--as-of", "2009-11-30", "--notebook", "10-backlog-grwth"], 64, "10-backlog-growth"),
    ],
)
def test_a_bad_request_starts_nothing(
    tmp_path: Path, more: list[str], code: int, said: str
) -> None:
    done = run("report", "--out", tmp_path / "out", *more)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_failure_leaves_the_earlier_pack(made: Path, notebooks: Path, tmp_path: Path) -> None:
    before = content(made / PACK)
    write_notebook(tmp_path / "10-one.ipynb", "1 / 0")
    shutil.copy(notebooks / "20-two.ipynb", tmp_path)
    log = tmp_path / "run.jsonl"
    done = run(*arguments(tmp_path, made, *DATES, "--log", log))
    assert done.returncode == 73
    assert done.stderr.startswith("error: 10-one: code cell 3 of 4")
    assert content(made / PACK) == before
    assert [p.name for p in made.iterdir() if ".stage" in p.name or ".lock" in p.name] == []
    last: dict[str, Any] = json.loads(log.read_text(encoding="utf-8").splitlines()[-1])
    assert (last["event"], last["exit"]) == ("ended", 73)


def test_the_latest_quarter_is_made_once(notebooks: Path, tmp_path: Path) -> None:
    one = ["report", "--out", tmp_path, "--notebooks", notebooks, "--notebook", "20-two"]
    when = ("--quarter", "latest", "--today", "2012-04-20")
    done = run(*one, *when)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "sample-FY2012Q4-only-20-two" / "20-two.html").is_file()
    again = run(*one, *when)
    assert (again.returncode, "is there already" in again.stdout) == (0, True)


def test_before_the_first_contract_the_pack_is_true_and_empty(tmp_path: Path) -> None:
    done = run("report", "--as-of", "2005-06-30", "--out", tmp_path, "--notebook",
               "10-backlog-growth")  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = (
        tmp_path / "sample-2005-06-30-only-10-backlog-growth" / "10-backlog-growth.html"
    ).read_text(encoding="utf-8")
    assert "no contract" in text.lower()


def test_an_unchanged_book_does_not_differ_from_its_pack(made: Path, tmp_path: Path) -> None:
    done = run("diff", made / PACK, "sample")
    assert done.returncode == 0, done.stderr
    assert ": 0 of " in done.stdout
    assert ": 0 of 0" not in done.stdout
    changed = tmp_path / "pack"
    shutil.copytree(made / PACK, changed)
    figures = changed / "figures.csv"
    text = figures.read_text(encoding="utf-8-sig")
    assert ",rows," in text  # how many rows stand behind a table: no figure, so not compared
    row = next(line for line in text.splitlines() if line.startswith("backlog-2009-11-30,"))
    figures.write_text(text.replace(row, row.replace(",USD,", "1,USD,")), encoding="utf-8")
    assert ": 1 of " in run("diff", changed, "sample").stdout


def test_every_printed_command_runs_as_pasted(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (made / PACK / "figures.csv").open(encoding="utf-8-sig") as file:
        lines = {row["query"] for row in csv.DictReader(file)}
    monkeypatch.chdir(data_folder("sample"))
    assert len(lines) > 3
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "fpp"
        done = run(*words)
        assert done.returncode == 0, done.stderr
    for page in ("10-one", "20-two"):
        text = (made / PACK / f"{page}.html").read_text(encoding="utf-8")
        assert WHERE in html.unescape(text)


def test_a_long_sheet_of_contracts_keeps_the_largest_and_sums_up_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(contract_sheet, "MOST", 7)
    ctx = Context.of("sample", as_of="2009-11-30")
    figures = [evidence.figure(ctx.book, name, as_of=ctx.as_of) for name in ("backlog", "acv")]
    rows = backlog(ctx.book, as_of=ctx.as_of, by="region")
    counted = rows_evidence("by-region", rows, ctx, metric="backlog", query="fpp table backlog")
    some = contract_sheet.parts_of(ctx, [*counted, *figures])
    assert some
    assert some.figures == tuple(figures), "how many rows a table has is no sum over contracts"
    assert (len(some.labels), [len(part) for part in some.parts]) == (7, [8, 8])
    parts = figure(ctx.book, "backlog", as_of=ctx.as_of).rows
    largest = parts.set_index("contract_id").iloc[:, 0].nlargest(7)
    assert set(some.labels["contract_id"]) == set(largest.index)
    for part, one in zip(some.parts, figures, strict=True):
        assert round(float(np.nansum(part)), 2) == round(one.value, 2)
    assert some.others == len(contracts(ctx.book, as_of=ctx.as_of)) - 7


def test_each_contract_has_its_part_of_every_figure_and_the_sums_tie(made: Path) -> None:
    path = made / PACK / "workbook.xlsx"
    values = openpyxl.load_workbook(path, data_only=True)
    formulas, figures = openpyxl.load_workbook(path)["Contracts"], values["Figures"]
    sheet = values["Contracts"]
    heads = [cell.value for cell in sheet[8]]
    first = 1 + next(i for i, head in enumerate(heads) if ", 30 Nov 2009" in str(head))
    assert len(heads) - first >= 5
    assert len({row[0].value for row in sheet.iter_rows(min_row=9)}) == sheet.max_row - 8 > 150
    for column in range(first, len(heads) + 1):
        letter = openpyxl.utils.get_column_letter(column)
        parts = [sheet.cell(row, column).value or 0 for row in range(9, sheet.max_row + 1)]
        tied = formulas[f"{letter}5"].value
        assert tied.startswith("=Figures!F")
        assert round(sum(parts), 2) == round(figures[tied[9:]].value, 2), heads[column - 1]
        assert sheet[f"{letter}5"].value == figures[tied[9:]].value
        assert formulas[f"{letter}4"].value == f"=SUM({letter}9:{letter}{sheet.max_row})"
        assert formulas[f"{letter}6"].value == f"=ROUND({letter}4-{letter}5,2)"
        assert sheet[f"{letter}6"].value == 0
