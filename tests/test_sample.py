"""The synthetic sample: each sentence of the release of 1 December 2009, and its own shape.

Every sentence is tested on all rows and on the book as known on the day of the release.
"""

from __future__ import annotations

import doctest
import filecmp
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import fpp_analysis as fpp
from fpp_analysis import sample
from fpp_analysis.cli import cli
from fpp_analysis.errors import UsageError, WriteError
from fpp_analysis.sample import contracts as sample_contracts
from fpp_analysis.sample import names as sample_names
from fpp_analysis.sample.assumptions import assumed
from fpp_analysis.sample.files import BESIDE, write_book
from tests import sample_ledger as ledger
from tests.sample_beside import write_beside

SHIPPED = Path(__file__).parents[1] / "data" / "sample"
SCOPE = "C200 and C1000 Series"
MAY, NOVEMBER, RELEASE = "2009-05-31", "2009-11-30", "2009-12-01"


@pytest.fixture(scope="module")
def whole() -> fpp.Book:
    return fpp.load_book("sample")


@pytest.fixture(scope="module", params=["all rows", "as known on the release's day"])
def book(request: pytest.FixtureRequest, whole: fpp.Book) -> fpp.Book:
    return whole if request.param == "all rows" else whole.as_known(RELEASE)


def signed(book: fpp.Book) -> pd.DataFrame:
    """The contracts signed by the day that the release's figures are of."""
    return book.contracts[book.contracts["signed_on"] <= NOVEMBER]


# ---------------------------------------------------------------- the release


def test_backlog_in_may_was_approximately_11_million(book: fpp.Book) -> None:
    backlog = fpp.backlog(book, as_of=MAY)["backlog"].item()
    assert 10.5e6 <= backlog < 11.5e6
    assert abs(backlog - 10.8e6) < 0.05e6  # what the sample aims at


def test_backlog_in_november_was_over_17_million(book: fpp.Book) -> None:
    backlog = fpp.backlog(book, as_of=NOVEMBER)["backlog"].item()
    assert 17e6 < backlog < 18e6
    assert abs(backlog - 17.6e6) < 0.1e6


def test_growth_was_over_60_percent_unrounded(book: fpp.Book) -> None:
    opening, closing = fpp.backlog(book, as_of=[MAY, NOVEMBER])["backlog"]
    assert closing / opening - 1 > 0.60
    # a reader with the printed figures and a calculator gets less: 17 / 11 − 1
    assert 17 / 11 - 1 < 0.60


def test_in_excess_of_500_machines_are_under_contract(book: fpp.Book) -> None:
    units = fpp.coverage(book, as_of=NOVEMBER)["units_under_contract"].item()
    assert 500 < units < 600


def test_39_percent_of_the_c200_and_c1000_series_in_operation_are_covered(
    book: fpp.Book,
) -> None:
    row = fpp.coverage(book, as_of=NOVEMBER, scope=SCOPE).iloc[0]
    assert 0.385 <= row["coverage_rate"] < 0.395
    assert row["coverage_rate"] == row["covered"] / row["in_operation"]
    assert row["in_operation"] >= 40  # a rate that says something


def test_over_5000_machines_were_shipped(book: fpp.Book) -> None:
    shipped = int((book.fleet["shipped_on"] <= NOVEMBER).sum())
    assert 5_000 < shipped < 5_600


def test_the_programme_began_about_december_2007(book: fpp.Book) -> None:
    first = book.contracts["signed_on"].min()
    assert pd.Timestamp(2007, 12, 1) <= first <= pd.Timestamp(2008, 1, 15)


def test_terms_run_from_1_to_15_years_most_of_them_5_to_9(book: fpp.Book) -> None:
    months = signed(book)["term_months"]
    assert (months.min(), months.max()) == (12, 180)
    assert months.between(60, 108).mean() > 0.5


def test_two_new_15_year_contracts_for_c1000_systems_in_europe(book: fpp.Book) -> None:
    known = signed(book)
    month = known["signed_on"] >= "2009-11-01"
    pair = known[(known["term_months"] == 180) & (known["region"] == "Europe") & month]
    assert len(pair) == 2
    assert (pair["vertical"] == "renewable").all()
    assert (pair["currency"] == "USD").all()
    assert 1.75e6 <= pair["contract_value"].sum() < 1.85e6
    units = book.contract_units.merge(pair, on="contract_id").merge(book.fleet, on="serial_number")
    assert units["model"].tolist() == ["C1000", "C1000"]
    assert units["contract_id"].nunique() == 2
    assert (pair["billing_frequency"] == "quarterly").all()
    assert (pair["billing_timing"] == "advance").all()


def test_fees_are_generally_paid_quarterly_in_advance(book: fpp.Book) -> None:
    known = signed(book)
    share = (
        (known["billing_frequency"] == "quarterly") & (known["billing_timing"] == "advance")
    ).mean()
    assert 0.94 < share < 1
    advance = book.contracts[book.contracts["billing_timing"] == "advance"]
    assert advance["invoice_lead_days"].between(30, 35).all()


# ------------------------------------------------------------ beside the public record


@pytest.mark.parametrize(
    ("start", "end"), [("2010-03-31", "2011-03-31"), ("2011-03-31", "2012-03-31")]
)
def test_deferred_revenue_is_about_a_quarter_of_billings(
    whole: fpp.Book, start: str, end: str
) -> None:
    # 86 to 98 days in FY2013 to FY2018: 10-K notes on deferred revenue (data/disclosures)
    closing = fpp.deferred_revenue(whole, as_of=end)["deferred_revenue"].item()
    billed = fpp.billings(whole, start=start, end=end, every="none")["amount"].item()
    assert 86 <= closing / billed * 365 <= 98


@pytest.mark.parametrize(
    ("start", "end", "units"),
    [
        # data/disclosures: units shipped, results releases of FY2010 and FY2011
        ("2008-03-31", "2008-06-30", 89),
        ("2009-03-31", "2009-06-30", 80),
        ("2009-06-30", "2009-09-30", 138),
        ("2009-09-30", "2009-12-31", 122),
        ("2009-03-31", "2010-03-31", 499),
        ("2010-06-30", "2010-09-30", 174),
        ("2010-09-30", "2010-12-31", 171),
        ("2010-03-31", "2011-03-31", 611),
    ],
)
def test_shipments_are_those_published(whole: fpp.Book, start: str, end: str, units: int) -> None:
    shipped = whole.fleet["shipped_on"]
    assert int(((shipped > start) & (shipped <= end)).sum()) == units


def test_prices_are_near_the_announced_one_and_higher_for_small_machines(
    whole: fpp.Book,
) -> None:
    # 1.8 million / 2 systems / 15 years / 1,000 kW = 60 dollars per kW and year
    prices = fpp.prices(whole, as_of=NOVEMBER, by="series").set_index("series")["price_median"]
    assert 50 < prices["C1000 Series"] < 72
    assert prices["C1000 Series"] < prices["C200"] < prices["C65"] < prices["C30"]


# ------------------------------------------------------------------------- its shape


def test_it_says_that_it_is_synthetic(whole: fpp.Book) -> None:
    assert whole.settings.synthetic
    assert "ynthetic" in whole.settings.name
    rates = pd.read_csv(SHIPPED / "fx_rates.csv")
    assert set(rates["origin"]) == {"invented"}
    assert (SHIPPED / "book.toml").read_text().startswith("# A synthetic book")


def test_it_loads_with_no_warning_but_of_what_went_wrong_on_purpose(whole: fpp.Book) -> None:
    assert [fault.rule for fault in whole.warnings] == ["F928"] * 12 + ["F927"]
    *apart, after = whole.warnings
    renewed = whole.contracts.set_index("contract_id")["renews_contract_id"]
    ids = [fault.subject.removeprefix("contract ") for fault in apart]
    assert len(set(ids)) == 12
    for fault, renewal in zip(apart, ids, strict=True):
        assert f"the cover of '{renewed[renewal]}' ends" in fault.message
    late = after.subject.removeprefix("invoice ")
    contract = whole.invoices.set_index("invoice_id")["contract_id"][late]
    assert ledger.kept(whole)[1][contract] == "after the end"


def test_it_runs_on_to_march_2012(whole: fpp.Book) -> None:
    assert whole.settings.data_cut_off.isoformat() == "2012-03-31"
    quarters = whole.contracts["signed_on"].dt.to_period("Q").value_counts()
    assert quarters.index.max() == pd.Period("2012Q1")
    assert (quarters >= 5).all()
    for frame, column in (
        (whole.contracts, "recorded_on"), (whole.amendments, "recorded_on"),
        (whole.fleet, "shipped_on"), (whole.fleet, "commissioned_on"),
        (whole.fleet, "retired_on"),
    ):  # fmt: skip
        assert frame[column].max() <= pd.Timestamp(2012, 3, 31)


def test_it_is_large_enough_and_mixed(whole: fpp.Book) -> None:
    contracts, fleet = whole.contracts, whole.fleet
    assert 300 <= len(contracts) <= 600
    assert len(fleet) > 5_000
    assert set(fleet["model"]) == {"C30", "C65", "C200", "C600", "C800", "C1000"}
    assert set(contracts["currency"]) == {"USD", "EUR", "GBP", "JPY"}
    assert contracts["region"].nunique() == 6
    assert contracts["tier"].nunique() == 4
    assert contracts["distributor"].nunique() >= 12
    assert contracts["distributor"].isna().any()
    assert set(contracts["billing_frequency"]) >= {"quarterly", "monthly", "annual", "upfront"}
    assert set(contracts["billing_timing"]) == {"advance", "arrears"}
    assert contracts["notice_days"].notna().mean() > 0.05
    assert contracts["renews_contract_id"].notna().sum() >= 10
    assert (contracts["escalator_rate"].fillna(0) > 0).mean() > 0.2
    kinds = whole.amendments["kind"].value_counts()
    assert kinds["termination"] >= 10
    assert kinds["repricing"] >= 10
    assert kinds["extension"] >= 5
    assert fleet["retired_on"].notna().sum() >= 50
    assert fleet["commissioned_on"].isna().sum() >= 100
    assert whole.contract_units[["covered_from", "covered_until"]].notna().any().all()


def test_each_way_of_writing_a_contract_occurs() -> None:
    """As written in the files: the loaded book has filled in what follows."""
    read = {name: pd.read_csv(SHIPPED / f"{name}.csv") for name in
            ("contracts", "amendments", "contract_units", "fleet", "fx_rates")}  # fmt: skip
    contracts, amendments = read["contracts"], read["amendments"]
    assert (contracts["term_months"].isna() == contracts["ends_on"].notna()).all()
    assert (contracts["contract_value"].isna() == contracts["annual_fee"].notna()).all()
    assert contracts["ends_on"].notna().sum() >= 30
    assert contracts["annual_fee"].notna().sum() >= 30
    assert {"extension", "repricing", "termination", "removal"} == set(amendments["kind"])
    longer = amendments[amendments["kind"] == "extension"]
    assert 0 < longer["ends_on"].notna().sum() < len(longer)
    assert read["contract_units"]["added_on"].notna().sum() >= 5
    assert read["fleet"]["recorded_on"].notna().sum() >= 50
    assert read["fx_rates"]["average_rate"].notna().all()


def test_some_terms_are_no_whole_number_of_months(whole: fpp.Book) -> None:
    odd = whole.contracts["term_months"].isna()
    assert 3 <= odd.sum() <= 40
    assert (whole.contracts.loc[odd, "signed_on"] > RELEASE).all()


def test_renewals_follow_at_once_or_after_a_gap_or_overlap(whole: fpp.Book) -> None:
    ends = pd.Series(whole.schedule.end_of_cover(10**6), whole.contracts["contract_id"])
    renewals = whole.contracts[whole.contracts["renews_contract_id"].notna()]
    starts = (renewals["starts_on"] - pd.Timestamp(0)).dt.days.to_numpy()
    gap = starts - ends[renewals["renews_contract_id"]].to_numpy()
    assert (gap == 0).any()
    assert (gap > 0).any()
    assert (gap < 0).any()


def test_old_machines_retire_and_none_is_waited_for_in_vain(whole: fpp.Book) -> None:
    fleet = whole.fleet
    old = fleet[fleet["shipped_on"] < "2003-01-01"]
    assert 0.2 < old["retired_on"].notna().mean() < 0.6
    units = whole.contract_units.merge(whole.contracts, on="contract_id")
    units = units.merge(fleet, on="serial_number")
    begins = units["covered_from"].fillna(units["starts_on"])
    late = units["commissioned_on"].fillna(pd.Timestamp(2012, 3, 31)) - begins
    assert late.max() < pd.Timedelta(days=90)


def test_every_region_has_backlog_and_every_series_cover(whole: fpp.Book) -> None:
    for column in ("region", "vertical", "tier", "series"):
        parts = fpp.backlog(whole, as_of=NOVEMBER, by=column)
        assert (parts["backlog"] > 0).all(), column
    cover = fpp.coverage(whole, as_of=[NOVEMBER, "2012-03-31"], by="series")
    assert cover["coverage_rate"].between(0.05, 0.6).all()


def test_contracts_start_on_any_day(whole: fpp.Book) -> None:
    day = whole.contracts["starts_on"].dt.day
    assert (day == 1).mean() < 0.5
    assert day.nunique() > 25
    assert (whole.contracts["signed_on"].dt.day_of_week < 5).all()


def test_customers_are_spread(whole: fpp.Book) -> None:
    shares = fpp.concentration(whole, as_of=NOVEMBER)["share"]
    assert shares.iloc[0] < 0.12
    assert shares.head(10).sum() < 0.5


def test_what_came_late_changes_the_balance_a_little(whole: fpp.Book) -> None:
    then = whole.as_known(RELEASE)
    late = whole.contracts[
        (whole.contracts["signed_on"] <= NOVEMBER) & (whole.contracts["recorded_on"] > RELEASE)
    ]
    assert len(late) == 1
    changes = whole.amendments
    changed = changes[(changes["signed_on"] <= NOVEMBER) & (changes["recorded_on"] > RELEASE)]
    assert changed["kind"].tolist() == ["termination"]
    now, before = (fpp.backlog(b, as_of=NOVEMBER)["backlog"].item() for b in (whole, then))
    assert 0 < abs(now - before) < 0.1e6
    later = whole.contracts["recorded_on"] > whole.contracts["signed_on"]
    assert 0.2 < later.mean() < 0.5


def test_renewals_follow_what_they_renew(whole: fpp.Book) -> None:
    new = whole.contracts.dropna(subset=["renews_contract_id"])
    both = new.merge(
        whole.contracts, left_on="renews_contract_id", right_on="contract_id",
        suffixes=("", "_old"), validate="one_to_one",
    )  # fmt: skip
    assert len(both) == len(new)
    assert (both["signed_on"] > both["signed_on_old"]).all()
    assert (both["customer"] == both["customer_old"]).all()
    rate = fpp.renewals(whole, start=NOVEMBER, end="2012-03-31").iloc[0]
    assert rate["expired_count"] >= 15
    assert 0.5 < rate["rate_count"] < 0.95


def test_reference_values_tie_out(whole: fpp.Book) -> None:
    table = fpp.tie_out(whole)
    assert set(table["kind"]) == {"ledger", "budget", "guidance"}
    assert table["computed"].notna().all()
    ledger = table[table["kind"] == "ledger"]
    regions = ledger["scope"].str.startswith("region=")
    assert (ledger["relative"].abs() < 0.03)[~regions].all()
    # a bookkeeping of its own: 30 days a month, and what was really invoiced
    assert (ledger["difference"].abs() > 0.005).mean() > 0.9
    assert table["source"].str.contains("synthetic").all()


# ------------------------------------------------------------------------ the generator


@pytest.mark.parametrize("module", [sample, sample_contracts, sample_names])
def test_docstrings(module) -> None:
    assert doctest.testmod(module).failed == 0


def test_the_default_call_gives_the_shipped_book_byte_for_byte(tmp_path: Path) -> None:
    result = CliRunner().invoke(cli, ["sample", "--out", str(tmp_path / "book")])
    assert result.exit_code == 0, result.output
    assert "synthetic" in result.output
    names = sorted(path.name for path in SHIPPED.iterdir())
    assert sorted(path.name for path in (tmp_path / "book").iterdir()) == names
    assert filecmp.cmpfiles(SHIPPED, tmp_path / "book", names, shallow=False)[0] == names
    # what stands beside it is copied: made anew of the book it is the same
    beside = [f"{name}.csv" for name in BESIDE]
    for name in beside:
        (tmp_path / "book" / name).unlink()
    write_beside(tmp_path / "book")
    assert filecmp.cmpfiles(SHIPPED, tmp_path / "book", beside, shallow=False)[0] == beside


@pytest.mark.parametrize(
    ("contracts", "machines", "seed"), [(40, 600, 7), (900, 1_300, 8), (1, 5, 9)]
)
def test_other_sizes_load_without_a_fault(
    tmp_path: Path, contracts: int, machines: int, seed: int
) -> None:
    rows = write_book(tmp_path / "b", contracts=contracts, machines=machines, seed=seed)
    assert (rows["contracts"], rows["fleet"]) == (contracts, machines)
    book = fpp.load_book(tmp_path / "b")
    assert (len(book.contracts), len(book.fleet)) == (contracts, machines)
    assert book.settings.synthetic
    assert book.disclosures.empty
    assert book.reference_values.empty


def test_a_seed_decides_everything() -> None:
    one, two = (sample.make_tables(contracts=30, machines=400, seed=s) for s in (1, 2))
    again = sample.make_tables(contracts=30, machines=400, seed=1)
    assert all(one[name].equals(again[name]) for name in one)
    assert not one["contracts"].equals(two["contracts"])


def test_every_assumption_is_used_and_none_is_missing() -> None:
    code = [path.read_text(encoding="utf-8") for path in Path(sample.__file__).parent.glob("*.py")]
    asked = [text for text in code if "import assumed" in text]
    used = set(re.findall(r"\b(?:a|assumed)\.([a-z_]+)\b", "".join(asked)))
    assert used == vars(assumed).keys()


def test_too_few_machines_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"room for .* contracts, not 500"):
        write_book(tmp_path / "b", contracts=500, machines=300)
    assert not (tmp_path / "b").exists()


@pytest.mark.parametrize("options", [["--contracts", "0"], ["--seed", "-1"], ["--machines", "x"]])
def test_bad_options_are_refused(tmp_path: Path, options: list[str]) -> None:
    result = CliRunner().invoke(cli, ["sample", "--out", str(tmp_path / "b"), *options])
    assert result.exit_code != 0
    assert not (tmp_path / "b").exists()


def test_a_place_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WriteError, match="could not be written"):
        write_book(tmp_path / "file" / "b", contracts=10, machines=200)


def test_a_synthetic_book_is_replaced_whole(tmp_path: Path) -> None:
    write_book(tmp_path / "b")
    assert (tmp_path / "b" / "disclosures.csv").exists()
    write_book(tmp_path / "b", contracts=5, machines=60, seed=1)
    # what was published stands beside the default book only
    assert not (tmp_path / "b" / "disclosures.csv").exists()
    assert len(fpp.load_book(tmp_path / "b").contracts) == 5
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("book.toml", 'name = "ours"\n'),
        ("book.toml", "not toml ["),
        ("contracts.csv", "contract_id\n"),
        ("notes.txt", "precious"),
    ],
)
def test_anything_else_is_left_alone(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="give an empty or new folder"):
        write_book(tmp_path, contracts=5, machines=60)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == text


def test_names_are_unique_at_any_number() -> None:
    vertical = np.arange(30_000) % len(sample_names.KINDS)
    assert len(set(sample_names.customer_names(vertical))) == 30_000


def test_the_readme_of_the_data_is_true(whole: fpp.Book) -> None:
    text = (SHIPPED.parent / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"\| `(\w+)\.csv` \| ([\d,]+) \|", text))
    assert set(rows) == {path.stem for path in SHIPPED.glob("*.csv")}
    for name, count in rows.items():
        assert int(count.replace(",", "")) == len(getattr(whole, name)), name
    renewals = whole.contracts["renews_contract_id"].notna().sum()
    assert f"{renewals} of them renewals" in text
    columns = []
    for b in (whole, whole.as_known(RELEASE)):
        opening, closing = fpp.backlog(b, as_of=[MAY, NOVEMBER])["backlog"]
        fleet = fpp.coverage(b, as_of=NOVEMBER).iloc[0]
        scope = fpp.coverage(b, as_of=NOVEMBER, scope=SCOPE).iloc[0]
        columns.append(
            [
                f"${opening / 1e6:.2f} million",
                f"${closing / 1e6:.2f} million",
                f"{closing / opening - 1:.1%}",
                f"{fleet['units_under_contract']}",
                f"{scope['covered']} of {scope['in_operation']}, {scope['coverage_rate']:.1%}",
                f"{(b.fleet['shipped_on'] <= NOVEMBER).sum():,}",
            ]
        )
    for left, right in zip(*columns, strict=True):
        assert f"| {left} | {right} |" in text


def test_a_rate_is_not_old_because_the_day_is_after_the_cut_off(whole: fpp.Book) -> None:
    """Warnings are errors here: the newest rate is of the cut-off, the flows are of a year on."""
    ahead = fpp.billings(whole, start="2012-03-31", end="2013-03-31", known_at="2012-03-31")
    assert (ahead["amount"] > 0).all()
