"""Presentation tables: what is printed is the frame, rounded once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis import tables
from fpp_analysis.context import Context
from fpp_analysis.errors import UsageError
from fpp_analysis.numbers import DASH, MINUS, Money
from fpp_analysis.tables.printing import shown

USD, THOUSAND = Money("USD", 1, 0), Money("USD", 1_000, 0)
MILLION = Money("USD", 1_000_000, 1)


@pytest.fixture(scope="module")
def ctx():
    return Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")


@pytest.mark.parametrize(
    ("value", "kind", "money", "text"),
    [
        (1_234_567.0, "money", THOUSAND, "1,235"),
        (-1_234_567.0, "money", THOUSAND, "−1,235"),
        (0.0, "money", THOUSAND, "–"),
        (-0.0, "money", THOUSAND, "–"),
        (-3.0, "money", THOUSAND, "0"),  # rounds to nothing, but is not nothing
        (500.0, "money", THOUSAND, "1"),  # half away from zero
        (-500.0, "money", THOUSAND, "−1"),
        (17_649_999.99, "money", MILLION, "17.6"),
        (17_650_000.0, "money", MILLION, "17.7"),
        (0.0, "fraction", THOUSAND, "0.0%"),
        ("2010-11", "text", THOUSAND, "2010-11"),  # a name of the book
        (0.3885, "fraction", THOUSAND, "38.9%"),
        (-0.031, "fraction", THOUSAND, "−3.1%"),
        (None, "fraction", THOUSAND, "n/a"),
        (None, "money", THOUSAND, "n/a"),
        (None, "text", THOUSAND, ""),
        (1234, "count", THOUSAND, "1,234"),
        (1.125, "ratio", THOUSAND, "1.13"),
        (1_229_911.29, "number", THOUSAND, "1,229,911"),
        (-0.94, "number", THOUSAND, "−0.94"),
        ("2009-11-30", "date", THOUSAND, "30 Nov 2009"),
        (True, "flag", THOUSAND, "yes"),
    ],
)
def test_each_kind_is_printed_its_own_way(value, kind, money, text):
    assert shown(value, kind, money=money) == text


@given(st.integers(-(10**14), 10**14), st.sampled_from([USD, THOUSAND, MILLION]))
def test_printed_money_reads_back_within_half_a_unit(cents, money):
    text = shown(cents / 100, "money", money=money)
    read = 0.0 if text == DASH else float(text.strip(MINUS).replace(",", ""))
    sign = -1 if text.startswith(MINUS) else 1
    step = money.divisor / 10**money.decimals
    assert abs(sign * read * money.divisor - cents / 100) <= step / 2 * (1 + 1e-9)
    assert (text == DASH) == (cents == 0)
    assert not (text.startswith(MINUS) and cents > 0)
    assert text not in ("−0", "−0.0", "-0")


def test_the_measure_without_groups_is_the_total(ctx):
    parts = fpp.backlog(ctx.book, as_of=ctx.as_of, by="region")
    whole = fpp.backlog(ctx.book, as_of=ctx.as_of)
    table = tables.printed(parts, money=ctx.money, total=whole)
    assert [c.name for c in table.columns] == ["region", "backlog"]
    assert table.total_rows == (len(parts),)
    assert table.rows[-1][0] == "Total"
    assert sum(round(row[1] * 100) for row in table.rows[:-1]) == round(table.rows[-1][1] * 100)
    assert table.unit == "USD thousand"
    assert [c.label for c in table.columns] == ["Region", "Backlog"]


def test_a_column_says_its_unit_where_kinds_differ(ctx):
    frame = fpp.prices(ctx.book, as_of=ctx.as_of, by="series")
    labels = {c.name: c.label for c in tables.printed(frame, money=ctx.money).columns}
    assert labels["price_median"] == "Price, median (USD per kW-year)"
    mixed = pd.DataFrame({"customer": ["A"], "backlog": [1.0], "share": [1.0]})
    printed = tables.printed(mixed, money=THOUSAND)
    assert printed.unit == "Amounts in USD thousand", "once, over the table, and in no header"
    assert [c.label for c in printed.columns] == ["Customer", "Backlog", "Share"]


def test_months_and_days_of_ours_are_said_in_words():
    frame = pd.DataFrame({"period": ["2010-11", "FY2010Q2"], "source_date": ["2009-09-30", ""]})
    assert tables.printed(frame, money=USD).shown == (("Nov 2010", "30 Sep 2009"), ("FY2010Q2", ""))


def test_movements_that_did_not_happen_can_be_left_out():
    frame = pd.DataFrame({"opening": [0.0], "new": [2.0], "fx": [0.0], "closing": [2.0]})
    names = [c.name for c in tables.printed(frame, money=USD, drop_zero=True).columns]
    assert names == ["opening", "new", "closing"]
    nothing = pd.DataFrame({"opening": [0.0], "new": [0.0], "closing": [0.0]})
    names = [c.name for c in tables.printed(nothing, money=USD, drop_zero=True).columns]
    assert names == ["opening", "closing"]


def test_rows_are_plain_data_and_the_frame_is_left_as_it_was():
    frame = pd.DataFrame(
        {
            "period_start": pd.to_datetime(["2009-04-01"]),
            "partial": [np.True_],
            "contracts": np.array([3], np.int64),
            "coverage_rate": [np.nan],
        }
    )
    before = frame.copy(deep=True)
    table = tables.printed(frame, money=USD)
    assert table.rows == (("2009-04-01", True, 3, None),)
    assert table.shown == (("1 Apr 2009", "yes", "3", "n/a"),)
    pd.testing.assert_frame_equal(frame, before)


def test_an_empty_frame_keeps_its_header():
    table = tables.printed(pd.DataFrame({"region": [], "backlog": []}), money=USD)
    assert [c.name for c in table.columns] == ["region", "backlog"]
    assert table.rows == ()


def test_an_unknown_column_is_refused_with_those_there_are():
    with pytest.raises(UsageError, match=r"no column 'reigon' .*there are: region, backlog"):
        tables.printed(
            pd.DataFrame({"region": ["A"], "backlog": [1.0]}), money=USD, columns=["reigon"]
        )


def test_dates_stand_side_by_side_and_add_up(ctx):
    dates = [ctx.compare_to, ctx.as_of]
    ladder = tables.dated(fpp.ladder(ctx.book, as_of=dates), value="backlog")
    whole = tables.dated(fpp.backlog(ctx.book, as_of=dates), value="backlog")
    assert ladder.columns.tolist() == ["bucket", "31 May 2009", "30 Nov 2009"]
    for column in ladder.columns[1:]:
        assert round(ladder[column].sum() * 100) == round(whole[column].sum() * 100)
    printed = tables.printed(ladder, money=ctx.money, total=whole)
    assert [c.label for c in printed.columns] == ["Months ahead", "31 May 2009", "30 Nov 2009"]
    assert [c.kind for c in printed.columns] == ["text", "money", "money"]


def test_restated_dates_tie_to_both_views(ctx):
    frame = tables.restated(ctx)
    assert [f"{d:%Y-%m-%d}" for d in frame["as_of"]] == [ctx.as_of, *ctx.earlier]
    for row in frame.to_dict("records"):
        date = f"{row['as_of']:%Y-%m-%d}"
        then = fpp.backlog(ctx.book.as_known(date), as_of=date)["backlog"].item()
        now = fpp.backlog(ctx.book, as_of=date)["backlog"].item()
        assert (row["known_first"], row["known_last"]) == (then, now)


def test_quality_counts_rows_and_findings(ctx):
    frame = tables.quality(ctx.book).set_index("table")
    assert frame.loc["Contracts", "accepted_rows"] == len(ctx.book.contracts)
    findings = tables.warnings(ctx)
    assert frame["warnings"].sum() == findings["findings"].sum() == 1  # of 13 in the whole book
    last = Context.of(fpp.load_book("sample"), as_of="2012-03-31")
    assert tables.quality(last.book)["warnings"].sum() == len(last.book.warnings) == 13


def test_reference_values_stand_beside_what_is_computed(ctx):
    frame = tables.tied(ctx)
    plain = fpp.tie_out(ctx.book, as_of=ctx.as_of)
    parts = plain["scope"].str.contains("=", regex=False)
    assert len(tables.tied_explained(ctx)) > 0 < parts.sum()  # beside their reasons
    plain = plain[~parts]
    assert len(frame) == len(plain) > 0
    assert sorted(frame["reference"]) == sorted(plain["reference"])
    assert (frame["computed"] - frame["difference"] - frame["reference"]).abs().max() < 1e-6
    assert frame["against"].tolist()[0] == "ledger"
    printed = tables.printed(frame, money=ctx.money)
    assert "_" not in " ".join(row[0] for row in printed.shown)


def test_rows_that_do_not_add_up_as_printed_say_so():
    parts = pd.DataFrame({"region": ["A", "B"], "backlog": [1_400.0, 1_400.0]})
    whole = pd.DataFrame({"backlog": [2_800.0]})
    apart = tables.printed(parts, money=THOUSAND, total=whole)
    assert [row[1] for row in apart.shown] == ["1", "1", "3"]
    assert apart.rounds_apart
    assert not tables.printed(parts, money=USD, total=whole).rounds_apart
    assert not tables.printed(parts, money=THOUSAND).rounds_apart
    alone = tables.printed(parts.head(0), money=USD, total=whole)
    assert not alone.rounds_apart, "a total that no row stands above adds up nothing"
