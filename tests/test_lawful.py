"""Odd books that the handbook allows: they load, and nothing in them is changed."""

from __future__ import annotations

import codecs

import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.schema import TABLES
from tests.fault_cases import (
    added,
    amended,
    called,
    cell,
    cells,
    content,
    edited,
    named,
    renamed,
    rows_of,
    settings,
    text_of,
    write_csv,
)

CONTRACTS, UNITS = "contracts.csv", "contract_units.csv"


def _shuffled(rows):
    for part in rows.values():
        part.reverse()


def _ids(rows):
    """Identifiers that other readers turn into numbers, nothing or truth values."""
    new = {"K-0001": "00123", "K-0002": "NA", "K-0003": "1E5", "M-1001": "TRUE", "M-1002": "0x1F"}
    for part in rows.values():
        for row in part:
            for column in ("contract_id", "serial_number"):
                if column in row:
                    row[column] = new.get(row[column], row[column])


SAME = {
    "with a byte order mark": content(CONTRACTS, lambda d: codecs.BOM_UTF8 + d),
    "line ends of Windows": content(CONTRACTS, lambda d: d.replace(b"\n", b"\r\n")),
    "line ends of old Macs": content(CONTRACTS, lambda d: d.replace(b"\n", b"\r")),
    "no line end at the end": content(CONTRACTS, lambda d: d.rstrip(b"\n")),
    "blank lines": content(CONTRACTS, lambda d: d.replace(b"\n", b"\n\n") + b"\n\n"),
    "every field in quotes": content(
        CONTRACTS,
        lambda d: b"\n".join(
            b",".join(b'"' + f + b'"' for f in line.split(b",")) for line in d.splitlines()
        ),
    ),
    "rows in another order": edited(_shuffled),
    "columns in another order": content(
        CONTRACTS,
        lambda d: b"\n".join(b",".join(reversed(line.split(b","))) for line in d.splitlines()),
    ),
    "an empty row": content(
        CONTRACTS, lambda d: d + b"," * (len(TABLES["contracts"].names) - 1) + b"\n"
    ),
    "a last column without name or values": content(
        CONTRACTS, lambda d: b"\n".join(line + b"," for line in d.splitlines())
    ),
    "defaults written out": cells("contracts", 1, currency="USD", billing_timing="advance"),
}


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return fpp.load_book(write_csv(tmp_path_factory.mktemp("example") / "book", rows_of()))


@pytest.mark.parametrize("name", SAME)
def test_the_same_book_written_in_another_way(name, example, tmp_path):
    book = fpp.load_book(SAME[name](tmp_path / "book"))
    for table in ("contracts", "amendments", "fleet", "contract_units"):
        pd.testing.assert_frame_equal(getattr(book, table), getattr(example, table))


LAWFUL = {
    "ids that look like numbers": edited(_ids),
    "customers called NA, None and 1E5": named("contracts", "customer", "NA", "None", "1E5"),
    "a name over two lines": cell("contracts", 0, "customer", "Alder\nHotels"),
    "quotes and commas in a name": cell("contracts", 0, "customer", 'Alder "A", Hotels'),
    "a script as a name": cell("contracts", 0, "customer", "<script>alert(1)</script>"),
    "a formula as a name": cell("contracts", 0, "customer", "=1+1"),
    "bidi and ANSI in a name": cell("contracts", 0, "customer", "\u202eAlder\x1b[31m"),
    "a path as an id": called("K-0002", "../../etc"),
    "an extra column": edited(lambda r: r["contracts"][0].update({"Konto Nr.": "4711"})),
    "one month": cells("contracts", 2, term_months="1", starts_on="2010-06-01"),
    "360 months": cell("contracts", 0, "term_months", "360"),
    "the smallest fee": cell("contracts", 1, "contract_value", "0.01"),
    "no decimals": cell("contracts", 1, "contract_value", "540000"),
    "the highest escalator": cell("contracts", 0, "escalator_rate", "0.2"),
    "four decimals": cell("contracts", 0, "escalator_rate", "0.0001"),
    "120 lead days, 365 to pay": cells("contracts", 0, invoice_lead_days="120", payment_days="365"),
    "signed after the start": cell("contracts", 1, "signed_on", "2010-01-31"),
    "recorded before signed": cell("contracts", 0, "recorded_on", "2009-03-01"),
    "a leap day": cells("contracts", 1, signed_on="2008-02-29", starts_on="2008-02-29"),
    "renewed by two": named("contracts", "renews_contract_id", "", "K-0001", "K-0001"),
    "retired on the day of commissioning": cell("fleet", 2, "retired_on", "2007-03-30"),
    "retired and never commissioned": cell("fleet", 2, "commissioned_on", ""),
    "not shipped": cells("fleet", 0, shipped_on="", commissioned_on=""),
    "a machine under two contracts": added(
        "contract_units", contract_id="K-0002", serial_number="M-1001"
    ),
    "a pair twice, one after the other": added(
        "contract_units",
        contract_id="K-0003",
        serial_number="M-1003",
        covered_from="2010-07-01",
        covered_until="2010-08-01",
    ),
    "a second pair up to the first": added(
        "contract_units",
        contract_id="K-0003",
        serial_number="M-1003",
        covered_until="2009-11-01",
    ),
    "terminated on the first day": cell("amendments", 2, "effective_on", "2009-10-01"),
    "terminated at the end of cover": cell("amendments", 2, "effective_on", "2012-10-01"),
    "terminated after the fact": cell("amendments", 2, "signed_on", "2011-01-31"),
    "signed on the day of the contract": cell("amendments", 0, "signed_on", "2009-03-10"),
    "repriced on the last day": cell("amendments", 0, "effective_on", "2014-03-31"),
    "repriced before the start": cell("amendments", 0, "effective_on", "2009-01-01"),
    "extended for nothing": cell("amendments", 1, "value_change", "0"),
    "repriced to nothing": cell("amendments", 0, "value_change", "-1.00"),
    "signed on the day of the termination": amended(
        contract_id="K-0003",
        kind="extension",
        signed_on="2010-05-20",
        value_change="1.00",
        term_change_months="1",
    ),
    "repriced the day before the termination": amended(
        contract_id="K-0003",
        kind="repricing",
        signed_on="2010-05-20",
        effective_on="2010-06-30",
        value_change="1.00",
    ),
    "repriced within an extension": amended(
        contract_id="K-0002",
        kind="repricing",
        signed_on="2010-03-16",
        effective_on="2018-07-01",
        value_change="-1.00",
    ),
    "another year end": settings("month = 3", "month = 12"),
    "no cut-off": settings("data_cut_off = 2010-06-30\n", ""),
    "a date as text": settings("2010-06-30", '"2010-06-30"'),
}


@pytest.mark.parametrize("name", LAWFUL)
def test_a_lawful_book_loads(name, tmp_path):
    book = fpp.load_book(LAWFUL[name](tmp_path / "book"))
    assert len(book.contracts) == 3
    fpp.backlog(book, as_of="2010-03-31")


def test_text_stays_as_it_is_written(tmp_path):
    book = fpp.load_book(LAWFUL["ids that look like numbers"](tmp_path / "ids"))
    assert book.contracts["contract_id"].tolist() == ["00123", "1E5", "NA"]
    names = "\u202eAlder\x1b[31m"
    book = fpp.load_book(LAWFUL["bidi and ANSI in a name"](tmp_path / "name"))
    assert book.contracts["customer"][0] == names
    book = fpp.load_book(LAWFUL["an extra column"](tmp_path / "extra"))
    assert book.contracts["Konto Nr."].tolist()[0] == "4711"


def test_a_table_without_rows_keeps_its_header(tmp_path):
    rows = rows_of()
    rows["amendments"] = []
    folder = write_csv(tmp_path / "book", rows)
    assert fpp.load_book(folder).amendments.empty
    (folder / "amendments.csv").unlink()
    assert fpp.load_book(folder).amendments.empty


def test_a_free_extension_cannot_be_repriced_downwards(tmp_path):
    """On its days the fee is 0, so one cent less is below."""
    rows = rows_of()
    rows["amendments"][1]["value_change"] = "0.00"
    rows["amendments"].append(
        {
            "amendment_id": "A-0009",
            "contract_id": "K-0002",
            "kind": "repricing",
            "signed_on": "2010-03-16",
            "effective_on": "2018-07-01",
            "value_change": "-0.01",
        }
    )
    with pytest.raises(fpp.errors.DataError, match="F413"):
        fpp.load_book(write_csv(tmp_path / "book", rows))


def test_a_fee_of_exactly_nothing_is_lawful(tmp_path):
    """365 days at one unit a day, less the same over the same days."""
    rows = rows_of()
    rows["contracts"][0].update(
        starts_on="2009-04-01", term_months="12", contract_value="365.00", escalator_rate=""
    )
    rows["amendments"][0].update(
        signed_on="2009-03-10", effective_on="2009-04-01", value_change="-365.00"
    )
    folder = write_csv(tmp_path / "book", rows)
    assert fpp.load_book(folder).contracts["contract_value"][0] == 365.0
    rows["amendments"][0]["value_change"] = "-365.01"
    with pytest.raises(fpp.errors.DataError, match="F413"):
        fpp.load_book(write_csv(folder, rows))


def test_a_company_in_its_own_words(tmp_path):
    """Semicolons, decimal commas, day-first dates, its own file and column names."""
    rows = rows_of()
    folder = write_csv(tmp_path / "book", rows)
    plain = fpp.load_book(folder)
    own = text_of("contracts", rows["contracts"])
    head, *lines = own.replace(",", ";").replace(".00", ",00").replace("0.02", "0,02").splitlines()
    head = head.replace("customer", "Kunde").replace("contract_value", "Vertragswert")
    for text in ("2009-03-10", "2009-04-01", "2009-06-01"):
        year, month, day = text.split("-")
        lines = [line.replace(text, f"{day}.{month}.{year}") for line in lines]
    lines = [line.replace("125000,00", "125.000,00") for line in lines]
    (folder / "contracts.csv").unlink()
    (folder / "Verträge.csv").write_text("\n".join([head, *lines]), encoding="utf-8")
    for name in ("amendments", "fleet", "contract_units", "fx_rates"):
        text = text_of(name, rows[name]).replace(",", ";")
        text = text.replace(".00", ",00").replace("1.", "1,")
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    for name in ("reference_values", "disclosures", "invoices", "receipts"):
        (folder / f"{name}.csv").unlink()
    with (folder / "book.toml").open("a", encoding="utf-8") as stream:
        stream.write(
            '[dialect]\nseparator = ";"\ndecimal = ","\nthousands = "."\ndates = "day-first"\n'
            '[tables]\ncontracts = "Verträge"\n'
            '[map.contracts]\ncustomer = "Kunde"\ncontract_value = "Vertragswert"\n'
        )
    book = fpp.load_book(folder)
    for table in ("contracts", "amendments", "fleet", "contract_units", "fx_rates"):
        pd.testing.assert_frame_equal(getattr(book, table), getattr(plain, table))


def test_the_renamed_column_is_missed_by_its_own_name(tmp_path):
    folder = content(CONTRACTS, renamed("customer", "Kunden"))(tmp_path / "book")
    with (folder / "book.toml").open("a", encoding="utf-8") as stream:
        stream.write('[map.contracts]\ncustomer = "Kunde"\n')
    with pytest.raises(fpp.errors.DataError, match=r"no column 'Kunde'.*did you mean 'Kunden'\?"):
        fpp.load_book(folder)
