"""Makes what stands beside the shipped sample: an invented ledger and plan, and the public record.

`.venv/bin/python -m tests.sample_beside FOLDER` writes it for the synthetic book in a folder.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from fpp_analysis.book import Book
from fpp_analysis.disclosures import public_record
from fpp_analysis.fiscal import iso, to_day
from fpp_analysis.loading import load_book
from fpp_analysis.measures.backlog import backlog
from fpp_analysis.measures.cashflow import revenue
from fpp_analysis.measures.translation import rate_at
from fpp_analysis.sample import SEED
from fpp_analysis.sample.draws import Draws
from tests import sample_ledger as ledger

SCOPE = "C200 and C1000 Series"
# the record's metrics that have a card here, and the scope that they are of
_CARDS = {
    "fpp_backlog": ("backlog", ""),
    "fpp_backlog_growth": ("growth", ""),
    "units_under_fpp": ("units_under_contract", ""),
    "coverage_rate_c200_c1000": ("coverage_rate", SCOPE),
}

_COLUMNS = (
    *("as_of", "start", "end", "metric", "scope"),
    *("value", "unit", "kind", "source", "source_date"),
)
_FIRST, _LAST = "2009-03-31", "2012-03-31"
_MAY, _OCTOBER, _NOVEMBER = "2009-05-31", "2009-10-31", "2009-11-30"
_CLOSE_DAYS = 10  # the invented ledger closes so long after a period
# the invented plan as a multiple of what came, in turn
_PLANNED = (0.97, 1.02, 0.95, 1.01, 0.98, 1.04)

Row = tuple[str, ...]


def write_beside(folder: Path) -> None:
    """Write all of it for the book in a folder."""
    write_published(folder)
    write_reference_values(folder, SEED)


def write_published(folder: Path) -> None:
    """Write `disclosures.csv`: every row of the public record, its metrics named by our cards."""
    record = public_record()
    rows = []
    for row in record.to_dict("records"):
        row["metric"], row["scope"] = _CARDS.get(row["metric"], (row["metric"], ""))
        rows.append([_cell(value) for value in row.values()])
    _write(folder / "disclosures.csv", list(record.columns), rows)


def write_reference_values(folder: Path, seed: int) -> None:
    """Write `invoices.csv`, `receipts.csv` and `reference_values.csv` for the book in the folder.

    The ledger is kept by itself (`ledger`): it counts 30 days a month and has what was really
    invoiced, so it differs from the book. Budget and guidance are round numbers near what came.
    """
    book = load_book(folder)
    accounts, _ = ledger.kept(book)
    for name, table in zip(
        ("invoices", "receipts"), ledger.documents(book, accounts, Draws(seed)), strict=True
    ):
        _write(folder / f"{name}.csv", [*map(str, table)], table.to_numpy().tolist())
    rows = [*_ledger(book, accounts), *_plan(book)]
    rows.sort(key=lambda row: (row[0] or row[2], row[7], row[3]))
    _write(folder / "reference_values.csv", list(_COLUMNS), [list(row) for row in rows])


def _ledger(book: Book, accounts: list[ledger.Account]) -> Iterator[Row]:
    """By quarter; by month and by region around the dates that are looked at most."""
    spans = [(p.start, p.end) for p in book.calendar.periods(_FIRST, _LAST, "quarter")]
    half = to_day(_MAY), to_day(_NOVEMBER)
    for start, end in [*spans, half]:
        yield from _closed(book, accounts, start, end)
    for month in book.calendar.periods(_MAY, _OCTOBER, "month"):
        yield from _closed(book, accounts, month.start, month.end, only=("revenue",))
    regions = book.contracts["region"]
    for start, end in [*spans[3::4], half]:
        for region in sorted(regions.unique()):
            inside = [a for a in accounts if regions.iloc[a.row] == region]
            only, scope = ("revenue", "deferred_revenue"), f"region={region}"
            yield from _closed(book, inside, start, end, only=only, scope=scope)


def _closed(
    book: Book,
    accounts: list[ledger.Account],
    start: int,
    end: int,
    *,
    only: Sequence[str] = ("revenue", "billings", "deferred_revenue"),
    scope: str = "",
) -> Iterator[Row]:
    """What the ledger says of a period and its end, at the closing rate."""

    def usd(account: ledger.Account, amount: int) -> float:
        minor = int(book.contract_minor[account.row])
        return amount / minor * float(rate_at(book, account.currency, end) or 0)

    amounts = {
        "revenue": sum(usd(a, a.earned(end) - a.earned(start)) for a in accounts),
        "billings": sum(usd(a, a.invoiced(end) - a.invoiced(start)) for a in accounts),
        "deferred_revenue": sum(usd(a, max(a.invoiced(end) - a.earned(end), 0)) for a in accounts),
    }
    source = f"ledger, closed {iso(end + _CLOSE_DAYS)} (synthetic)"
    for name in only:
        dates = (iso(end), "", "") if name == "deferred_revenue" else ("", iso(start), iso(end))
        yield (*dates, name, scope, f"{amounts[name]:.2f}", "USD", "ledger", source, "")


def _plan(book: Book) -> Iterator[Row]:
    source = "plan of the year (synthetic)"
    periods = book.calendar.periods(_FIRST, _LAST, "quarter")
    for number, period in enumerate(periods):
        start, end = iso(period.start), iso(period.end)
        made = iso(book.calendar.prior_end(period.end, "year"))
        share = _PLANNED[number % len(_PLANNED)]
        came = revenue(book, start=start, end=end, every="none")["amount"].item()
        value = f"{_round(came * share, 10_000):.0f}"
        yield "", start, end, "revenue", "", value, "USD", "budget", source, made
        balance = backlog(book, as_of=end)["backlog"].item()
        value = f"{_round(balance * share, 100_000):.0f}"
        yield end, "", "", "backlog", "", value, "USD", "budget", source, made
    yield _NOVEMBER, "", "", "backlog", "", "17000000", "USD", "budget", source, _FIRST
    for period in book.calendar.periods(_FIRST, _LAST, "year"):
        start, end = iso(period.start), iso(period.end)
        came = revenue(book, start=start, end=end, every="none")["amount"].item()
        value = f"{_round(came * 0.96, 100_000) / 1e6:.1f}"
        said = f"outlook for {period.label} (synthetic)"
        yield "", start, end, "revenue", "", value, "USD million", "guidance", said, start
    said = "target for the scope (synthetic)"
    yield _NOVEMBER, "", "", "coverage_rate", SCOPE, "40", "percent", "guidance", said, _FIRST


def _round(value: float, step: float) -> float:
    return round(value / step) * step


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:g}" if value % 1 else f"{value:.0f}"
    return str(value)


def _write(path: Path, names: list[str], rows: list[list[str]]) -> None:
    """A small table as CSV, quoted where a cell needs it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([names, *rows])


if __name__ == "__main__":
    write_beside(Path(sys.argv[1]))
