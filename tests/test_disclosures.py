"""The public record: read, reconciled and turned into periods; figures sourced beside them."""

from __future__ import annotations

import dataclasses
import doctest
import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis import disclosures
from fpp_analysis.context import Context
from fpp_analysis.disclosures import agreement, record, rollforward
from fpp_analysis.errors import DataError
from fpp_analysis.metrics import METRICS
from fpp_analysis.numbers import worded


@pytest.fixture(scope="module")
def public() -> pd.DataFrame:
    return disclosures.public_record()


@pytest.fixture(scope="module")
def filed(public: pd.DataFrame) -> pd.DataFrame:
    return disclosures.deferred_rollforward_filed(public)


@pytest.mark.parametrize("module", [record, rollforward, agreement])
def test_docstrings(module) -> None:
    import sys

    name = getattr(module, "__module__", None) or module.__name__
    assert doctest.testmod(sys.modules[name]).failed == 0


def test_every_row_has_a_source_and_a_date(public: pd.DataFrame) -> None:
    assert len(public) == 186
    for name in ("source", "source_date", "metric", "unit", "qualifier"):
        assert (public[name] != "").all(), name
    assert public["precision"].isin([1, 0.1]).all()


def test_qualifiers_without_an_interval_are_statements(public: pd.DataFrame) -> None:
    readings = disclosures.readings(public)
    stated = readings[readings["reading"] == "statement"]
    assert (len(readings) - len(stated), len(stated)) == (174, 12)
    assert set(stated["qualifier"]) == {
        "launched approximately two years ago", "generally quarterly in advance", "record",
        "four basic tiers", "new record for quarterly", "preliminary", "planned",
        "99.5% of expected", "balance", "then estimated",
    }  # fmt: skip
    assert stated["low"].isna().all()
    assert (stated["allows"] == "").all()


@pytest.mark.parametrize(
    ("metric", "as_of", "allows"),
    [
        # press release of 1 December 2009
        ("fpp_backlog", "2009-05-31", "[10.5, 11.5)"),
        ("fpp_backlog", "2009-11-30", "(17, ∞)"),
        ("fpp_backlog_growth", "2009-11-30", "(60, ∞)"),
        ("units_under_fpp", "2009-11-30", "(500, ∞)"),
        ("coverage_rate_c200_c1000", "2009-11-30", "[38.5, 39.5)"),
        ("contract_announced_value", "2009-12-01", "[1.75, 1.85)"),
        ("fpp_term_typical", "2009-12-01", "[5, 9]"),
        # 10-K FY2025, note 7
        ("fpp_remaining_performance_obligations", "2025-03-31", "[5.25, 5.35)"),
        # 10-K FY2018, note 7, in thousands
        ("fpp_billings", "2018-03-31", "[15137.5, 15138.5)"),
    ],
)
def test_readings(public: pd.DataFrame, metric: str, as_of: str, allows: str) -> None:
    readings = disclosures.readings(public)
    row = readings[(readings["metric"] == metric) & (readings["as_of"] == as_of)]
    assert row["allows"].tolist() == [allows]


# 10-K FY2015, FY2016, FY2018 (note 7) and 10-Q notes 13, in thousands of dollars:
# opening, billings, recognised, closing, deposits, total
FILED = {
    "FY2013": (1167, 5884, 5639, 1412, 1677, 3089),
    "FY2014": (1412, 7689, 7040, 2061, 596, 2657),
    "FY2015": (2061, 9773, 9343, 2491, 560, 3051),
    "FY2016": (2491, 11419, 10981, 2929, 1439, 4368),
    "FY2017": (2929, 13447, 12962, 3414, 1636, 5050),
    "FY2018": (3414, 15138, 15003, 3549, 1960, 6596),
    "FY2014 9M": (1412, 5635, 5142, 1905, 740, 2645),
    "FY2015 6M": (2061, 4288, 4242, 2107, 1634, 3741),
    "FY2016 9M": (2491, 8507, 8262, 2736, 1222, 3958),
    "FY2017 6M": (2929, 6577, 6219, 3287, 1233, 4520),
    "FY2017 9M": (2929, 10268, 9697, 3500, 1080, 4580),
    "FY2018 3M": (3414, 3617, 3678, 3353, 2524, 5877),
}


def test_the_twelve_filed_periods(filed: pd.DataFrame) -> None:
    table = filed.set_index("period")
    assert set(table.index) == set(FILED)
    for period, (opening, billings, recognised, closing, deposits, total) in FILED.items():
        row = table.loc[period]
        expected = [opening, billings, -recognised, closing, deposits, total]
        names = ["opening", "billings", "recognised", "closing", "deposits", "total"]
        assert (row[names] / 1000).tolist() == expected, period
        assert row["opening"] + row["billings"] + row["recognised"] == row["closing"]
    other = table["other"].fillna(0)
    assert (table["closing"] + table["deposits"] + other == table["total"]).all()


def test_filed_periods_have_their_days(filed: pd.DataFrame) -> None:
    days = filed.set_index("period")[["period_start", "period_end", "months"]]
    assert days.loc["FY2013"].tolist() == [
        pd.Timestamp(2012, 4, 1), pd.Timestamp(2013, 3, 31), 12,
    ]  # fmt: skip
    assert days.loc["FY2016 9M", "period_end"].date() == date(2015, 12, 31)
    assert filed["period_end"].is_monotonic_increasing


@pytest.mark.parametrize(
    ("period", "billings", "revenue"),
    [
        # year to date less the year to date before, in thousands: 7689 − 5635 and so on
        ("FY2014 Q4", 2054, 1898),
        ("FY2015 H2", 5485, 5101),
        ("FY2016 Q4", 2912, 2719),
        ("FY2017 Q3", 3691, 3478),
        ("FY2017 Q4", 3179, 3265),
        ("FY2018 M4-M12", 11521, 11325),
    ],
)
def test_discrete_periods(
    filed: pd.DataFrame, period: str, billings: float, revenue: float
) -> None:
    row = disclosures.discrete_periods(filed).set_index("period").loc[period]
    assert (row["billings"] / 1000, -row["recognised"] / 1000) == (billings, revenue)
    assert row["opening"] + row["billings"] + row["recognised"] == row["closing"]


def test_discrete_periods_tile_the_years(filed: pd.DataFrame) -> None:
    parts = disclosures.discrete_periods(filed)
    gap = parts["period_start"].iloc[1:].to_numpy() - parts["period_end"].iloc[:-1].to_numpy()
    assert (gap == np.timedelta64(1, "D")).all()
    years = filed[filed["months"] == 12]
    assert parts["billings"].sum() == years["billings"].sum()
    assert parts["recognised"].sum() == years["recognised"].sum()
    assert parts["opening"].iloc[1:].tolist() == parts["closing"].iloc[:-1].tolist()


def test_ratios_of_the_years(filed: pd.DataFrame) -> None:
    ratios = disclosures.key_ratios(filed[filed["months"] == 12])
    assert ratios["deferred_days"].round().tolist() == [88, 98, 93, 94, 93, 86]
    assert ratios["billings_to_revenue"].round(3).tolist() == [
        1.043, 1.092, 1.046, 1.040, 1.037, 1.009,
    ]  # fmt: skip
    assert ratios["revenue_growth"].iloc[1:].round(3).tolist() == [
        0.248, 0.327, 0.175, 0.180, 0.157,
    ]  # fmt: skip
    assert np.isnan(ratios["revenue_growth"].iloc[0])


def test_whatever_can_be_checked_agrees(public: pd.DataFrame) -> None:
    checks = disclosures.agreement(public)
    assert checks["result"].isin(disclosures.RESULTS).all()
    assert checks[checks["result"] == "differs"].empty
    count = checks["check"].value_counts()
    assert count["roll-forward foots"] == 12
    assert count["balances add up to the total"] == 12
    assert count["year-to-date gives periods that foot"] == 6
    obligation = checks[checks["check"] == "parts add up to the obligation"]
    assert obligation["formula"].tolist() == ["4,700,000 + 600,000 = 5,300,000"]
    growth = checks[checks["check"] == "growth against its balances"]
    assert growth["result"].tolist() == ["possible, not implied"]
    assert growth["left"].item() == pytest.approx(17 / 11 - 1)


@pytest.mark.parametrize(
    ("metric", "period", "value", "check"),
    [
        ("fpp_billings", "FY2014 (12M)", 7690, "roll-forward foots"),
        ("fpp_deferred_revenue_opening", "FY2017 9M", 2930, "opening follows on"),
        ("deferred_revenue_total", "FY2018 (12M)", 6597, "balances add up to the total"),
        ("fpp_deferred_revenue_closing", "FY2016 9M", 2737, "year-to-date gives periods that foot"),
        ("units_shipped", "FY2010", 300, "quarters within their year"),
        ("revenue_total", "FY2015", 80_000, "parts within the whole"),
        (
            "fpp_remaining_performance_obligations_current", "next 12 months", 4.9,
            "parts add up to the obligation",
        ),
        ("fpp_backlog_growth", "2009-05-31/2009-11-30", 700, "growth against its balances"),
    ],
)  # fmt: skip
def test_a_wrong_figure_is_found(
    public: pd.DataFrame, metric: str, period: str, value: float, check: str
) -> None:
    wrong = public.copy()
    at = (wrong["metric"] == metric) & (wrong["period"] == period)
    assert at.sum() == 1
    wrong.loc[at, "value_low"] = value
    if metric == "fpp_backlog_growth":  # only bounded balances can contradict it
        backlog = wrong["metric"] == "fpp_backlog"
        wrong.loc[backlog, "qualifier"] = "approximately"
    found = disclosures.agreement(wrong)
    found = found[found["result"] == "differs"]
    assert found["check"].str.startswith(check).any(), found


def test_two_figures_for_one_line_are_refused(public: pd.DataFrame) -> None:
    double = public[public["metric"] == "fpp_billings"].iloc[[0]].assign(value_low=1.0)
    with pytest.raises(DataError, match="fpp_billings of FY2013"):
        disclosures.deferred_rollforward_filed(pd.concat([public, double], ignore_index=True))


def test_a_figure_that_is_no_number_names_its_row(public: pd.DataFrame) -> None:
    wrong = public.head(2).astype({"value_low": object})
    wrong.loc[1, "value_low"] = "seventeen"
    with pytest.raises(DataError, match="row 2: fpp_backlog"):
        disclosures.readings(wrong)


def test_an_empty_record_gives_empty_frames(public: pd.DataFrame) -> None:
    nothing = public.head(0)
    filed = disclosures.deferred_rollforward_filed(nothing)
    assert filed.empty
    assert disclosures.discrete_periods(filed).empty
    assert disclosures.key_ratios(filed).empty
    assert disclosures.agreement(nothing).empty
    assert disclosures.readings(nothing).empty


def test_the_record_is_not_changed(public: pd.DataFrame) -> None:
    before = public.copy(deep=True)
    disclosures.readings(public)
    disclosures.agreement(public)
    pd.testing.assert_frame_equal(public, before)


@pytest.mark.parametrize(
    ("period", "span"),
    [
        ("FY2014", (2014, 1, 12)),
        ("FY2014 (12M)", (2014, 1, 12)),
        ("FY2015 6M", (2015, 1, 6)),
        ("FY2011 Q3", (2011, 7, 9)),
    ],
)
def test_fiscal_spans(period: str, span: tuple[int, int, int]) -> None:
    found = disclosures.fiscal_span(period)
    assert found is not None
    assert (found.year, found.first_month, found.last_month) == span


@pytest.mark.parametrize("period", ["", "CY2018", "thereafter", "FY14", "2013/2017", "FY2014 7M"])
def test_no_fiscal_span(period: str) -> None:
    assert disclosures.fiscal_span(period) is None


def test_the_sample_agrees_with_what_was_published() -> None:
    panel = disclosures.compared(fpp.load_book("sample"))
    assert panel["agrees"].all()
    assert set(panel["metric"]) == {
        "backlog", "growth", "units_under_contract", "coverage_rate",
    }  # fmt: skip
    assert len(panel) == 5


@pytest.mark.parametrize(
    ("metric", "as_of", "text"),
    [
        ("fpp_backlog", "2009-11-30", "over $17 million"),
        ("fpp_backlog_growth", "2009-11-30", "over 60%"),
        ("coverage_rate_c200_c1000", "2009-11-30", "39%"),
        ("units_shipped_cumulative", "2009-12-01", "over 5,000 units"),
        ("fpp_term_typical", "2009-12-01", "most between 5 and 9 years"),
        ("fpp_term_min", "2009-12-01", "1 year"),
        ("fpp_launch", "2009-12-01",
         "launched approximately two years ago (2007 to 2008 calendar year)"),
        ("fpp_billings", "2018-03-31", "$15,138 thousand"),
        ("rental_fleet_target", "2020-10-05", "planned (21 MW)"),
        ("product_book_to_bill", "2019-09-30", "preliminary (1.0 ratio)"),
        ("fpp_backlog", "2014-08", "record of over $55 million"),
    ],
)  # fmt: skip
def test_figures_as_a_reader_sees_them(
    public: pd.DataFrame, metric: str, as_of: str, text: str
) -> None:
    rows = public[(public["metric"] == metric) & (public["as_of"] == as_of)]
    assert [disclosures.printed(row) for row in rows.to_dict("records")] == [text]


def test_shares_of_the_whole(public: pd.DataFrame) -> None:
    """Figures of the 10-K FY2015 and of the letter that quotes it, in thousands and millions."""
    checks = disclosures.agreement(public).set_index("subject")
    # 5,623 + 29,107 + 460 + 14,754 + 10,374 + 10,127 + 38,141 + 24,300 = 132,886 of 133,105
    both = checks.loc[
        "product revenue and parts accessories service revenue within revenue total, FY2014"
    ]
    assert (both["left"], both["right"]) == (132_886_000, 133_105_000)
    share = checks.loc["revenue recognized within parts accessories service revenue, FY2014"]
    assert share["left"] / share["right"] == pytest.approx(7.04 / 24.3)


def test_what_was_published_later_is_not_known_yet():
    book = fpp.load_book("sample")
    early, late = (book.until(day) for day in ("2009-11-30", "2009-12-31"))
    assert len(disclosures.compared(early)) < len(disclosures.compared(late))
    then = disclosures.public_record(early)
    assert 0 < len(then) < len(disclosures.public_record(book))
    assert then["source_date"].max() <= "2009-11-30"
    assert len(book.as_known("2009-11-30").until("2009-12-31").disclosures) == len(then)


@pytest.mark.parametrize(
    ("dated", "first"),
    [
        ({"source_date": "2014-08"}, "2014-08-31"),  # some day of a month: its last one
        ({"source_date": "2014"}, "2014-12-31"),
        ({"source_date": None, "as_of": "2014-03-31"}, "2014-03-31"),
        ({"source_date": None, "as_of": None, "period": "2013-04-01/2014-03-31"}, "2014-03-31"),
    ],
)
def test_a_published_figure_is_known_from_the_last_day_it_can_mean(dated, first):
    book = fpp.load_book("sample")
    book = dataclasses.replace(book, disclosures=book.disclosures.head(1).assign(**dated))
    assert len(book.until(pd.Timestamp(first) - pd.Timedelta(days=1)).disclosures) == 0
    assert len(book.until(first).disclosures) == 1


def test_a_record_without_a_line_of_deferred_revenue_has_no_rollforward(public):
    nothing = disclosures.deferred_rollforward_filed(public[public["metric"] == "fpp_backlog"])
    assert nothing.empty
    assert disclosures.key_ratios(nothing).empty
    assert disclosures.discrete_periods(nothing).empty


def test_the_page_of_the_record_dates_filed_periods_by_the_books_own_year() -> None:
    """Years that end in September: those of the roll-forward are drawn at 30 September."""
    notebook = Path(__file__).parent.parent / "notebooks" / "60-public-record.ipynb"
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    (asked,) = ["".join(c["source"]) for c in cells if "measures" in c["metadata"].get("tags", ())]
    book = fpp.load_book("sample")
    own = dataclasses.replace(book.settings, fiscal_year_end_month=9, data_cut_off=None)
    ctx = Context.of(dataclasses.replace(book, settings=own), as_of="2020-09-30")
    names = {"ctx": ctx, "disclosures": disclosures, "METRICS": METRICS, "worded": worded}
    exec(asked, names)  # noqa: S102 - the cell that asks, of the project's own notebook
    ends = pd.to_datetime(names["years"]["period_end"])
    assert len(ends) > 1
    assert set(ends.dt.strftime("%m-%d")) == {"09-30"}
