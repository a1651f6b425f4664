"""Every table of the package agrees with a second implementation of the handbook.

The sample in the suite is small; `make soak` compares many hundred books.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.comparison import differences
from tests.random_books import write_book
from tests.reference import Contract, Reference, month_end

IN_SUITE = 40
IN_SOAK = 1500


def compare(folder: Path, seeds: range) -> None:
    found: list[str] = []
    for seed in seeds:
        found += differences(write_book(folder / str(seed), seed), seed)
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("first", range(0, IN_SUITE, 10))
def test_every_table_agrees_with_the_reference_on_random_books(first: int, tmp_path: Path) -> None:
    compare(tmp_path, range(first, first + 10))


@pytest.mark.soak
@pytest.mark.parametrize("first", range(IN_SUITE, IN_SOAK, 40))
def test_every_table_agrees_on_many_more_books(first: int, tmp_path: Path) -> None:
    compare(tmp_path, range(first, first + 40))


FEATURES = {
    *("monthly", "quarterly", "semiannual", "annual", "upfront", "advance", "arrears"),
    *("original", "repricing", "extension", "termination", "removal", "JPY", "KWD", "foreign"),
    *("term in days", "whole months by a day", "annual fee", "fee and value", "no value"),
    *("escalating", "escalating and level", "signed after the start", "starts on a month's end"),
    *("extended by months after days", "extended by days", "several extensions", "notice"),
    *("extended to a whole month by a day", "upfront extension", "upfront repricing"),
    *("cover ends on its first day", "ended late", "ended ahead", "extension cut to nothing"),
    *("repriced before the start", "amendment recorded before its contract"),
    *("renewal", "renewal after a gap", "overlapping renewal", "renewal of a renewal"),
    *("renewed twice", "no contracts at all", "own dates of a machine", "link added late"),
    *("link recorded late", "retired", "not commissioned", "kW unknown", "average rate"),
    *("machine recorded late", "machine under two contracts", "unknown column", "invoice"),
    *("no invoices", "credit note", "repayment", "receipt before its invoice", "overpaid"),
    *("invoice before the signature", "invoice recorded late"),
}


def test_random_books_have_every_feature(tmp_path: Path) -> None:
    """A comparison proves only what the books contain."""
    seen: Counter[str] = Counter()
    for seed in range(IN_SUITE):
        book = Reference(write_book(tmp_path / str(seed), seed))
        for contract in book.all_contracts:
            seen.update(features_of_a_contract(contract))
            seen.update(features_of_amendments(contract))
        seen.update(features_of_renewals(book))
        seen.update(features_of_the_rest(book))
    assert set(seen) == FEATURES
    assert {name: count for name, count in seen.items() if count < 3} == {}


def features_of_a_contract(c: Contract) -> Iterator[str]:
    named = {
        c.frequency: True,
        c.timing: True,
        c.currency: c.currency in ("JPY", "KWD"),
        "foreign": c.foreign,
        "term in days": c.part,
        "whole months by a day": c.row.get("ends_on") and not c.part,
        "annual fee": c.row.get("annual_fee"),
        "fee and value": c.row.get("annual_fee") and c.row["contract_value"],
        "no value": c.value == 0,
        "escalating": c.growth,
        "escalating and level": c.growth and c.level,
        "signed after the start": c.signed > c.start,
        "starts on a month's end": c.start == month_end(c.start),
        "notice": c.notice is not None,
    }
    yield from (name for name, found in named.items() if found)
    yield from (s.kind for s in c.segments)
    if c.termination:
        yield c.termination.kind
        if c.termination.stop == c.start:
            yield "cover ends on its first day"
        if c.termination.stop != c.termination.signed:
            yield "ended late" if c.termination.signed > c.termination.stop else "ended ahead"


def features_of_amendments(c: Contract) -> Iterator[str]:
    extensions = [s for s in c.segments if s.kind == "extension"]
    if len(extensions) > 1:
        yield "several extensions"
    if c.termination and any(s.start >= c.termination.stop for s in extensions):
        yield "extension cut to nothing"
    if c.frequency == "upfront":
        yield from (f"upfront {s.kind}" for s in c.segments if s.kind != "original")
    for a in c.amendments:
        if a["kind"] == "extension":
            whole = extensions.pop(0).months.denominator == 1
            if a.get("ends_on"):
                yield "extended to a whole month by a day" if whole else "extended by days"
            elif c.part:
                yield "extended by months after days"
        if a["kind"] == "repricing" and a["effective_on"] < c.row["starts_on"]:
            yield "repriced before the start"
        if (a.get("recorded_on") or a["signed_on"]) < c.recorded.isoformat():
            yield "amendment recorded before its contract"


def features_of_renewals(book: Reference) -> Iterator[str]:
    by_id = {c.id: c for c in book.all_contracts}
    renewed = Counter(c.renews for c in book.all_contracts if c.renews)
    for c in book.all_contracts:
        old = by_id.get(c.renews)
        if old is None:
            continue
        yield "renewal"
        if old.renews:
            yield "renewal of a renewal"
        if c.start != old.end:
            yield "renewal after a gap" if c.start > old.end else "overlapping renewal"
        if renewed[c.renews] > 1:
            yield "renewed twice"


def features_of_the_rest(book: Reference) -> Iterator[str]:
    under = Counter({(x.machine.serial, x.contract.id) for x in book.links})
    several = Counter(serial for serial, _ in under)
    rows = {name: book.read(name) for name in ("contracts", "contract_units", "fleet", "receipts")}
    amounts = {row["invoice_id"]: row["amount"] for row in book.read("invoices")}
    invoices = [i for each in book.invoices_of.values() for i in each]
    counted = {
        "no contracts at all": not book.all_contracts,
        "unknown column": any("note" in row for row in rows["contracts"]),
        "own dates of a machine": sum(bool(r.get("covered_until")) for r in rows["contract_units"]),
        "link added late": sum(x.added > x.contract.signed for x in book.links),
        "link recorded late": sum(x.recorded > x.added for x in book.links),
        "machine under two contracts": sum(n > 1 for n in several.values()),
        "retired": sum(bool(r["retired_on"]) for r in rows["fleet"]),
        "not commissioned": sum(not r["commissioned_on"] for r in rows["fleet"]),
        "kW unknown": sum(m.kw is None for m in book.fleet),
        "machine recorded late": sum(bool(r.get("recorded_on")) for r in rows["fleet"]),
        "average rate": len(book.averages),
        "no invoices": not invoices,
        "invoice": len(invoices),
        "credit note": sum(text.startswith("-") for text in amounts.values()),
        "repayment": sum(r["amount"].startswith("-") for r in rows["receipts"]),
        "receipt before its invoice": sum(d < i.issued for i in invoices for d, _ in i.receipts),
        "overpaid": sum(sum(a for _, a in i.receipts) > i.amount > 0 for i in invoices),
        "invoice before the signature": sum(
            row["issued_on"] < book.view_of[row["contract_id"]].c.row["signed_on"]
            for row in book.read("invoices")
        ),
        "invoice recorded late": sum(i.recorded > i.issued for i in invoices),
    }
    for name, count in counted.items():
        yield from [name] * int(count)
