"""`fpp check` from outside: faults in three forms, control totals, rows set aside, exit codes."""

from __future__ import annotations

import json
import stat
import warnings
from pathlib import Path

import pytest

import fpp_analysis as fpp
from fpp_analysis.aside import Limits
from fpp_analysis.cli import main
from fpp_analysis.errors import DataError
from fpp_analysis.loading import from_snapshot
from tests.fault_cases import cell, content, edited, rows_of, settings, write_csv, write_workbook


@pytest.fixture
def check(capsys, monkeypatch, tmp_path):
    """The command line in this process, in an empty folder: exit code, output, errors."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)  # put back at the end

    def run(*arguments):
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            with pytest.raises(SystemExit) as stop:
                main(["check", *map(str, arguments)])
        out = capsys.readouterr()
        assert "Traceback" not in out.err
        return int(stop.value.code or 0), out.out, out.err

    return run


def two_bad_rows(rows):
    """One contract with a bad amount (it has a machine and an amendment), one bad machine date."""
    rows["contracts"][0]["contract_value"] = "125,000.00"
    rows["contracts"][2]["term_months"] = "three"


@pytest.fixture
def book(tmp_path):
    return write_csv(tmp_path / "book", rows_of())


def test_a_good_book_has_its_totals(book, check):
    code, out, err = check(book)
    assert (code, err.count("F9")) == (0, err.count("F901"))
    lines = [" ".join(line.split()) for line in out.splitlines()]
    for line in (
        "contracts 3",
        "contracts EUR 125,000.00",
        "contracts USD 588,000.00",
        "amendments EUR 6,000.00",
        "in the fleet 3 1,265 kW",
        "ever under a contract 3",
    ):
        assert line in lines
    assert any("ledger revenue 2009-12-31: 60,000.00 given" in line for line in lines)


def test_faults_are_lines_that_an_editor_can_follow(tmp_path, check):
    path = edited(two_bad_rows)(tmp_path / "book")
    code, out, err = check(path)
    assert code == 65
    assert out.startswith("how it was read\n  contracts: contracts.csv 3 rows\n")
    assert err.splitlines() == [
        "contracts.csv:2: contract_value: error F102: '125,000.00' is not a plain decimal number "
        '(write 125000.00; or declare in book.toml: thousands = ",") [contract K-0001]',
        "contracts.csv:4: term_months: error F104: 'three' is not a whole number "
        "(write digits only) [contract K-0003]",
        "error: 2 faults in 2 of 27 rows; the book was refused and nothing was published (exit 65)",
    ]


def test_faults_of_a_workbook_name_the_cell(tmp_path, check):
    path = write_workbook(
        tmp_path / "book.xlsx", rows_of(), lambda _, s: s["contracts"].write("L2", "125,000.00")
    )
    code, _, err = check(path)
    assert code == 65
    assert err.startswith("book.xlsx[contracts]!L2: contract_value: error F102: '125,000.00'")


def test_faults_as_json(tmp_path, check):
    code, out, err = check(edited(two_bad_rows)(tmp_path / "book"), "--format", "json")
    state = json.loads(out)
    assert (code, state["exit"], err, state["more"]) == (65, 65, "", 0)
    assert [(f["rule"], f["place"], f["severity"]) for f in state["faults"]] == [
        ("F102", "contracts.csv:2", "error"),
        ("F104", "contracts.csv:4", "error"),
    ]
    code, out, _ = check(write_csv(tmp_path / "good", rows_of()), "--format", "json")
    state = json.loads(out)
    assert (code, state["rows"]["contracts"], state["money"]["contracts"]["EUR"]) == (0, 3, 125000)
    assert {row["metric"] for row in state["tie_out"]} == {"backlog", "billings", "revenue"}


def test_faults_as_annotations(tmp_path, check):
    path = edited(two_bad_rows)(tmp_path / "book")
    code, out, _ = check(path, "--format", "github")
    assert code == 65
    assert out.splitlines()[0] == (
        f"::error file={path}/contracts.csv,line=2,title=F102 not a plain decimal number::"
        "contracts.csv:2: contract_value: '125,000.00' is not a plain decimal number "
        "(write 125000.00) [contract K-0001]"
    )


def test_what_a_file_says_is_shown_escaped(tmp_path, check):
    evil = "\x1b[31m\u202e\n::error::"
    path = cell("contracts", 0, "signed_on", evil)(tmp_path / "book")
    for form in ("text", "json", "github"):
        _, out, err = check(path, "--format", form)
        assert not {"\x1b", "\u202e"} & set(out + err)
        assert "\n::error::" not in out + err


def test_a_hundred_faults_are_enough(tmp_path, check):
    rows = rows_of()
    rows["fleet"] += [
        {**rows["fleet"][0], "serial_number": f"S-{i}", "rated_kw": "?"} for i in range(130)
    ]
    code, _, err = check(write_csv(tmp_path / "book", rows))
    lines = err.splitlines()
    assert (code, len(lines)) == (65, 105)
    assert lines[1].startswith("130 × fleet.csv:5: rated_kw: error F102: '?'")
    assert lines[-2] == "… and 30 more"
    assert lines[-1].startswith("error: 130 faults in 130 of 157 rows")


def test_settings_have_a_code_of_their_own(tmp_path, check):
    code, _, err = check(settings("month = 3", "month = 13")(tmp_path / "book"))
    assert code == 78
    assert "book.toml: fiscal_year_end_month: error F602: '13' is not a month" in err
    path = content("book.toml", lambda d: d + b"= broken")(tmp_path / "toml")
    code, _, err = check(path)
    assert (code, "book.toml: is not TOML" in err) == (78, True)


def test_a_book_that_is_not_there(tmp_path, check):
    assert check(tmp_path / "gone")[0] == 66
    assert check("postgresql://ann:secret@127.0.0.1:1/book")[0] == 69


def test_a_reference_value_that_cannot_be_computed(tmp_path, check):
    path = cell("reference_values", 0, "metric", "backlogg")(tmp_path / "book")
    code, _, err = check(path)
    assert (code, "did you mean 'backlog'?" in err) == (65, True)


def test_warnings_are_told_apart_and_weighed_in_money(tmp_path, check):
    code, out, err = check(cell("contracts", 1, "country", "UK")(tmp_path / "book"))
    assert code == 0
    assert "contracts.csv:3: country: warning F904: 'UK'" in err
    assert "F904 not a country code of ISO 3166-1: 1; 1 contracts, USD 540,000.00" in out


def test_bad_rows_are_set_aside_on_request(tmp_path, check):
    path = edited(two_bad_rows)(tmp_path / "book")
    code, out, _ = check(path, "--bad-rows", "set-aside", "--max-rows", "10")
    assert code == 3
    assert out.splitlines()[-1] == (
        "Set aside and not included: 2 of 3 rows of contracts, 2 of 3 rows of amendments, "
        "2 of 3 rows of contract_units, 1 of 3 rows of invoices, 1 of 3 rows of receipts; "
        "EUR 6,000.00 and USD 48,000.00 of contract value and changes; the amount of 1 of "
        "these rows cannot be read."
    )
    rejects = Path("rejects.jsonl")
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600
    records = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [r["place"] for r in records] == [
        "contracts.csv:2",
        "contracts.csv:4",
        "amendments.csv:2",
        "amendments.csv:4",
        "contract_units.csv:2",
        "contract_units.csv:4",
        "invoices.csv:2",
        "receipts.csv:2",
    ]
    lines = (path / "contracts.csv").read_text(encoding="utf-8").splitlines()
    assert records[0]["text"] == lines[1]
    assert records[0]["reasons"] == ["F102 not a plain decimal number"]
    assert records[2]["reasons"] == ["its row of contracts is set aside"]


def test_a_row_set_aside_over_two_lines_is_kept_whole(tmp_path, check):
    rows = rows_of()
    rows["contracts"][0].update(customer="Alder\nHotels", contract_value="x")
    path = write_csv(tmp_path / "book", rows)
    check(path, "--bad-rows", "set-aside")
    first = json.loads(Path("rejects.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["text"].startswith('K-0001,"Alder\nHotels",')
    assert first["values"]["contract_value"] == "x"


@pytest.mark.parametrize(
    ("limits", "says"),
    [
        (("--max-rows", "5"), "8 rows would have to be set aside"),
        (("--max-share", "50%"), "share 0.5"),
    ],
)
def test_more_than_the_limits_allow_stops(limits, says, tmp_path, check):
    path = edited(two_bad_rows)(tmp_path / "book")
    code, _, err = check(path, "--bad-rows", "set-aside", *limits)
    assert (code, says in err) == (65, True)
    assert not Path("rejects.jsonl").exists()


@pytest.mark.parametrize(
    "build",
    [
        cell("contract_units", 0, "contract_id", "K-9"),
        cell("contracts", 1, "contract_id", "K-0001"),
        cell("contracts", 0, "currency", "EURO"),
        cell("contracts", 0, "contract_id", ""),
        cell("amendments", 0, "amendment_id", ""),
        content("contracts.csv", lambda d: d + b"K-4,short\n"),
    ],
)
def test_faults_of_files_keys_references_and_currencies_always_stop(build, tmp_path, check):
    code, _, _ = check(build(tmp_path / "book"), "--bad-rows", "set-aside")
    assert code == 65


def test_limits_without_the_request_are_a_mistake(book, check):
    assert check(book, "--max-rows", "5")[0] == 64
    assert check(book, "--bad-rows", "set-aside", "--max-share", "half")[0] == 64


def test_a_book_keeps_what_it_leaves_out(tmp_path):
    path = edited(two_bad_rows)(tmp_path / "book")
    with pytest.raises(DataError):
        fpp.load_book(path)
    book = fpp.load_book(path, bad_rows=Limits(rows=8), rejects=tmp_path / "rejects.jsonl")
    assert book.contracts["contract_id"].tolist() == ["K-0002"]
    book.save_snapshot(tmp_path / "snapshot")
    again = from_snapshot(tmp_path / "snapshot")
    assert again.set_aside == book.set_aside
    assert again.set_aside.rows == {
        "contracts": 2, "amendments": 2, "contract_units": 2, "invoices": 1, "receipts": 1
    }  # fmt: skip
    assert not fpp.load_book(write_csv(tmp_path / "good", rows_of()), bad_rows=Limits()).set_aside


def test_a_renewal_of_a_contract_set_aside_stays_a_renewal(tmp_path):
    rows = rows_of()
    rows["contracts"][0]["contract_value"] = "x"
    rows["contracts"][1]["renews_contract_id"] = "K-0001"
    book = fpp.load_book(write_csv(tmp_path / "book", rows), bad_rows=Limits())
    moved = fpp.rollforward(book, start="2009-05-31", end="2009-06-30")
    assert moved["renewed"].item() == 540_000.0
    fpp.renewals(book, start="2009-05-31", end="2010-06-30")


# -- what is proposed to declare -----------------------------------------------------------------

HEAD = "contract_id,customer,region,signed_on,starts_on,term_months,contract_value\n"
ROW = "K-{},Alder,{},2024-01-01,2024-01-01,12,{}\n"


def told_of(folder, check, *rows, settings=""):
    """What a check prints of contracts with these rows."""
    folder.mkdir(exist_ok=True)
    (folder / "book.toml").write_text(f'name = "B"\n{settings}', encoding="utf-8")
    (folder / "contracts.csv").write_text(HEAD + "".join(rows), encoding="utf-8")
    code, out, err = check(folder)
    return code, out + err


def test_a_last_row_that_lacks_a_cell_is_no_footer(tmp_path, check):
    whole = ROW.format(1, "Nord", 5)
    code, said = told_of(
        tmp_path / "b", check, whole, whole.replace("K-1", "K-2"), ROW.format(3, "", 5)
    )
    assert code == 65
    assert "region: error F101" in said
    assert "footer" not in said
    _, said = told_of(tmp_path / "b", check, whole, "Total,,,,,,5\n")
    assert "[tables.contracts] footer = 1" in said


def test_what_a_footer_leaves_out_is_listed(tmp_path, check):
    rows = [ROW.format(1, "Nord", 5), ROW.format(2, "Nord", 7), ",,,,,,\n", "Total,,,,,,12\n"]
    code, said = told_of(tmp_path / "b", check, *rows, settings="[tables.contracts]\nfooter = 2\n")
    assert code == 0
    assert "left out by footer: 2 rows, lines 3, 5 of contracts.csv" in said
    _, said = told_of(tmp_path / "b", check, *rows, settings="[tables.contracts]\nfooter = 1\n")
    assert "left out by footer: 1 row, line 5 of contracts.csv" in said
    _, said = told_of(tmp_path / "b", check, rows[0], rows[2], rows[1])
    assert "1 empty row is skipped" in said


def test_the_footer_of_a_sheet_is_listed_too(tmp_path, check):
    import xlsxwriter

    rows = [
        HEAD,
        ROW.format(1, "Nord", 5),
        ROW.format(2, "Nord", 7),
        "",
        "Total,,,,,,12",
        "12 rows",
    ]
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as workbook:
        sheet = workbook.add_worksheet("contracts")
        for i, row in enumerate(rows):
            sheet.write_row(i, 0, row.strip().split(","))
        workbook.add_worksheet("book").write_row(0, 0, ["tables.contracts.footer", "2"])
    _, out, err = check(tmp_path / "book.xlsx")
    assert "left out by footer: 2 rows, lines 5-6 of book.xlsx[contracts]" in out + err


def test_headings_that_stand_again_are_left_out_by_name(tmp_path, check):
    rows = [ROW.format(1, "Nord", "$5"), HEAD, ROW.format(2, "Nord", "$7")]
    _, said = told_of(tmp_path / "b", check, *rows)
    assert 'where_not = { "signed_on" = "signed_on" }' in said
    assert 'where_not = { "contract_value" = "contract_value" }; money = "$"' in said


@pytest.mark.parametrize(
    ("value", "declare"),
    [("1.5 Mio", '"Mio" = …'), ("2 /Month", '"/Month" = …'), ("12 crore", '"crore" = …')],
)
def test_a_word_that_may_be_a_factor_is_never_dropped_beside_the_digits(
    value, declare, tmp_path, check
):
    _, said = told_of(
        tmp_path / "b", check, ROW.format(1, "Nord", value), ROW.format(2, "N", value)
    )
    assert f"times = {{ {declare} }}" in said
    assert "money =" not in said


def test_digits_of_another_script_are_cured_by_a_declaration(tmp_path, check):
    wide = "".join(chr(ord(ch) + 0xFEE0) for ch in "12,345.50")
    _, said = told_of(tmp_path / "b", check, ROW.format(1, "Nord", f'"{wide}"'))
    assert 'digits = "any"; thousands = ","' in said


def test_control_totals_have_the_decimals_of_their_currency(tmp_path, check):
    for code, value, shown in (("KWD", "5000.125", "5,000.125"), ("JPY", "5000", "5,000\n")):
        settings = f'reporting_currency = "{code}"\n'
        _, said = told_of(tmp_path / "b", check, ROW.format(1, "Nord", value), settings=settings)
        assert shown in said.partition("money")[2]


@pytest.mark.parametrize(
    ("code", "value", "cure"),
    [
        ("USD", "5.125", "round = 2"),
        ("KWD", "5.1256", "round = 3"),
        ("JPY", "5.5", "round = 0"),
        ("USD", "999999999999999.99", ""),
    ],
)
def test_an_amount_is_rounded_to_its_currency_or_not_at_all(code, value, cure, tmp_path, check):
    settings = f'reporting_currency = "{code}"\n'
    _, said = told_of(tmp_path / "b", check, ROW.format(1, "Nord", value), settings=settings)
    assert "F103" in said
    assert cure in said
    assert cure or "round =" not in said
