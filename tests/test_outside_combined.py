"""More attacks on what goes outside: several figures at once, and names in many scripts.

The attacker knows which contract stands in which figure (what the company keeps in private) and
solves for single customers; or adds and subtracts any three amounts; or searches by name.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import fpp_analysis as fpp
from fpp_analysis import fiscal
from fpp_analysis.errors import ConfigurationError, DataError
from fpp_analysis.outside import flows
from fpp_analysis.outside.facts import Released
from fpp_analysis.report import editions
from fpp_analysis.report.leaks import Wanted, scan, secrets_of
from tests import books
from tests.test_outside import of
from tests.test_outside_attacks import BEFORE, FIRST, SECOND, book_of, money, rows

SEEDS = (22, *(pytest.param(seed, marks=pytest.mark.soak) for seed in (21, 23)))
NAMES = ("東京電力株式会社", "Газпром Энерго", "E.ON SE", "Ørsted A/S", "Škoda Energie a.s.",
         "한국전력공사", "กรุงเทพพลังงาน", "Αθήνα Ενέργεια", "القاهرة للطاقة", "Müller & Söhne GmbH",
         "Shell", "कोलकाता विद्युत")  # fmt: skip


@pytest.fixture(scope="module", params=SEEDS)
def attacked(request: Any, tmp_path_factory: pytest.TempPathFactory) -> tuple[fpp.Book, Any]:
    """A book and its packs: of two dates, by use, and made again with another comparison."""
    tables = rows(request.param)
    rng = random.Random(request.param)
    for row in rng.sample(tables["contracts"], 40):
        row["customer"] = rng.choice(NAMES)
    book = book_of(tmp_path_factory.mktemp("combined") / "b", tables)
    packs = [of(book, FIRST, BEFORE)]
    packs.append(of(book, SECOND, FIRST, before=[p.kept for p in packs]))
    packs.append(of(book, SECOND, BEFORE, before=[p.kept for p in packs]))
    packs.append(of(book, SECOND, FIRST, column="vertical", before=[p.kept for p in packs]))
    return book, packs


def published(packs: list[Released]) -> Iterator[tuple[str, str, dict[str, float]]]:
    """Measure, kind of row, and rows with their weights of every figure, of all packs."""
    for table in (table for pack in packs for table in pack.kept["tables"]):
        for measure, weights in table["weights"].items():
            for group in {*table["labels"]} - {""}:
                every = zip(table["keys"], table["labels"], weights, strict=True)
                yield measure, table["of"], {k: w for k, label, w in every if label == group and w}


def members(
    book: fpp.Book, packs: list[Released], measure: str
) -> tuple[np.ndarray[Any, Any], list[str], list[str]]:
    """Which contract stands in which figure of a measure; customers and counterparties."""
    keys = book.contracts["contract_id"].tolist()
    figures = [f for m, of_, f in published(packs) if of_ == "contracts" and m == measure]
    inside = np.array([[float(k in f) for k in keys] for f in figures])
    sellers = book.contracts["distributor"].fillna(book.contracts["customer"])
    return inside, book.contracts["customer"].tolist(), sellers.tolist()


@pytest.mark.parametrize("measure", ["backlog", "deferred_revenue"])
def test_no_customer_or_pair_is_solved_for(attacked: Any, measure: str) -> None:
    """Of all dates, parts and packs at once: by least squares, not by the audit's own means."""
    book, packs = attacked
    inside, *parties = members(book, packs, measure)
    assert len(inside) > 20
    for names in parties:
        who = np.array(names)
        for some in combinations(sorted({*names}), 1 if len({*names}) > 20 else 2):
            rest = inside[:, ~np.isin(who, some)]
            assert np.linalg.matrix_rank(rest) == np.linalg.matrix_rank(inside), some


def test_no_single_contract_is_solved_for(attacked: Any) -> None:
    book, packs = attacked
    inside, *_ = members(book, packs, "backlog")
    for at in np.flatnonzero(inside.any(axis=0)):
        one = np.zeros(inside.shape[1])
        one[at] = 1.0
        found = np.linalg.lstsq(inside.T, one, rcond=None)[0]
        assert np.abs(inside.T @ found - one).max() > 1e-6


def test_every_figure_of_every_pack_is_of_three(attacked: Any) -> None:
    book, packs = attacked
    owner = dict(zip(book.contracts["contract_id"], book.contracts["customer"], strict=True))
    owner |= dict(zip(book.fleet["serial_number"], book.fleet["customer"], strict=True))
    for _, _, figure in published(packs):
        assert len({owner[key] for key in figure}) >= 3 or not figure


def test_no_customer_dominates_a_figure(attacked: Any) -> None:
    book, packs = attacked
    owner = dict(zip(book.contracts["contract_id"], book.contracts["customer"], strict=True))
    for _, kind, figure in published(packs):
        if kind != "contracts":
            continue
        size: dict[str, float] = {}
        for key, weight in figure.items():
            size[owner[key]] = size.get(owner[key], 0.0) + abs(weight)
        assert max(size.values()) <= 0.7 * sum(size.values()) * (1 + 1e-9)


def test_three_amounts_added_and_subtracted_are_no_contracts(attacked: Any) -> None:
    book, packs = attacked
    names = ("backlog_history", "rpo", "backlog_by_region", "backlog_by_series",
             "backlog_by_vertical")  # fmt: skip
    sheets = [s for pack in packs for s in pack.facts.values()]
    cents = {round(v * 100) for s in sheets for v in money(s, frames=names)}
    some = np.array(sorted(cents)[:70], np.int64)
    secret = {round(float(v) * 100) for v in book.contracts["contract_value"]}
    for by in ("contract_id", "customer", "distributor"):
        for day in (BEFORE, FIRST, SECOND):
            owed = fpp.backlog(book, as_of=day, by=by)["backlog"]
            secret |= {round(float(v) * 100) for v in owed}
    wanted = np.array(sorted(secret - {0}), np.int64)
    two = (some[:, None] + some[None, :]).ravel(), (some[:, None] - some[None, :]).ravel()
    for one in some:
        for pairs in two:
            for sign in (1, -1):
                assert not np.isin(np.abs(pairs + sign * one), wanted).any()


def test_what_is_left_of_the_whole_less_its_parts_is_of_three(attacked: Any) -> None:
    book, packs = attacked
    owner = dict(zip(book.contracts["contract_id"], book.contracts["customer"], strict=True))
    last = [t for t in packs[-1].kept["tables"] if t["date"] == SECOND]
    whole = next(
        t for t in packs[1].kept["tables"] if (t["name"], t["date"]) == ("backlog", SECOND)
    )
    shown = {k for t in last if t["name"].endswith(": backlog") for k in t["keys"]}
    rest = {owner[k] for k in whole["keys"] if k not in shown}
    assert not rest or len(rest) >= 3


def test_what_came_or_went_between_two_dates_is_of_three(attacked: Any) -> None:
    book, packs = attacked
    owner = dict(zip(book.contracts["contract_id"], book.contracts["customer"], strict=True))
    figures = [{*f} for m, kind, f in published(packs) if (m, kind) == ("backlog", "contracts")]
    for one, two in combinations(figures, 2):
        if one < two or two < one:
            assert len({owner[key] for key in one ^ two}) >= 3


def test_the_facts_hold_no_hash_no_number_and_no_order_by_size(attacked: Any) -> None:
    book, packs = attacked
    for sheet in (s for pack in packs for s in pack.facts.values()):
        text = sheet.as_json()
        assert not re.search(r"\b(?=[0-9a-f]*[a-f])[0-9a-f]{16,}\b", text)
        assert not any(key in text for key in book.contracts["contract_id"])
        assert not any(f'"{key}"' in text for key in book.fleet["serial_number"])
        for column in ("region", "series", "vertical"):
            shown = [r[column] for r in sheet.frames.get(f"backlog_by_{column}", ())]
            named = [group for group in shown if group != "Other"]
            assert named == sorted(named)


def test_no_price_or_quartile_of_prices_is_among_the_figures(attacked: Any) -> None:
    book, packs = attacked
    frame = fpp.contracts(book, as_of=SECOND)
    prices = frame["acv"] / frame["kw"].where(frame["kw"] > 0)
    told = {round(float(v), 2) for q in (0.25, 0.5, 0.75)
            for v in (prices.quantile(q), *prices.dropna())}  # fmt: skip
    for sheet in (s for pack in packs for s in pack.facts.values()):
        numbers = re.findall(r"-?\d+\.\d+", json.dumps(sheet.frames))
        assert not told & {round(float(n), 2) for n in numbers}


def test_no_text_of_the_facts_is_a_name(attacked: Any) -> None:
    book, packs = attacked
    sheets = enumerate(sheet for pack in packs for sheet in pack.facts.values())
    made = {f"{i}.json": sheet.as_json().encode() for i, sheet in sheets}
    assert scan(made, Wanted(secrets_of(book))) == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
def test_a_name_in_any_script_is_found_in_another_spelling(name: str, form: str) -> None:
    wide = name.translate({c: c + 0xFEE0 for c in range(0x21, 0x7F)})
    spelled = {"as it is": name, "capitals": name.upper(), "wide": wide,
               "invisible": "\u200b".join(name)}  # fmt: skip
    for kind, text in spelled.items():
        said = f"<p>Sold to {unicodedata.normalize(form, text)}, of late.</p>"
        found = scan({"a.html": said.encode()}, Wanted({name: "contracts.customer"}))
        assert [find.text for find in found] == [name], kind


def test_no_name_of_the_scripts_is_found_where_there_is_none() -> None:
    text = "<p>The backlog of the northern region grew; shells and erections are no customers.</p>"
    wanted = Wanted(dict.fromkeys(NAMES, "contracts.customer"))
    assert scan({"a.html": text.encode()}, wanted) == []


def small(folder: Path, **tables: Any) -> fpp.Book:
    return books.book(folder, settings='name = "Small"\ncompany = "Example"\n', **tables)


def alike(n: int = 12, **more: str) -> list[dict[str, str]]:
    """Contracts of as many customers, none of them large."""
    return [
        {"contract_id": f"K-{i:02}", "customer": f"Customer {i}", "signed_on": "2008-01-15",
         "starts_on": "2008-01-15", "term_months": "60",
         "contract_value": f"{60 * (1000 + 77 * i)}.00", **more}
        for i in range(n)
    ]  # fmt: skip


def shown(found: Released, frame: str, measure: str) -> dict[str, float]:
    """What a frame shows of a measure, by the day on which it ends."""
    rows = found.facts[""].frames.get(frame, ())
    return {str(row.get("as_of", row.get("period_end"))): row[measure] for row in rows}


def test_one_amendment_is_not_told_where_nothing_runs_off(tmp_path: Path) -> None:
    later = {"amendment_id": "A", "kind": "extension", "term_change_months": 12,
             "contract_id": "K-04", "signed_on": "2009-08-15",
             "value_change": "55555.55"}  # fmt: skip
    book = small(tmp_path / "b", contracts=alike(starts_on="2011-06-01"), amendments=[later])
    stood = shown(of(book, "2009-09-30", "2009-06-30"), "backlog_history", "backlog")
    assert stood["2009-09-30"]
    differences = {round(abs(a - b), 2) for a, b in combinations(stood.values(), 2)}
    assert 55555.55 not in differences


def test_one_large_newcomer_among_small_leavers_is_not_told(tmp_path: Path) -> None:
    rows = alike(starts_on="2011-06-01")
    rows[0] |= {"signed_on": "2009-08-10", "contract_value": "777777.77"}
    for row, worth in zip(rows[2:6], ("10000.01", "12000.01", "9000.01", "8000.01"), strict=True):
        row |= {"starts_on": "2008-02-01", "term_months": "19", "contract_value": worth}
    found = of(small(tmp_path / "b", contracts=rows), "2009-09-30", "2009-06-30")
    stood = shown(found, "backlog_history", "backlog")
    assert stood["2009-09-30"]
    assert "2009-06-30" not in stood


def test_renewals_at_their_value_hide_nobodys_new_contract(tmp_path: Path) -> None:
    """Four customers end a contract and sign it again: the difference is the fifth one's alone."""
    rows = alike(starts_on="2011-06-01")
    again = [{**row, "contract_id": f"N-{i}", "signed_on": "2009-08-11"}
             for i, row in enumerate(rows[:5])]  # fmt: skip
    again[0]["contract_value"] = "55555.55"
    ended = [{"amendment_id": f"T-{i}", "contract_id": f"K-{i:02}", "kind": "termination",
              "signed_on": "2009-08-10", "effective_on": "2011-06-01"}
             for i in range(1, 5)]  # fmt: skip
    book = small(tmp_path / "b", contracts=rows + again, amendments=ended)
    stood = shown(of(book, "2009-09-30", "2009-06-30"), "backlog_history", "backlog")
    assert stood["2009-09-30"]
    differences = {round(abs(a - b), 2) for a, b in combinations(stood.values(), 2)}
    assert 55555.55 not in differences


def test_one_amendment_is_not_told_by_the_movements_of_two_quarters(tmp_path: Path) -> None:
    """Four amendments are taken back in the next quarter; over both the fifth would be alone."""
    tables = rows(7)
    keys: dict[str, str] = {}
    for row in tables["contracts"]:
        if row["signed_on"] > "2009":
            row["signed_on"] = row["starts_on"] = f"2008{row['signed_on'][4:]}"
        if row["term_months"] >= 84:
            keys.setdefault(row["customer"], row["contract_id"])
    tables["amendments"] = [
        {"amendment_id": f"AM-{i}-{day}", "contract_id": key, "kind": "repricing",
         "signed_on": day, "effective_on": "2010-01-01", "value_change": f"{sign}{worth}.55"}
        for i, key in enumerate([*keys.values()][:5]) for worth in [20_000_000 + 7_777_777 * i]
        for day, sign in (("2009-05-15", ""), ("2009-08-15", "-")) if i or not sign
    ]  # fmt: skip
    found = of(book_of(tmp_path / "b", tables), FIRST, BEFORE)
    stood = shown(found, "backlog_history", "backlog")
    periods = [row for row in found.facts[""].frames["flows"] if "revenue" in row]
    assert stood["2009-09-30"]
    assert periods
    for one, two in combinations(sorted(stood), 2):
        between = [row for row in periods if one < row["period_start"] and row["period_end"] <= two]
        earned = sum(row["revenue"] for row in between)
        assert round(stood[two] - stood[one] + earned, 2) != 20_000_000.55


def test_a_sum_of_periods_is_held_against_the_policy_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What three customers are billed in one quarter is taken back in the next."""
    real = flows.flows

    def planted(*asked: Any) -> Any:
        found, days = real(*asked), [fiscal.iso(day) for day in asked[2]]
        if asked[1] == "billed":
            found[:] = 0
            found[days.index("2009-06-30") - 1, :4] = [5_555_500, 3_000_000, 3_100_000, 3_200_000]
            found[days.index("2009-09-30") - 1, 1:4] = [-3_000_000, -3_100_000, -3_200_000]
        return found

    monkeypatch.setattr(flows, "flows", planted)
    found = of(small(tmp_path / "b", contracts=alike()), "2009-09-30", "2009-06-30")
    billed = [row["billings"] for row in found.facts[""].frames["flows"]]
    spans = combinations(range(len(billed) + 1), 2)
    assert 55_555.0 not in [sum(billed[first:last]) for first, last in spans]


def test_flows_by_region_less_those_by_use_are_no_single_contract(tmp_path: Path) -> None:
    """One contract, which has ended, is of the region alone; its balances are nothing."""
    begun = {"signed_on": "2007-10-01", "starts_on": "2007-10-01", "billing_frequency": "monthly"}
    rows = alike(region="Nord", vertical="CHP", **begun)
    for i, row in enumerate(rows[:7]):
        worth = f"{24_000 + 700 * i}.00"
        rows.append({**row, "contract_id": f"E-{i}", "customer": f"Ended {i}", "term_months": "24",
                     "contract_value": worth})  # fmt: skip
    for row in (*rows[6:12], *rows[15:18]):
        row |= {"region": "Ost", "vertical": "oil"}
    rows[-1] |= {"vertical": "oil", "contract_value": "24777.77"}
    book = small(tmp_path / "b", contracts=rows)
    first = of(book, "2009-09-30", "2009-06-30", column="region")
    second = of(book, "2009-09-30", "2009-06-30", column="vertical", before=[first.kept])
    north, heat = first.facts["Nord"].frames["flows"], second.facts["CHP"].frames["flows"]
    assert heat
    assert any(row["period_end"] <= "2009-09-30" for row in north)
    spans = [
        {(row["period_start"], row["period_end"]): row for row in rows} for rows in (north, heat)
    ]
    for span in spans[0].keys() & spans[1].keys():
        assert spans[0][span]["billings"] == spans[1][span]["billings"], span


def test_one_yearly_invoice_is_not_told_by_periods_of_other_length(tmp_path: Path) -> None:
    rows = alike(signed_on="2009-01-01", starts_on="2009-01-01", billing_frequency="monthly")
    rows[3]["billing_frequency"] = "annual"
    found = of(small(tmp_path / "b", contracts=rows), "2009-09-30", "2009-06-30")
    flows = found.facts[""].frames["flows"]
    months = [np.array([r["period_start"], r["period_end"]], "datetime64[M]") for r in flows]
    some = [(int((m[1] - m[0]).astype(int)) + 1, r["billings"])
            for m, r in zip(months, flows, strict=True)]  # fmt: skip
    assert some
    yearly = 12 * (1000 + 77 * 3)
    for (n1, one), (n2, two) in combinations(some, 2):
        for a, b in ((n1, n2), (n2, n1), (1, 1)):
            assert round(abs(a * two - b * one)) not in {yearly, yearly * a, yearly * b}


def test_one_contract_billed_otherwise_is_not_told_by_two_packs(tmp_path: Path) -> None:
    rows = alike(billing_frequency="monthly")
    first = of(small(tmp_path / "b", contracts=rows), "2009-09-30", "2009-06-30")
    rows[5]["billing_frequency"] = "annual"
    again = small(tmp_path / "c", contracts=rows)
    second = of(again, "2009-12-31", "2009-09-30", before=[first.kept])
    one, two = (sums_in_a_row(found, "", "billings") for found in (first, second))
    alike_in_both = one.keys() & two.keys()  # periods, and what a reader adds up of them
    assert [span for span in alike_in_both if span[1] <= "2009-09-30"]
    assert all(round(one[span] - two[span], 2) == 0 for span in alike_in_both)


def test_one_contract_billed_otherwise_is_not_told_by_periods_joined_since(tmp_path: Path) -> None:
    """The later pack shows half years and the earlier one quarters, which a reader adds up."""
    rows = alike(billing_frequency="monthly")
    first = of(small(tmp_path / "b", contracts=rows), "2009-09-30", "2009-06-30")
    for frequency in ("upfront", "annual", "semiannual"):
        rows[5]["billing_frequency"] = frequency
        again = small(tmp_path / frequency, contracts=rows)
        second = of(again, "2009-09-30", "2009-06-30", before=[first.kept])
        for flow in ("billings", "cash"):
            one, two = (sums_in_a_row(found, "", flow) for found in (first, second))
            assert one
            assert all(abs(one[span] - two[span]) < 0.005 for span in one.keys() & two.keys())


@pytest.mark.parametrize("whole_first", [True, False])
def test_one_amendment_is_not_told_by_a_part_beside_the_whole(
    whole_first: bool, tmp_path: Path
) -> None:
    """Three amendments are of Nord, which is published by itself; the fourth is of the rest."""
    rows = alike(14, region="Nord")
    for row in rows[8:]:
        row["region"] = "Ost"
    changes = [(1, "11111.11"), (3, "12222.22"), (5, "14444.44"), (10, "13131.13")]
    later = [
        {"amendment_id": f"A-{i}", "kind": "extension", "term_change_months": 12,
         "contract_id": f"K-{i:02}", "signed_on": "2009-08-15", "value_change": worth}
        for i, worth in changes
    ]  # fmt: skip
    book = small(tmp_path / "b", contracts=rows, amendments=later)
    dates, part = ("2009-09-30", "2009-06-30"), {"column": "region", "wanted": ["Nord"]}
    one = of(book, *dates, **({} if whole_first else part))
    two = of(book, *dates, **(part if whole_first else {}), before=[one.kept])
    whole, north = (one, two) if whole_first else (two, one)
    moved, own = moved_in(whole, ""), moved_in(north, "Nord")
    # where the balances of both dates stand beside the flows of one, those of the other give way
    stood = [{row["as_of"] for row in one.frames["backlog_history"]}
             for one in (whole.facts[""], north.facts["Nord"])]  # fmt: skip
    assert moved or {*dates} <= stood[0]
    assert own or {*dates} <= stood[1]
    assert moved or own
    assert not [days for days in moved.keys() & own.keys()
                if round(moved[days] - own[days], 2) == 13131.13]  # fmt: skip


def test_one_amendment_is_not_told_by_what_the_pack_before_foretold(tmp_path: Path) -> None:
    """The balance of September less the revenue scheduled for the quarter is no December's."""
    rows = alike(billing_frequency="monthly")
    later = [
        {"amendment_id": f"A-{i}", "kind": "repricing", "contract_id": f"K-{i:02}",
         "signed_on": "2009-10-15", "effective_on": "2010-01-01", "value_change": f"{worth}.77"}
        for i, worth in ((5, 7777), (6, 8888), (7, 9999))
    ]  # fmt: skip
    first = of(small(tmp_path / "b", contracts=rows), "2009-09-30", "2009-06-30")
    dates = "2009-12-31", "2009-09-30"
    foretold = shown(first, "backlog_history", "backlog")["2009-09-30"]
    foretold -= sums_in_a_row(first, "", "revenue")[dates[::-1]]
    three = small(tmp_path / "three", contracts=rows, amendments=later)
    stood = shown(of(three, *dates, before=[first.kept]), "backlog_history", "backlog")
    assert round(stood["2009-12-31"] - foretold, 2) == 26666.31
    one = small(tmp_path / "one", contracts=rows, amendments=later[:1])
    with pytest.raises(DataError, match="as foretold on 2009-09-30 .* rests on 1 customer"):
        of(one, *dates, before=[first.kept])


@pytest.mark.parametrize("number", ["K-{:02}", "ERP-{:02}"])
def test_other_numbers_hide_no_contract_entered_late(number: str, tmp_path: Path) -> None:
    """Rows numbered in file order, and one more in front; or numbers of another system."""
    rows = alike(billing_frequency="monthly")
    dates = "2009-09-30", "2009-06-30"
    first = of(small(tmp_path / "b", contracts=rows), *dates)
    late = {**rows[0], "customer": "Newcomer", "contract_value": "55555.20"}
    again = [
        {**row, "contract_id": number.format(i)} for i, row in enumerate([{**late}, *rows])
    ]  # fmt: skip
    kept = json.loads(json.dumps(first.kept))
    with pytest.raises(DataError, match="rests on 1 customer"):
        of(small(tmp_path / "c", contracts=again), *dates, before=[kept])
    same = [{**row, "contract_id": f"N-{i}"} for i, row in enumerate(rows)]
    second = of(small(tmp_path / "d", contracts=same), *dates, before=[kept])
    assert second.facts[""].frames == first.facts[""].frames  # nothing is new


def test_a_pack_in_another_currency_is_refused(tmp_path: Path) -> None:
    """What is new would hide behind the rate, which a reader knows."""
    rows, dates = alike(), ("2009-09-30", "2009-06-30")
    first = of(small(tmp_path / "b", contracts=rows), *dates)
    settings = 'name = "Small"\nreporting_currency = "EUR"\n'
    again = books.book(tmp_path / "c", settings=settings, contracts=rows)
    with pytest.raises(ConfigurationError, match="are in USD, and the book reports in EUR"):
        of(again, *dates, before=[first.kept])


def test_a_book_under_another_name_is_held_against_its_packs(tmp_path: Path) -> None:
    """A name with the quarter in it; a book of other contracts has nothing to do with them."""
    rows, dates = alike(), ("2009-09-30", "2009-06-30")
    book = small(tmp_path / "b", contracts=rows)
    released = of(book, *dates)
    with editions.keeping(tmp_path, "pack", book, released) as keep:
        keep()
    renamed = books.book(tmp_path / "c", settings='name = "Q4"\n', contracts=rows[1:])
    other = books.book(
        tmp_path / "d", settings='name = "Other"\n', contracts=alike(starts_on="2009-01-01")
    )
    assert len(editions.earlier(tmp_path, book)) == 1
    assert editions.earlier(tmp_path, renamed) == editions.earlier(tmp_path, book)
    assert editions.earlier(tmp_path, other) == []


def sums_in_a_row(found: Released, part: str, flow: str) -> dict[tuple[str, str], float]:
    """What the periods of a flow come to, by themselves and added up in a row."""
    rows = [row for row in found.facts[part].frames.get("flows", ()) if flow in row]
    sums: dict[tuple[str, str], float] = {}
    for i, row in enumerate(rows):
        whole, end = 0.0, None
        for later in rows[i:]:
            if end and np.datetime64(str(later["period_start"])) != end + 1:
                break
            whole, end = whole + later[flow], np.datetime64(str(later["period_end"]))
            sums[str(np.datetime64(str(row["period_start"])) - 1), str(end)] = whole
    return sums


def moved_in(found: Released, part: str) -> dict[tuple[str, str], float]:
    """What was signed and ended between any two days of which balance and revenue tell."""
    rows = found.facts[part].frames.get("backlog_history", ())
    stood = {str(row["as_of"]): row["backlog"] for row in rows}
    earned = sums_in_a_row(found, part, "revenue")
    return {(a, b): stood[b] - stood[a] + earned[a, b]
            for a, b in combinations(sorted(stood), 2) if (a, b) in earned}  # fmt: skip


def test_one_machine_entered_late_is_not_told_by_two_packs(tmp_path: Path) -> None:
    rows, day = alike(), "2009-06-30"
    fleet = [
        {"serial_number": f"S-{i:02}", "customer": f"Customer {i % 12}",
         "commissioned_on": "2008-02-01", "retired_on": "2009-08-01" if i > 35 else ""}
        for i in range(42)
    ]  # fmt: skip
    links = [{"contract_id": f"K-{i % 12:02}", "serial_number": f"S-{i:02}"} for i in range(24)]
    tables = {"contracts": rows, "contract_units": links}
    first = of(small(tmp_path / "b", fleet=fleet, **tables), "2009-09-30", day)
    late = [*fleet, {**fleet[-1], "serial_number": "S-99"}]
    again = small(tmp_path / "c", fleet=late, **tables)
    second = of(again, "2009-12-31", "2009-09-30", before=[first.kept])
    one, two = (
        {d: v for f in found.facts[""].figures if f.metric == "coverage_rate" for d, v in f.history}
        for found in (first, second)
    )
    assert day in one
    assert day not in two
