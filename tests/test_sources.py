"""One book, six sources, the same frames; and what each source alone can get wrong."""

from __future__ import annotations

import datetime as dt
import decimal
import os
import subprocess
import sys

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import sqlalchemy as sa

import fpp_analysis as fpp
from fpp_analysis import queries, sources
from fpp_analysis.book import TABLES
from fpp_analysis.errors import DatabaseError, DataError, FppError, InputError, LockedError
from fpp_analysis.schema import TABLES as SCHEMA
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.templates import PAIRS, SETTINGS
from fpp_analysis.schema.validate import validate
from fpp_analysis.sources import database
from fpp_analysis.sources.typed import as_text, number_text, value_text
from tests.fault_cases import rows_of, write_csv, write_workbook
from tests.random_books import write_book

SERVER = os.environ.get("FPP_TEST_POSTGRESQL", "")
PLAIN = Dialect()


def typed_frames(rows):
    """The tables as an analyst's frames: dates, floats with NaN for empty, text."""
    frames = {}
    for name, part in rows.items():
        extra = dict.fromkeys(c for row in part for c in row)
        names = list(dict.fromkeys([*SCHEMA[name].names, *extra]))
        frame = pd.DataFrame(part, columns=names).replace({np.nan: None})
        for f in SCHEMA[name].fields:
            if f.kind == "date":
                frame[f.name] = pd.to_datetime(frame[f.name])
            elif f.kind in ("integer", "money", "number"):
                frame[f.name] = frame[f.name].astype(float)
            else:
                frame[f.name] = frame[f.name].astype(object).where(frame[f.name].notna(), None)
        frames[name] = frame
    return frames


def to_parquet(folder, rows):
    folder.mkdir()
    (folder / "book.toml").write_text(SETTINGS, encoding="utf-8")
    for name, frame in typed_frames(rows).items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)
    return folder


def to_duckdb(path, rows):
    with duckdb.connect(str(path)) as connection:
        frames = typed_frames(rows) | {"book": pd.DataFrame(PAIRS, columns=["key", "value"])}
        for name, frame in frames.items():
            connection.register("frame", frame)
            connection.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
            connection.unregister("frame")
    return path


def to_sql(engine, rows):
    frames = typed_frames(rows) | {"book": pd.DataFrame(PAIRS, columns=["key", "value"])}
    for name, frame in frames.items():
        dates = (
            {f.name: sa.Date() for f in SCHEMA[name].fields if f.kind == "date"}
            if name != "book"
            else {}
        )
        frame.to_sql(name, engine, index=False, if_exists="replace", dtype=dates)
    engine.dispose()


def to_sqlite(path, rows):
    to_sql(sa.create_engine(f"sqlite:///{path}"), rows)
    return path


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    return fpp.load_book(write_csv(tmp_path_factory.mktemp("example") / "book", rows_of()))


def assert_same(book, other):
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(book, table), getattr(other, table))
    assert book.settings == other.settings
    for name in ("backlog", "deferred", "coverage"):
        query = queries.find(name)
        asked = query.arguments({"as_of": ("2010-03-31",)})
        pd.testing.assert_frame_equal(query.run(book, **asked), query.run(other, **asked))


def test_a_workbook_is_the_same_book(example, tmp_path):
    assert_same(fpp.load_book(write_workbook(tmp_path / "book.xlsx", rows_of())), example)


def test_a_folder_of_parquet_is_the_same_book(example, tmp_path):
    assert_same(fpp.load_book(to_parquet(tmp_path / "book", rows_of())), example)


def test_a_duckdb_file_is_the_same_book(example, tmp_path):
    path = to_duckdb(tmp_path / "book.duckdb", rows_of())
    assert_same(fpp.load_book(path), example)
    assert_same(fpp.load_book(f"duckdb:///{path}"), example)
    assert_same(fpp.load_book(path.rename(tmp_path / "book.db")), example)


def test_a_sqlite_file_is_the_same_book(example, tmp_path):
    path = to_sqlite(tmp_path / "book.sqlite", rows_of())
    assert_same(fpp.load_book(path), example)
    assert_same(fpp.load_book(f"sqlite:///{path}"), example)


@pytest.mark.database
@pytest.mark.skipif(not SERVER, reason="no PostgreSQL server (FPP_TEST_POSTGRESQL)")
def test_a_postgresql_database_is_the_same_book(example, monkeypatch):
    url = sa.make_url(SERVER).set(drivername="postgresql+psycopg")
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
    name = f"fpp_test_{os.getpid()}"
    with admin.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        own = url.set(database=name)
        to_sql(sa.create_engine(own, poolclass=sa.pool.NullPool), rows_of())
        asked = own.set(drivername="postgresql")
        book = fpp.load_book(asked.render_as_string(hide_password=False))
        assert_same(book, example)
        assert book.source == name
        bare = sa.URL.create(
            "postgresql", host=own.host, port=own.port, database=name, query=own.query
        )
        monkeypatch.setenv(database.USER, own.username or "")
        monkeypatch.setenv(database.PASSWORD, own.password or "")
        assert_same(fpp.load_book(bare.render_as_string()), example)
        gone = asked.set(database="nowhere")
        with pytest.raises(DatabaseError, match="no such database"):
            sources.read(gone.render_as_string(hide_password=False))
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name}"))


@pytest.mark.parametrize("seed", range(4))
def test_random_books_are_the_same_from_every_file(seed, tmp_path):
    folder = write_book(tmp_path / "csv", seed)
    book = fpp.load_book(folder)
    rows = {}
    for name in SCHEMA:
        path = folder / f"{name}.csv"
        if path.exists():
            frame = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
            rows[name] = frame.to_dict("records")
    parquet = to_parquet(tmp_path / "parquet", rows)
    (parquet / "book.toml").write_bytes((folder / "book.toml").read_bytes())
    other = fpp.load_book(parquet)
    for name in filter(rows.get, rows):  # a record of no row has no extra column
        pd.testing.assert_frame_equal(getattr(book, name), getattr(other, name))


# -- text of typed values ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (pa.array([1234.5, 0.1 + 0.2, 1e-7]), ["1234.5", "0.3", "0.0000001"]),
        (pa.array([1e15, float("nan"), None]), ["1000000000000000", None, None]),
        (pa.array([1.1, 2.0], pa.float32()), ["1.1", "2"]),
        (pa.array([decimal.Decimal("1234.5000"), decimal.Decimal("10.0000")]), ["1234.5", "10"]),
        (pa.array([7, -1], pa.int16()), ["7", "-1"]),
        (pa.array([dt.date(2009, 3, 1), None]), ["2009-03-01", None]),
        (pa.array([dt.datetime(2009, 3, 1)], pa.timestamp("ns")), ["2009-03-01"]),
        (pa.array([dt.datetime(2009, 3, 1, 8, 30)], pa.timestamp("s")), ["2009-03-01 08:30:00"]),
        (pa.array(["a", "", None]).dictionary_encode(), ["a", None, None]),
        (pa.array([True, None]), ["true", None]),
        (pa.array([8211470186.85 + 0.1, 8277025938.204417]), ["8211470186.95", "8277025938.20442"]),
        (pa.nulls(2), [None, None]),
    ],
    ids=str,
)  # fmt: skip
def test_typed_columns_become_exact_text(array, text):
    assert as_text(pa.chunked_array([array]), PLAIN).to_pylist() == text


def test_a_timestamp_with_a_zone_is_no_date():
    zoned = pa.array([dt.datetime(2009, 3, 1)], pa.timestamp("us", tz="UTC"))
    assert as_text(zoned, PLAIN).to_pylist() != ["2009-03-01"]


def test_numbers_carry_the_decimal_mark_that_the_book_declares():
    comma = Dialect(decimal=",")
    assert as_text(pa.array([1234.5]), comma).to_pylist() == ["1234,5"]
    assert value_text(decimal.Decimal("1234.50"), comma) == "1234,5"
    assert (value_text(dt.datetime(2009, 3, 1), PLAIN), number_text(1e21)) == (
        "2009-03-01",
        "1000000000000000000000",
    )


# -- sources that cannot be read ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("book", write_csv),
        ("book.xlsx", write_workbook),
        ("parquet", to_parquet),
        ("book.duckdb", to_duckdb),
        ("book.sqlite", to_sqlite),
    ],
)
def test_documents_are_judged_alike_whatever_they_lie_in(name, written, tmp_path):
    rows = rows_of()
    rows["invoices"][0]["currency"] = "USD"
    rows["receipts"][2]["amount"] = "19000.01"
    rows["receipts"].append({**rows["receipts"][1], "receipt_id": "R-0004", "amount": "40000.00"})
    path = written(tmp_path / name, rows)
    found = validate(sources.read(path)).findings
    assert set(found.by_rule.items()) == {("F504", 1), ("F925", 1), ("F926", 1)}
    with pytest.raises(DataError, match=r"USD is not the currency of its contract, EUR.*EUR"):
        fpp.load_book(path)


def test_documents_are_judged_through_the_door_as_well(tmp_path):
    rows = rows_of()
    invoices = [
        {"Nummer": row["invoice_id"], "Vertrag": row["contract_id"], "Datum": row["issued_on"],
         "Betrag": row["amount"], "Faellig": row.get("due_on", ""), "Waehrung": "EUR"}
        for row in rows.pop("invoices")
    ]  # fmt: skip
    mapped = """
[map.invoices]
invoice_id = "Nummer"
contract_id = "Vertrag"
issued_on = "Datum"
amount = "Betrag"
due_on = "Faellig"
currency = "Waehrung"
"""
    folder = write_csv(tmp_path / "book", rows, SETTINGS + mapped)
    pd.DataFrame(invoices).to_csv(folder / "invoices.csv", index=False)
    with pytest.raises(DataError, match=r"invoices\.csv:3.*EUR is not the currency.*USD"):
        fpp.load_book(folder)


def test_damaged_files_are_faults(tmp_path):
    for name in ("book.xlsx", "book.sqlite", "book.duckdb"):
        path = tmp_path / name
        path.write_bytes(b"PK\x03\x04 not what it says" * 50)
        with pytest.raises(DataError, match="F013"):
            fpp.load_book(path)
    folder = to_parquet(tmp_path / "cut", rows_of())
    whole = (folder / "fleet.parquet").read_bytes()
    (folder / "fleet.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"fleet\.parquet: error F013"):
        fpp.load_book(folder)


def test_every_line_that_does_not_fit_is_counted(tmp_path):
    folder = write_csv(tmp_path / "book", rows_of())
    with (folder / "contracts.csv").open("a", encoding="utf-8") as stream:
        stream.write("one,field,too,few\n" * 1_234)
    assert sources.read(folder).tables["contracts"].faults[-1].place.endswith(":1238")
    with pytest.raises(DataError) as refused:
        fpp.load_book(folder)
    assert len(refused.value.faults) + refused.value.more == 1_234


def test_nothing_to_read(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "book.pdf").write_bytes(b"%PDF")
    (tmp_path / "notes.sqlite").touch()
    for where, says in (
        (tmp_path / "gone", "no such book"),
        (tmp_path / "empty", "no table of a book"),
        (tmp_path / "book.pdf", "is not a book"),
        (tmp_path / "notes.sqlite", "no table of a book"),
        ("mysql://user:secret@host/book", "is not read"),
        ("sqlite:////nowhere/book.db", "no such database file"),
    ):
        with pytest.raises(InputError, match=says) as refused:
            sources.read(where)
        assert "secret" not in str(refused.value)


def test_a_locked_duckdb_file_may_be_tried_again(tmp_path):
    path = to_duckdb(tmp_path / "book.duckdb", rows_of())
    hold = (
        f"import duckdb, sys; c = duckdb.connect({str(path)!r}); "
        "print(1, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        holder.stdout.readline()
        with pytest.raises(LockedError, match="try again"):
            sources.read(path)
        holder.stdin.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://ann:s3cret@127.0.0.1:1/book", "no server answers"),
        ("postgresql://ann:s3cret@nowhere.invalid/book", "name is not known"),
        ("postgresql://ann:s3[cret@:x/book", "cannot be read"),
    ],
)
def test_credentials_stand_in_no_message(url, says):
    with pytest.raises(FppError, match=says) as refused:
        sources.read(url)
    shown = f"{refused.value} {refused.value.__cause__}"
    assert not {"ann", "s3cret", "127.0.0.1", "invalid"} & set(shown.replace("/", " ").split())
    assert "s3" not in shown


@pytest.mark.parametrize(("said", "reason"), [
    ("FATAL: password authentication failed for user x", "refuses the user or the password"),
    ("fe_sendauth: no password supplied", "set FPP_DB_PASSWORD or FPP_DB_PASSWORD_FILE"),
    ("connection to 10.0.0.1 failed: Connection refused", "no server answers there"),
    ("something else of 10.0.0.1", "the server cannot be reached"),
])  # fmt: skip
def test_why_a_server_cannot_be_reached_is_said_in_fixed_words(said, reason):
    found = database._reason(said)
    assert reason in found
    assert "10.0.0.1" not in found


def test_the_password_comes_from_the_environment_or_a_file(monkeypatch, tmp_path):
    url = sa.make_url("postgresql://ann@host/book")
    for name in (database.USER, database.PASSWORD, database.PASSWORD_FILE, database.CREDENTIALS):
        monkeypatch.delenv(name, raising=False)
    assert database.with_credentials(url).password is None
    (tmp_path / database.CREDENTIAL).write_text("handed\n", encoding="utf-8")
    monkeypatch.setenv(database.CREDENTIALS, str(tmp_path))
    assert database.with_credentials(url).password == "handed"
    (tmp_path / "mine").write_text("filed", encoding="utf-8")
    monkeypatch.setenv(database.PASSWORD_FILE, str(tmp_path / "mine"))
    assert database.with_credentials(url).password == "filed"
    monkeypatch.setenv(database.PASSWORD, "set")
    assert database.with_credentials(url).password == "set"
    assert database.with_credentials(url.set(password="given")).password == "given"
    monkeypatch.delenv(database.PASSWORD)
    monkeypatch.setenv(database.PASSWORD_FILE, str(tmp_path / "gone"))
    with pytest.raises(FppError, match="cannot be read"):
        database.with_credentials(url)


def test_plain_and_careful_reading_of_csv_agree(tmp_path):
    """A large file goes the fast way; one line break inside quotes sends it the careful way."""
    rows = rows_of()
    many = [
        {
            **rows["fleet"][0],
            "serial_number": f"S-{i:05}",
            "customer": 'A, "B"' if i % 7 else "C, D",
        }
        for i in range(1500)
    ]
    rows["fleet"] += many
    careful = fpp.load_book(write_csv(tmp_path / "careful", rows))
    for row in many:
        row["customer"] = row["customer"].replace('"', "'")
    plain = fpp.load_book(write_csv(tmp_path / "plain", rows))
    pd.testing.assert_frame_equal(
        careful.fleet.assign(customer=careful.fleet["customer"].str.replace('"', "'")), plain.fleet
    )
    rows["fleet"][-1]["rated_kw"] = "x"
    for customer in ("E", 'E "F"', "E\nF"):
        rows["fleet"][5]["customer"] = customer
        line = len(rows["fleet"]) + 1 + customer.count("\n")
        with pytest.raises(DataError, match=rf"fleet\.csv:{line}: rated_kw: error F102"):
            fpp.load_book(write_csv(tmp_path / "lines", rows))


def test_workbooks_of_both_epochs_hold_the_same_dates(example, tmp_path):
    import xlsxwriter

    for old in (False, True):
        path = tmp_path / f"{old}.xlsx"
        options = {"date_1904": old, "default_date_format": "dd/mm/yyyy"}
        with xlsxwriter.Workbook(str(path), options) as workbook:
            for name, part in rows_of().items():
                sheet = workbook.add_worksheet(name)
                for column, f in enumerate(SCHEMA[name].fields):
                    sheet.write(0, column, f.name)
                    for row, values in enumerate(part, 1):
                        value = values.get(f.name, "")
                        if f.kind == "date" and value:
                            sheet.write_datetime(row, column, dt.datetime.fromisoformat(value))
                        elif value:
                            sheet.write_string(row, column, value)
        pd.testing.assert_frame_equal(fpp.load_book(path).contracts, example.contracts)
