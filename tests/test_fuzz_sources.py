"""Arbitrary input through the readers: a book or a documented refusal, never anything else."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fpp_analysis import aside, sources
from fpp_analysis.door.columns import plain_dates, plain_numbers
from fpp_analysis.errors import FppError
from fpp_analysis.loading import build_book, load_book
from fpp_analysis.schema import TABLES
from fpp_analysis.schema.dialect import Dialect
from fpp_analysis.schema.parse import parsed, too_fine
from fpp_analysis.sources import sheets
from fpp_analysis.sources.plain import nested
from tests.fault_cases import rows_of, write_csv, write_workbook

QUICK = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
HOSTILE = [
    "<script>alert(1)</script>", "=cmd|' /C calc'!A0", "\x1b[31m", "\u202e", "../../etc/passwd",
    "{{7*7}}", "$x^2$", "\ud7ff", "\uffff", "a\r\nb", '"', "'", "\\", "NaN", "1e309", "٣", "１",
    "-0", "00", "0x1F", "9" * 400, "2009-02-29", "0000-01-01", "10000-01-01", "2009-1-1",
]  # fmt: skip
FIELDS = [f for table in TABLES.values() for f in table.fields]
VALUES = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12), st.integers().map(str))


def judged(path):
    """A book, or a refusal with an exit code and places; anything else fails the test."""
    try:
        return aside.checked(sources.read(path))
    except FppError as refused:
        if refused.exit_code in (65, 66, 78) and str(refused):
            return None
        raise


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_csv(tmp_path_factory.mktemp("fuzz") / "book", rows_of())


@QUICK
@given(st.binary(max_size=400))
@example(b"\xef\xbb\xbf")
@example(b'"')
@example(b"contract_id\r\r\n")
def test_any_bytes_as_a_table(folder, data):
    with tempfile.TemporaryDirectory() as scratch:
        book = Path(scratch) / "book"
        shutil.copytree(folder, book)
        (book / "contracts.csv").write_bytes(data)
        valid = judged(book)
    assert valid is not None
    assert valid.findings.count("error")


@QUICK
@given(st.data())
def test_any_bytes_changed_in_a_table(folder, data):
    text = bytearray((folder / "contracts.csv").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        if data.draw(st.booleans()):
            text[at] = data.draw(st.integers(0, 255))
        else:
            del text[at : at + data.draw(st.integers(1, 9))]
    with tempfile.TemporaryDirectory() as scratch:
        book = Path(scratch) / "book"
        shutil.copytree(folder, book)
        (book / "contracts.csv").write_bytes(bytes(text))
        valid = judged(book)
    if valid is not None and not valid.findings.count("error"):
        assert len(build_book(valid).schedule) == len(valid.frames["contracts"])


@QUICK
@given(st.data())
def test_any_values_in_a_row(folder, data):
    """Every value that is accepted is one that the column's type can hold; text is unchanged."""
    rows = rows_of()
    name = data.draw(st.sampled_from(list(TABLES)))
    row = data.draw(st.integers(0, 2))
    for _ in range(data.draw(st.integers(1, 3))):
        f = data.draw(st.sampled_from(TABLES[name].fields))
        rows[name][row][f.name] = data.draw(VALUES)
    with tempfile.TemporaryDirectory() as scratch:
        book = write_csv(Path(scratch) / "book", rows) if _encodes(rows) else folder
        valid = judged(book)
    assert valid is not None
    if book != folder and not valid.findings.count("error"):
        texts = {f.name for f in TABLES[name].fields if f.kind == "text"} & set(rows[name][row])
        seen = valid.frames[name]
        for column in texts:
            assert rows[name][row][column] in ("", *seen[column].dropna())


def _encodes(rows):
    try:
        json.dumps(rows, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


@QUICK
@given(
    st.lists(VALUES, max_size=6), st.sampled_from([f for t in TABLES.values() for f in t.fields])
)
def test_any_text_in_any_column(values, field):
    values = [v for v in values if _encodes([v])]
    text = pa.array(values, pa.large_string())
    for dialect in (Dialect(), Dialect(decimal=",", thousands=".", money=("€", "(1.00)"))):
        plain, odd = plain_numbers(text, dialect)
        assert len(plain) == len(odd) == len(plain_dates(text, dialect)) == len(values)
    series, misfits = parsed(text, field)
    assert len(series) == len(values)
    for _, rows in misfits:
        assert len(rows) == len(values)


def test_a_day_beyond_the_calendar_is_a_date_and_a_word_is_none():
    """1 January 2400 stands for no day inside, and is one in a file all the same."""
    text = pa.array(["2400-01-01", "1849-12-31", "2349-12-31", "2009-02-29", "x", None])
    days, misfits = parsed(text, TABLES["contracts"].field("signed_on"))
    told = {rule: np.flatnonzero(rows).tolist() for rule, rows in misfits}
    assert told == {"F106": [0, 1], "F105": [3, 4]}
    assert np.flatnonzero(~np.isnat(days)).tolist() == [2]


@QUICK
@given(
    st.lists(st.from_regex(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", fullmatch=True), max_size=40),
    st.sampled_from([0, 2, 3]),
)
@example(["0.29", "0.9700000000000001", "123456789012.345", "1.10", "70.000001"], 2)
def test_decimals_are_counted_as_they_are_written(texts, most):
    units = np.abs(np.array(texts, np.float64)) * 10**most
    text = pa.array(texts, pa.large_string())
    found = too_fine(text, units, np.full(len(texts), most))
    assert found.tolist() == [len(t.partition(".")[2].rstrip("0")) > most for t in texts]


@QUICK
@given(st.binary(max_size=300))
def test_any_bytes_as_settings(folder, data):
    with tempfile.TemporaryDirectory() as scratch:
        book = Path(scratch) / "book"
        shutil.copytree(folder, book)
        (book / "book.toml").write_bytes(data)
        judged(book)


@QUICK
@given(st.lists(st.tuples(VALUES, VALUES), max_size=5))
@example([("scopes", "x"), ("scopes.a.b", "y")])
@example([("map", "{"), ("map.contracts", "x"), ("dialect.decimal", ",")])
def test_any_keys_and_values_as_settings(pairs):
    assert isinstance(nested(pairs), dict)


@QUICK
@given(st.data())
def test_any_bytes_changed_in_a_workbook(tmp_path_factory, data):
    source = tmp_path_factory.getbasetemp() / "fuzz.xlsx"
    if not source.exists():
        write_workbook(source, rows_of())
    blob = bytearray(source.read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "book.xlsx"
        path.write_bytes(bytes(blob))
        try:  # the part that runs before calamine, in this process; calamine runs in its own
            archive = sheets.opened(path)
            for part in sheets.sheet_parts(archive).values():
                with archive.open(part) as stream:
                    assert sheets.scan(stream)["rows"] >= 0
        except (sheets.Refused, *sheets.DAMAGE):
            return


@pytest.mark.parametrize(
    "path", ["x" * 5000, "sqlite:///" + "x" * 5000, "a\0b", "sqlite:///a\0b", "\x1b[31m", "", "."]
)
def test_paths_that_cannot_be(path, tmp_path, monkeypatch):
    """Found by fuzzing: names too long for a file system, and NUL inside one."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FppError) as refused:
        load_book(path)
    assert refused.value.exit_code == 66
    assert not {"\0", "\x1b"} & set(str(refused.value))
