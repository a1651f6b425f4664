"""Every table of the command agrees with a second implementation of the handbook.

The sample in the suite is small; `make soak` compares many hundred books.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from fpp_analysis import load_book
from tests.comparison import differences
from tests.random_books import write_book

IN_SUITE = 60
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


def test_random_books_have_every_feature(tmp_path: Path) -> None:
    """A comparison proves only what the books contain."""
    features: dict[str, int] = {}

    def saw(name: str, count: object) -> None:
        features[name] = features.get(name, 0) + int(count)  # type: ignore[call-overload]

    for seed in range(IN_SUITE):
        book = load_book(write_book(tmp_path / str(seed), seed))
        c, a, s = book.contracts, book.amendments, book.segments
        for column in ("billing_frequency", "billing_timing"):
            for value, count in c[column].value_counts().items():
                saw(f"{column} {value}", count)
        for kind, count in a["kind"].value_counts().items():
            saw(f"amendment {kind}", count)
        owner = a.merge(c, on="contract_id", suffixes=("", "_of"))
        ends = owner[owner["kind"] == "termination"]
        saw("cover ends on its first day", (ends["effective_on"] == ends["starts_on"]).sum())
        saw("terminated late", (ends["signed_on"] > ends["effective_on"]).sum())
        saw("terminated ahead", (ends["signed_on"] < ends["effective_on"]).sum())
        saw("repriced before the start", (owner["effective_on"] < owner["starts_on"]).sum())
        recorded = owner["recorded_on"].fillna(owner["signed_on"])
        recorded_of = owner["recorded_on_of"].fillna(owner["signed_on_of"])
        saw("amendment recorded before its contract", (recorded < recorded_of).sum())
        saw("extension cut to nothing", (s["start"] >= s["stops_on"]).sum())
        saw("foreign", book.foreign.sum())
        saw("escalating", (c["escalator_rate"] > 0).sum())
        saw("signed after the start", (c["signed_on"] > c["starts_on"]).sum())
        saw("starts on a month's last day", c["starts_on"].dt.is_month_end.sum())
        saw("renewal", c["renews_contract_id"].notna().sum())
        saw("own dates of a machine", book.contract_units["covered_until"].notna().sum())
        saw("no contracts at all", len(c) == 0)
        saw("unknown column", "note" in c.columns)
        saw("several extensions", (a.query("kind == 'extension'").contract_id.duplicated()).sum())
    rare = {name: count for name, count in features.items() if count < 3}
    assert len(features) == 5 + 2 + 3 + 15, sorted(features)
    assert not rare
