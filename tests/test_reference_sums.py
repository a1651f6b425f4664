"""What must add up in the reference, on random books: parts, groups, periods and bridges."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.random_books import questions, write_book
from tests.reference import Reference, edate, month_end

BY = ("region",)


@pytest.fixture(params=range(200, 230))
def case(request: pytest.FixtureRequest, tmp_path: Path):
    folder = write_book(tmp_path, request.param)
    asked = questions(request.param, folder)
    # month ends, so that frames of one day add up to those of another
    asked["start"], asked["end"] = month_end(asked["start"]), edate(month_end(asked["end"]), 2)
    return Reference(folder, asked["as_known"]), asked


def total(rows: list[dict], name: str) -> int:
    return sum(row[name] for row in rows)


def test_parts_groups_and_contracts_add_up(case) -> None:
    book, asked = case
    d = asked["end"]
    try:
        backlog = book.backlog(as_of=[d])[0]["backlog"]
    except LookupError:
        pytest.skip("a currency without a rate")
    assert total(book.backlog(as_of=[d], by=BY), "backlog") == backlog
    assert total(book.ladder(as_of=[d]), "backlog") == backlog
    assert total(book.contracts(as_of=d), "backlog") == backlog
    year = book.one_flow("revenue", d, edate(d, 12), d)
    assert book.ladder(as_of=[d])[0]["backlog"] == year
    for measure in (book.receivables, book.deferred, book.rpo):
        whole = measure(as_of=[d])[0]
        for name in set(whole) - {"as_of", "dso"}:
            assert total(measure(as_of=[d], by=("series", "kw")), name) == whole[name]


def test_movements_lead_from_opening_to_closing(case) -> None:
    book, asked = case
    span = {"start": asked["start"], "end": asked["end"]}
    try:
        frames = [
            (book.rollforward(**span, by=BY), ()),
            (book.deferred_rollforward(**span, by=BY), ("closing_deferred_revenue",)),
            (book.acv_bridge(**span, by=BY), ("gross_retention",)),
        ]
    except LookupError:
        pytest.skip("a currency without a rate")
    for rows, others in frames:
        for row in rows:
            names = [n for n in row if n not in (*BY, "closing")]
            if others:
                names = names[: names.index(others[0])]
            assert sum(row[n] for n in names) == row["closing"]
    assert total(frames[2][0], "closing") == book.acv(as_of=[asked["end"]])[0]["acv"]
    assert total(book.churn(**span), "acv") == total(frames[2][0], "terminated")
    recognised = total(frames[0][0], "recognised")
    assert -recognised == book.one_flow("revenue", *span.values(), asked["end"])


def test_years_are_sums_of_quarters_and_months_in_every_frame(case) -> None:
    """Across frames of one K, and across those that end at month ends."""
    book, asked = case
    start, end = asked["start"], asked["end"]
    try:
        for measure in ("revenue", "billings", "cash"):
            span = {"start": start, "end": end, "known_at": asked["known_at"]}
            sums = {
                total(book.flow(measure, **span, every=every), "amount")
                for every in ("month", "quarter", "year", "none")
            }
            assert len(sums) == 1
        middle = month_end(start + (end - start) / 2)
        if start < middle < end:
            halves = [
                book.rollforward(start=a, end=b)[0] for a, b in ((start, middle), (middle, end))
            ]
            whole = book.rollforward(start=start, end=end)[0]
            for name in ("new", "renewed", "repriced", "extended", "removed", "recognised"):
                assert halves[0][name] + halves[1][name] == whole[name], name
    except LookupError:
        pytest.skip("a currency without a rate")
