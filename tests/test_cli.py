"""The command line, run for real: every table in every form, and every way to be wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
from pathlib import Path

import click
import pytest

from fpp_analysis import export, queries
from fpp_analysis.cli import COMMANDS, cli, main
from fpp_analysis.errors import EXIT_CODES
from fpp_analysis.listed import listed
from tests import books
from tests.command import FPP, process, run

SETTINGS = """\
name = "Small book"
data_cut_off = 2010-12-31
synthetic = true

[scopes]
"C200 and C1000 Series" = { series = ["C200", "C1000 Series"] }
"""
# K-1 earns 1.00 a day from 1 April 2009 for 365 days; K-2 2.00 a day in euro; K-3 renews K-1.
CONTRACTS = """\
contract_id,customer,region,vertical,signed_on,starts_on,term_months,contract_value,currency,\
renews_contract_id
K-1,Acme,Europe,CHP,2009-03-15,2009-04-01,12,365.00,USD,
K-2,Borg,Europe,renewable,2009-05-01,2009-05-01,12,730.00,EUR,
K-3,Acme,Asia,CHP,2010-03-20,2010-04-01,12,730.00,,K-1
"""
FLEET = """\
serial_number,model,rated_kw,shipped_on,commissioned_on,retired_on,region
M-1,C200,200,2009-01-10,2009-02-01,,Europe
M-2,C1000,1000,2009-01-10,2009-02-01,,Europe
M-3,C65,65,2009-01-10,,,Asia
"""
UNITS = "contract_id,serial_number\nK-1,M-1\nK-2,M-2\n"
RATES = """\
date,currency,rate
2008-06-30,EUR,1.5
2009-03-31,EUR,1.5
2009-04-30,EUR,1.25
2009-06-30,EUR,1.5
2010-06-30,EUR,1.5
"""
REFERENCES = """\
as_of,metric,scope,value,unit,kind,source
2009-06-30,backlog,,1200,USD,ledger,trial balance
"""


def write_book(folder: Path, **files: str) -> Path:
    folder.mkdir()
    tables = {
        "book.toml": SETTINGS,
        "contracts.csv": CONTRACTS,
        "fleet.csv": FLEET,
        "contract_units.csv": UNITS,
        "fx_rates.csv": RATES,
        "reference_values.csv": REFERENCES,
    }
    for name, text in {**tables, **files}.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def book(tmp_path_factory) -> Path:
    return write_book(tmp_path_factory.mktemp("cli") / "book")


RANGE = ("--from", "2009-04-30", "--to", "2009-06-30")
AS_OF = ("--as-of", "2009-06-30")
OPTIONS = {
    name: {("as_of",): AS_OF, ("start", "end"): RANGE, ("as_of", "start", "end"): (*AS_OF, *RANGE),
           (): ()}[query.needs]
    for name, query in queries.QUERIES.items()
}  # fmt: skip
# what the small book does not state, of each measure that rests on it
WARNED = {
    "rpo": "warning: cancellable: the book does not state contracts.notice_days\n",
    "receivables": "warning: receivables, dso, days_1_30, days_31_60, days_61_90, over_90: "
    "the book does not state invoices\n",
    "collections": "warning: invoiced, billing_gap: the book does not state invoices; "
    "received, collection_gap: the book does not state receipts\n",
}
# what the small book has none of: a termination, an overdue invoice, a ledger's revenue
OF_SAMPLE = {"churn": ("--from", "2010-03-31", "--to", "2011-03-31"),
             "overdue": ("--as-of", "2011-03-31"),
             "overdue-contracts": ("--as-of", "2011-03-31"),
             "tie-out-explained": ("--as-of", "2011-03-31")}  # fmt: skip


def asked(measure: str, book: Path) -> tuple[object, ...]:
    """A query with its options, of the small book or of the sample."""
    where = "sample" if measure in OF_SAMPLE else book
    return "table", measure, "--book", where, *OF_SAMPLE.get(measure, OPTIONS[measure])


# -- the tables ------------------------------------------------------------------------------


# what needs more quarters, plans or faults than the small book has
WITHOUT_ROWS = {"forecast-test", "forecast-history", "forecast-chances"}
WITH_ROWS = [name for name in queries.QUERIES if name not in WITHOUT_ROWS]


@pytest.mark.parametrize("measure", WITH_ROWS)
def test_every_measure_says_the_same_in_its_three_forms(measure, book):
    said = {form: run(*asked(measure, book), "--format", form) for form in export.WRITERS}
    warned = WARNED.get(measure, "")
    assert {(done.returncode, done.stderr) for done in said.values()} == {(0, warned)}
    table = said["csv"].stdout
    assert not re.search(r"\b(nan|NaT|None)\b", table)
    assert len({len(row) for row in csv.reader(io.StringIO(table))}) == 1
    rows = list(csv.DictReader(io.StringIO(table)))
    assert rows, "no rows"
    objects = json.loads(said["json"].stdout, parse_float=str, parse_int=str)
    flat = [
        {k: "" if v is None else str(v).lower() if isinstance(v, bool) else v
         for k, v in row.items()}
        for row in objects
    ]  # fmt: skip
    assert flat == rows
    lines = said["text"].stdout.splitlines()
    assert lines[0].split() == list(rows[0])
    assert len(lines) == len(rows) + 1


@pytest.mark.parametrize("measure", ["backlog", "tie-out", "tie-out-explained"])
def test_a_fresh_process_says_the_same_and_finds_what_is_imported_late(measure, book):
    line = (*asked(measure, book), "--format", "csv")
    done, here = process(*line), run(*line)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", here.stdout)


def test_the_small_book_by_hand(book):
    done = run("table", "backlog", "--book", book, "--as-of", "2009-04-30", "--by", "currency",
               "--as-of", "2009-06-30", "--format", "csv")  # fmt: skip
    # K-1: 365 − 30 days, then 365 − 91. K-2 from its signature: (730 − 2 × 61) × 1.5.
    assert done.stdout == (
        "as_of,currency,backlog\n"
        "2009-04-30,EUR,0.00\n"
        "2009-04-30,USD,335.00\n"
        "2009-06-30,EUR,912.00\n"
        "2009-06-30,USD,274.00\n"
    )


def test_a_part_and_an_earlier_clock(book):
    line = ("table", "backlog", "--book", book, *AS_OF, "--format", "csv")
    code, out, _ = run(*line, "--part", "vertical=CHP")
    assert (code, out) == (0, "as_of,backlog\n2009-06-30,274.00\n")
    code, out, _ = run(*line, "--as-known", "2009-04-01")
    assert (code, out) == (0, "as_of,backlog\n2009-06-30,274.00\n")


def test_an_empty_result_says_so_and_a_date_too_late_is_warned_of(book):
    done = run("table", "expiries", "--book", book, "--as-of", "2040-01-01")
    assert done.returncode == 0
    assert "(no rows)" in done.stdout or len(done.stdout.splitlines()) >= 1
    assert "2040-01-01 is after 2010-12-31, through whose close" in done.stderr


@pytest.mark.parametrize(
    ("measure", "columns", "why"),
    [
        ("rollforward", "new, renewed", "contracts.renews_contract_id"),
        ("acv-bridge", "gross_retention, net_retention", "contracts.renews_contract_id"),
        ("renewals", "rate_acv, uplift", "contracts.renews_contract_id"),
        ("renewals", "expired_kw", "fleet.rated_kw"),
        ("rpo", "cancellable", "contracts.notice_days"),
        ("coverage", "in_operation, covered", "fleet"),
        ("backlog", "", ""),
    ],
)
def test_what_a_source_does_not_state_is_said_once_as_the_metrics_say_it(
    tmp_path, measure, columns, why
):
    """The numbers stand, on standard output alone; a source that states it all says nothing."""
    bare = books.write(tmp_path / "bare", contracts=[{}])
    for name in ("fleet", "contract_units"):
        (bare / f"{name}.csv").unlink()
    whole = books.write(
        tmp_path / "whole",
        contracts=[{"renews_contract_id": "", "notice_days": ""}],
        fleet=[{}],
    )
    when = AS_OF if measure in ("backlog", "rpo", "coverage") else RANGE
    said = run("table", measure, "--book", bare, *when)
    assert (said.returncode, "the book" in said.stdout) == (0, False)
    assert run("table", measure, "--book", whole, *when).stderr == ""
    lines = said.stderr.splitlines()
    assert len(lines) == bool(why)
    if why:
        told = dict(part.rsplit(": the book does not state ", 1)[::-1]
                    for part in lines[0].removeprefix("warning: ").split("; "))  # fmt: skip
        assert columns in told[why]


def test_text_is_for_people(book):
    _, out, _ = run("table", "coverage", "--book", book, *AS_OF)
    assert "100.0%" in out
    assert "1,200" in out  # kW in operation


@pytest.mark.parametrize(
    ("currency", "value", "shown"),
    [("USD", "1200.5", "1,200.50"), ("JPY", "1200", "1,200"), ("KWD", "1200.5", "1,200.500")],
)
def test_money_has_the_decimals_of_the_currency_reported_in(currency, value, shown, tmp_path):
    settings = books.SETTINGS.replace("USD", currency)
    book = str(books.write(tmp_path, settings=settings, contracts=[{"contract_value": value}]))
    _, out, _ = run("table", "backlog", "--book", book, "--as-of", "2009-01-31")
    assert out.split()[-1] == shown
    _, out, _ = run("table", "metrics", "--book", book, "--as-of", "2009-01-31")
    assert any(f" {shown}  {currency} " in line for line in out.splitlines())


# -- help ------------------------------------------------------------------------------------


def commands() -> list[str]:
    return cli.list_commands(click.Context(cli))


def test_all_documented_commands_exist():
    assert commands() == list(COMMANDS)


def test_what_a_command_takes_is_listed_for_each_and_for_no_other():
    lists = listed("commands", "options.toml")
    assert lists.keys() - {"shared"} == {*COMMANDS}
    named = {one for said in lists.values() for one in said.get("takes", ()) if one == str(one)}
    assert named == lists["shared"].keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_with_an_example(name):
    if name not in commands():
        pytest.fail(f"fpp {name} does not exist")
    code, out, _ = run(name, "--help")
    assert code == 0
    examples = re.findall(r"fpp " + name + r"\b[^\n]*", out.split("Example", 1)[1])
    assert examples
    command = cli.get_command(click.Context(cli), name)
    known = {option for p in command.params for option in p.opts}
    for line in examples:
        assert set(re.findall(r"(?<=\s)--[\w-]+", line)) <= known, line
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.opts}: what is it for?"


def test_help_lists_the_measures_that_exist():
    listed = cli.get_command(click.Context(cli), "table").help.split("\b\n")[1]
    assert sorted(listed.split()) == sorted(queries.QUERIES)


def test_the_program_starts_and_knows_its_version():
    done = process("--version")
    assert re.fullmatch(r"fpp, version \d+\.\d+\.\d+\n", done.stdout)
    assert process("--help").returncode == 0


# -- what is wrong with the command ------------------------------------------------------------

WRONG = {
    "a misspelt command": (("tabel",), "table"),
    "a misspelt measure": (("table", "backlgo", *AS_OF), "backlog"),
    "a misspelt option": (("table", "backlog", "--as-off", "2009-06-30"), "--as-of"),
    "no date": (("table", "backlog"), "--as-of is needed"),
    "an option of another measure": (("table", "backlog", *AS_OF, "--scope", "x"), "--scope"),
    "a date that is none": (("table", "backlog", "--as-of", "2009-02-30"), "2009-02-30"),
    "a date of another form": (("table", "backlog", "--as-of", "30.6.2009"), "YYYY-MM-DD"),
    "two dates where one is taken": (("table", "metrics", *AS_OF, *AS_OF), "one --as-of"),
    "a form that is none": (("table", "backlog", *AS_OF, "--format", "xml"), "json"),
    "a length that is none": (("table", "cash", *RANGE, "--every", "week"), "month"),
    "a part that is none": (("table", "backlog", *AS_OF, "--part", "Europe"), "column=value"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_command_is_refused_before_a_book_is_read(case):
    """With the near name or the form wanted; the book named here does not exist."""
    arguments, hint = WRONG[case]
    book = ("--book", "/nowhere") if arguments[0] == "table" else ()
    code, out, err = run(*arguments, *book)
    assert (code, out) == (64, "")
    assert hint in err
    assert err.startswith("error: ")
    assert "Traceback" not in err


def test_wrong_names_inside_the_book_are_refused_with_what_there_is(book):
    code, _, err = run("table", "backlog", "--book", book, *AS_OF, "--by", "regoin")
    assert code == 64
    assert "region" in err
    code, _, err = run("table", "coverage", "--book", book, *AS_OF, "--scope", "C200")
    assert code == 64
    assert "C200 and C1000 Series" in err
    code, _, err = run("table", "cash", "--book", book, "--from", "2009-06-30", "--to",
                       "2009-04-30")  # fmt: skip
    assert code == 64
    line = ("table", "backlog", "--book", book, *AS_OF)
    code, _, err = run(*line, "--part", "planet=x")
    assert code == 64
    assert "planet" in err


# -- what is wrong with the data ---------------------------------------------------------------


def test_a_book_that_is_not_there(tmp_path):
    done = run("table", "backlog", "--book", tmp_path / "gone", *AS_OF)
    assert (done.returncode, done.stdout) == (66, "")
    assert "gone" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_book_with_faults_names_every_place(tmp_path):
    contracts = CONTRACTS.replace("365.00", "365.001").replace("2009-05-01,12", "2009-05-32,12")
    folder = write_book(tmp_path / "book", **{"contracts.csv": contracts})
    done = run("table", "backlog", "--book", folder, *AS_OF)
    assert (done.returncode, done.stdout) == (65, "")
    places = re.findall(r"contracts\.csv[^\n]*", done.stderr)
    assert any("contract_value" in p and ":2" in p.replace(" line ", ":") for p in places)
    assert any("starts_on" in p and ":3" in p.replace(" line ", ":") for p in places)
    assert "Traceback" not in done.stderr


def test_a_currency_without_a_rate(tmp_path):
    folder = write_book(tmp_path / "book", **{"fx_rates.csv": "date,currency,rate\n"})
    done = run("table", "backlog", "--book", folder, *AS_OF)
    assert (done.returncode, done.stdout) == (65, "")
    assert "EUR" in done.stderr
    assert "2009-06-30" in done.stderr


def test_a_date_before_the_first_contract_is_a_true_zero(book):
    done = run("table", "backlog", "--book", book, "--as-of", "2001-01-01", "--format", "csv")
    assert (done.returncode, done.stdout) == (0, "as_of,backlog\n2001-01-01,0.00\n")


# -- what is wrong with the machine ------------------------------------------------------------


def writing_to(stream: object, book: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [FPP, "table", "segments", "--book", str(book)],
        stdout=stream, stderr=subprocess.PIPE, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_a_closed_output_ends_with_its_code(book):
    read, write = os.pipe()
    os.close(read)
    done = writing_to(write, book)
    os.close(write)
    assert done.returncode == 74
    assert "could not be written" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_ends_with_its_code(book):
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = writing_to(full, book)
    assert done.returncode == 74
    assert "Traceback" not in done.stderr


def test_an_internal_fault_is_told_apart(book, monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr(queries.Query, "run", broken)
    code, out, err = run("table", "backlog", "--book", book, *AS_OF)
    assert (code, out) == (70, "")
    assert "fault of the program" in err
    assert "of all things" in err
    monkeypatch.setenv("FPP_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["table", "backlog", "--book", str(book), *AS_OF])


def test_an_interruption_ends_with_its_code(book, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(queries.Query, "run", interrupted)
    code, _, err = run("table", "backlog", "--book", book, *AS_OF)
    assert code == 130
    assert EXIT_CODES[130] in err


def test_output_does_not_depend_on_the_locale(book):
    line = ("table", "metrics", "--book", book, *AS_OF, "--format", "csv")
    elsewhere = {"LC_ALL": "C", "PYTHONIOENCODING": "", "TZ": "Asia/Tokyo"}
    assert process(*line, **elsewhere).stdout == run(*line).stdout
