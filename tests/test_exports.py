"""Real exports of other organisations, each loaded by its `book.toml` alone, computed twice."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

import fpp_analysis as fpp

EXPORTS = Path(__file__).with_name("exports")


def lines(name):
    """The rows of a file, by the standard library alone."""
    with (EXPORTS / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def day(text, form):
    return dt.datetime.strptime(text[:10], form).date()


def money(text):
    return Decimal(re.sub(r"[^0-9.-]", "", text))


def left(value, signed, start, last, as_of, cent="0.01"):
    """The backlog of one contract in a straight line, by the day."""
    if signed > as_of:
        return Decimal(0)
    days = (last - start).days + 1
    gone = min(max((as_of - start).days + 1, 0), days)
    return value - (value * gone / days).quantize(Decimal(cent), ROUND_HALF_UP)


def backlog(book, as_of):
    return Decimal(repr(float(fpp.backlog(book, as_of=as_of)["backlog"].sum())))


def test_a_register_with_dollars_and_joined_dates():
    rows = lines("1-city-procurement/FY2016Q1.csv")
    kept = [r for r in rows if r["End_Date"]]
    book = fpp.load_book(EXPORTS / "1-city-procurement")
    assert (len(rows), len(kept), len(book.contracts)) == (82, 70, 70)
    as_of = dt.date(2015, 9, 30)
    want = Decimal(0)
    for r in kept:
        start, last = (day(r[c], "%Y%m%d") for c in ("Start_Date", "End_Date"))
        want += left(money(r["Contract_Amount"]), start, start, last, as_of)
    assert backlog(book, as_of) == want > 0
    assert not book.stated("contracts", "renews_contract_id")


@pytest.mark.parametrize("quarter", ["FY-2013-Q4", "FY-2014-Q1", "FY-2014-Q4"])
def test_a_register_whose_headings_change(quarter, tmp_path):
    rows = lines(f"2-city-professional/{quarter}.csv")
    folder = tmp_path / "book"
    folder.mkdir()
    settings = (EXPORTS / "2-city-professional" / "book.toml").read_text(encoding="utf-8")
    (folder / "book.toml").write_text(settings.replace("FY-2014-Q4", quarter), encoding="utf-8")
    source = EXPORTS / "2-city-professional" / f"{quarter}.csv"
    (folder / source.name).write_bytes(source.read_bytes())
    book = fpp.load_book(folder)
    assert len(book.contracts) == len(rows)
    as_of = dt.date(2013, 6, 30)
    want = Decimal(0)
    for r in rows:
        start, last = (day(r[c], "%Y-%m-%d") for c in ("start_dt", "end_dt"))
        value = Decimal(r.get("amt") or r["contract_amount"])
        value = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
        want += left(value, start, start, last, as_of)
    assert backlog(book, as_of) == want


def test_base_awards_and_modifications_in_one_file():
    rows = lines("3-federal-actions/actions.csv")
    bases = [r for r in rows if r["modnumber"] == "0"]
    dated = [r for r in bases if r["currentcompletiondate"]]
    book = fpp.load_book(EXPORTS / "3-federal-actions")
    as_of = dt.date(2016, 9, 9)
    want = Decimal(0)
    for r in dated:
        signed, start, last = (
            day(r[c], "%m/%d/%Y")
            if len(r[c]) == 10
            else dt.datetime.strptime(r[c], "%m/%d/%Y").date()
            for c in ("signeddate", "effectivedate", "currentcompletiondate")
        )
        want += left(money(r["baseandexercisedoptionsvalue"]), signed, start, last, as_of)
    assert len(book.contracts) == len(dated) == len(bases) - 1
    assert backlog(book, as_of) == want > 0
    # every modification is of a contract that is not in the file: listed, one by one
    ids = {r["piid"] for r in bases}
    aside = [f for f in book.warnings if f.rule == "F922"]
    lost = [
        i for i, r in enumerate(rows, start=2) if r["modnumber"] != "0" and r["piid"] not in ids
    ]
    assert [f.place for f in aside] == [f"actions.csv:{line}" for line in lost]
    assert len(lost) + len(bases) == len(rows)


def test_a_fleet_without_contracts():
    rows = lines("4-turbines/turbines.csv")
    book = fpp.load_book(EXPORTS / "4-turbines")
    assert (len(book.fleet), len(book.contracts)) == (75, 0)
    fleet = book.fleet.set_index("serial_number").loc[[r["OBJECTID"] for r in rows]]
    years = [int(r["Commissioning.date"][-4:]) for r in rows]
    assert list(fleet["commissioned_on"].dt.year) == years
    plain = [r["Turbine.rated.capacity.(kW)"] for r in rows]
    single = [i for i, kw in enumerate(plain) if kw.isdecimal()]
    assert len(single) == 50
    assert [fleet["rated_kw"].iloc[i] for i in single] == [float(plain[i]) for i in single]
    by_region = fpp.coverage(book, as_of="2015-12-31", by="region").set_index("region")
    assert dict(by_region["in_operation"]) == Counter(r["Province/Territory"] for r in rows)


def test_monthly_fees_with_words_in_their_cells():
    rows = lines("5-facility-contracts/Contractor_Tracker.csv")
    fee = "Contract (OMR)/Month"
    times = {"/Month": 12, "/Year": 1, "/Service": 4}
    book = fpp.load_book(EXPORTS / "5-facility-contracts")
    kept = [
        r for r in rows if r["Start Date"] and "Per Meter" not in r[fee] and "Trip" not in r[fee]
    ]
    frame = book.contracts.sort_values("contract_id")
    assert list(frame["customer"]) == [r["Contractor"] for r in kept]
    assert list(frame["contract_id"]) == [f"F-{i:03d}" for i in range(1, 11)]
    want = [
        money(r[fee].split("/")[0]) * next((n for w, n in times.items() if w in r[fee]), 12)
        for r in kept
    ]
    assert [Decimal(repr(float(v))) for v in frame["annual_fee"]] == want
    starts = [dt.datetime.strptime(r["Start Date"], "%m/%d/%Y").date() for r in kept]
    assert list(frame["starts_on"].dt.date) == starts
    # a whole year at a whole year's fee
    assert frame.set_index("contract_id").loc["F-001", "contract_value"] == 6300.0


def test_machines_of_many_series():
    contracts = lines("6-many-series/contracts.csv")
    book = fpp.load_book(EXPORTS / "6-many-series")
    assert [len(book.contracts), len(book.fleet), len(book.contract_units)] == [116, 378, 890]
    as_of = dt.date(2024, 12, 31)
    want = Decimal(0)
    for r in contracts:
        start = dt.date.fromisoformat(r["starts_on"])
        years, months = divmod(start.month - 1 + int(r["term_months"]), 12)
        end = dt.date(start.year + years, months + 1, min(start.day, 28))
        end += dt.timedelta(start.day - end.day)  # no start lies behind the 28th of a short month
        last = end - dt.timedelta(1)
        signed = dt.date.fromisoformat(r["signed_on"])
        want += left(money(r["contract_value"]), signed, start, last, as_of)
    assert backlog(book, as_of) == want
    assert book.fleet["rated_kw"].isna().all()
    assert not book.stated("fleet", "rated_kw")
