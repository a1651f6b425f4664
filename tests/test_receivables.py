"""What was invoiced and paid: a case by hand, what must add up, and what went wrong on purpose."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import DataError
from fpp_analysis.instalments import instalments
from fpp_analysis.measures.receivables import AGES
from fpp_analysis.sample.draws import Draws
from tests import books
from tests import sample_ledger as ledger
from tests.random_books import write_book

INVOICES = (
    {"invoice_id": "I-1", "contract_id": "K-1", "issued_on": "2009-02-01", "due_on": "2009-03-03",
     "amount": "300.00"},
    {"invoice_id": "I-2", "contract_id": "K-1", "issued_on": "2009-05-01", "due_on": "2009-05-31",
     "amount": "300.00"},
    {"invoice_id": "I-3", "contract_id": "K-1", "issued_on": "2009-05-10", "due_on": "",
     "amount": "-50.00"},
    {"invoice_id": "I-4", "contract_id": "K-1", "issued_on": "2009-08-01", "due_on": "2009-08-31",
     "amount": "300.00"},
)  # fmt: skip
RECEIPTS = (
    {"receipt_id": "R-1", "invoice_id": "I-1", "received_on": "2009-03-20", "amount": "100.00"},
    {"receipt_id": "R-2", "invoice_id": "I-4", "received_on": "2009-07-20", "amount": "40.00"},
)


def small(folder: Path, **tables) -> fpp.Book:
    contract = {"customer": "Alder", "payment_days": "30", "billing_frequency": "quarterly"}
    rows = {"contracts": [contract], "invoices": INVOICES, "receipts": RECEIPTS, **tables}
    return books.book(folder, **rows)


def test_a_ledger_aged_by_hand(tmp_path: Path) -> None:
    """200 of I-1 are open and due since 3 March; the rest of the arithmetic stands beside it."""
    book = small(tmp_path)
    frame = fpp.receivables(book, as_of=["2009-03-03", "2009-05-31", "2009-06-30", "2009-07-31"])
    by_day = {f"{row['as_of']:%m-%d}": row[list(AGES)].tolist() for _, row in frame.iterrows()}
    assert by_day == {
        "03-03": [300, 0, 0, 0, 0, 0],  # due on the day itself: not due
        "05-31": [300, 0, 0, 200, 0, -50],  # I-1 is 89 days late, I-2 due today, I-3 a credit
        "06-30": [0, 300, 0, 0, 200, -50],  # I-2 is 30 days late, I-1 119
        "07-31": [0, 0, 0, 300, 200, -90],  # I-2 is 61 days late; 40 paid before I-4
    }
    assert frame["receivables"].tolist() == [300, 450, 450, 410]
    assert frame["dso"].isna().all()  # the first invoice is younger than 365 days


def test_days_outstanding_by_hand(tmp_path: Path) -> None:
    """On 5 February 2010: open 200 + 300 − 50 + 260 = 710, invoiced since 5 February 2009: 550."""
    frame = fpp.receivables(small(tmp_path), as_of="2010-02-05")
    assert frame["receivables"].item() == 710
    assert frame["dso"].item() == pytest.approx(710 / 550 * 365)
    assert np.isnan(fpp.receivables(small(tmp_path), as_of="2010-01-31")["dso"].item())


def test_collections_by_hand(tmp_path: Path) -> None:
    """Scheduled 300 on 1 Feb, May, Aug and Nov; what was invoiced stands in INVOICES."""
    frame = fpp.collections(small(tmp_path), start="2009-03-31", end="2009-09-30")
    rows = frame.drop(columns=["period", "period_start", "period_end", "partial"])
    assert rows.to_numpy().tolist() == [
        [300, 250, 50, 300, 0, 500],
        [300, 300, 50, 300, 40, 760],
    ]


def test_nothing_counts_before_the_signature(tmp_path: Path) -> None:
    early = [{**INVOICES[0], "issued_on": "2009-01-02", "due_on": "2009-01-10"}]
    book = small(tmp_path, invoices=early, receipts=[{**RECEIPTS[0], "received_on": "2012-01-01"}])
    assert fpp.receivables(book, as_of="2009-01-14")["receivables"].item() == 0
    row = fpp.receivables(book, as_of="2009-01-15").iloc[0]
    assert (row["days_1_30"], row["receivables"]) == (300, 300)


def test_receivables_roll_forward() -> None:
    """Opening + invoiced − received = closing, on every quarter and region, at home to the cent."""
    book = fpp.load_book("sample")
    home = book.only(contracts=(book.contracts["currency"] == "USD").to_numpy())
    home = replace(
        home,
        invoices=home.invoices[home.invoices["contract_id"].isin(home.contracts["contract_id"])],
    )
    kept = home.receipts["invoice_id"].isin(home.invoices["invoice_id"])
    home = replace(home, receipts=home.receipts[kept])
    days = ["2009-03-31", "2010-03-31", "2011-03-31", "2012-03-31"]
    ends = fpp.receivables(home, as_of=days, by="region")
    ends = ends.pivot_table("receivables", "as_of", "region")
    moves = fpp.collections(home, start=days[0], end=days[-1], by="region", every="year")
    moves = moves.assign(net=moves["invoiced"] - moves["received"])
    net = moves.pivot_table("net", "period_end", "region")
    assert np.allclose(ends.diff().iloc[1:], net, atol=0.004, rtol=0)


def as_scheduled(book: fpp.Book) -> fpp.Book:
    """The book with its own instalments as invoices, each paid on its day."""
    rows = instalments(book)
    names = [f"I-{i}" for i in range(len(rows))]
    invoices = pd.DataFrame(
        {"invoice_id": names, "contract_id": rows["contract_id"], "amount": rows["amount"],
         "issued_on": rows["invoice_date"], "due_on": pd.NaT, "recorded_on": pd.NaT}
    )  # fmt: skip
    receipts = pd.DataFrame(
        {"receipt_id": names, "invoice_id": names, "amount": rows["amount"],
         "received_on": rows["cash_date"], "recorded_on": pd.NaT}
    )  # fmt: skip
    return replace(book, invoices=invoices, receipts=receipts.dropna(subset="received_on"))


@pytest.mark.filterwarnings("ignore::fpp_analysis.errors.FppWarning")  # rates grow old
def test_a_book_invoiced_as_scheduled_has_no_gap_on_any_day(tmp_path: Path) -> None:
    for seed in range(6):
        book = fpp.load_book(write_book(tmp_path / str(seed), seed))
        if book.contracts.empty:
            continue
        last = book.contracts["signed_on"].max() + pd.Timedelta(days=900)
        for day in pd.date_range(book.contracts["signed_on"].min(), last, freq="193D"):
            # what is signed only later has no invoice yet in the schedule of that day
            known = as_scheduled(book.until(day))
            frame = fpp.collections(known, start=day - pd.Timedelta(days=1), end=day, every="none")
            assert frame["billing_gap"].tolist() == [0.0], (seed, day)
            assert frame["collection_gap"].tolist() == [0.0], (seed, day)


def test_the_list_finds_what_went_wrong_in_the_sample_and_nothing_else() -> None:
    book = fpp.load_book("sample")
    _, wrong = ledger.kept(book)
    found = fpp.billing_gaps(book, as_of="2012-03-31").set_index("contract_id")["cause"]
    assert found.to_dict() == wrong
    assert len(wrong) == len(ledger.ODD)
    # and before anything had gone wrong, nothing: two ways of bookkeeping agree to the cent
    assert fpp.billing_gaps(book, as_of="2010-03-31").empty


def test_the_samples_ledger_is_made_of_its_seed() -> None:
    book = fpp.load_book("sample")
    accounts, _ = ledger.kept(book)
    invoices, receipts = ledger.documents(book, accounts, Draws(17_176))
    assert invoices["invoice_id"].tolist() == book.invoices["invoice_id"].tolist()
    assert receipts["amount"].astype(float).tolist() == book.receipts["amount"].tolist()


def test_inputs_are_not_changed() -> None:
    book = fpp.load_book("sample")
    before = book.invoices.copy(), book.receipts.copy()
    fpp.receivables(book, as_of="2011-03-31", by="region")
    fpp.overdue(book, as_of="2011-03-31")
    assert book.invoices.equals(before[0])
    assert book.receipts.equals(before[1])


@pytest.mark.parametrize(
    ("table", "change", "said"),
    [
        ("invoices", {"contract_id": "K-9"}, r"invoices\.csv:2.*contract_id.*'K-9'"),
        ("receipts", {"invoice_id": "I-9"}, r"receipts\.csv:2.*invoice_id.*'I-9'"),
        ("invoices", {"amount": "0.00"}, r"invoices\.csv:2.*amount.*is 0"),
        ("receipts", {"amount": "0"}, r"receipts\.csv:2.*amount.*is 0"),
        ("invoices", {"due_on": "2009-01-31"}, r"invoices\.csv:2.*due_on.*is before issued_on"),
        ("invoices", {"amount": "1.234"}, r"invoices\.csv:2.*amount.*decimals"),
    ],
)
def test_bad_documents_are_refused_by_place(tmp_path: Path, table, change, said) -> None:
    rows = {"invoices": list(INVOICES), "receipts": list(RECEIPTS)}
    rows[table][0] = {**rows[table][0], **change}
    with pytest.raises(DataError, match=said):
        small(tmp_path, **rows)


def test_what_a_removal_would_take_out_is_what_it_takes_out(tmp_path: Path) -> None:
    """The same book with the removal signed on the day has just so much less backlog."""
    contracts = [{"payment_days": "30"}, {"contract_id": "K-2", "starts_on": "2009-10-01"}]
    documents = {"invoices": INVOICES, "receipts": RECEIPTS}
    day, gone = "2009-06-30", {"amendment_id": "A-1", "kind": "removal", "signed_on": "2009-06-30"}
    book = small(tmp_path / "as it is", contracts=contracts, **documents)
    row = fpp.overdue_contracts(book, as_of=day).iloc[0]
    assert row.drop("backlog").tolist() == ["K-1", "Alder", 2, 119, 500.0]
    removed = small(
        tmp_path / "removed", contracts=contracts, **documents,
        amendments=[{**gone, "contract_id": "K-1", "effective_on": "2009-07-01"}],
    )  # fmt: skip
    moved = fpp.rollforward(removed, start="2009-06-29", end=day)
    before = fpp.backlog(book, as_of=day)["backlog"].item()
    after = fpp.backlog(removed, as_of=day)["backlog"].item()
    assert row["backlog"] == -moved["removed"].item() > 0
    assert row["backlog"] == pytest.approx(before - after, abs=1e-6)


def test_the_history_is_the_balances_of_its_ends() -> None:
    book = fpp.load_book("sample")
    history = fpp.receivables_history(book, start="2010-03-31", end="2011-05-31")
    assert history["period"].tolist()[-1] == "FY2012Q1"
    ends = fpp.receivables(book, as_of=history["period_end"].tolist())
    names = [*AGES, "receivables", "dso"]
    pd.testing.assert_frame_equal(history[names], ends[names])
