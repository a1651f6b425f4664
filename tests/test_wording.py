"""Sentences are true of the figures behind them, whatever the figures do."""

from __future__ import annotations

import re
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import fpp_analysis as fpp
from fpp_analysis import display, wording
from fpp_analysis.context import Context
from fpp_analysis.evidence import Evidence, slug
from fpp_analysis.numbers import Money, amount, read_back
from fpp_analysis.wording import findings, numbers, summary
from tests import books

USD = Money("USD", 1_000, 0)
MOVEMENTS = ("new", "renewed", "extended", "repriced", "terminated", "removed", "recognised", "fx")
COUNTS = ("in_operation", "covered", "units_under_contract", "contracts_in_cover")

cents = st.one_of(
    st.sampled_from([0, 1, -1, 49, 100, 99_949_999, 99_950_000, 100_000_000, 1_760_000_000]),
    st.integers(-(10**13), 10**13),
    st.integers(-200_000, 200_000),
)
amounts = cents.map(lambda c: c / 100)
fractions = st.one_of(
    st.just(float("nan")), st.floats(0, 1), st.integers(0, 1000).map(lambda n: n / 1000)
)


def evidence(metric, value, *, unit="USD", as_of="2009-11-30", start=""):
    return Evidence(
        f"{metric}-{start}-{as_of}", metric, "all contracts", start, as_of, value, unit, "q"
    )


def pair(before, after, unit="USD"):
    return (
        evidence("backlog", before, unit=unit, as_of="2009-05-31"),
        evidence("backlog", after, unit=unit),
    )


class Figures:
    """A book of random figures in place of `evidence.figure`: one value per question."""

    def __init__(self, draw):
        self.draw, self.values = draw, {}

    def __call__(self, book, metric, *, as_of, start=None, scope=None):
        key = (metric, as_of, start, scope)
        if key not in self.values:
            if metric in ("growth", "constant_currency_growth"):
                opening = self(book, "backlog", as_of=start).value
                closing = self(book, "backlog", as_of=as_of).value
                self.values[key] = closing / opening - 1 if opening else np.nan
            elif metric in ("coverage_rate", "modules_rate", "kw_rate"):
                self.values[key] = self.draw(fractions)
            elif metric in COUNTS:
                self.values[key] = float(self.draw(st.integers(0, 10_000)))
            else:
                self.values[key] = self.draw(amounts)
        unit = "fraction" if metric.endswith(("growth", "_rate")) else "USD"
        unit = "count" if metric in COUNTS else unit
        return evidence(metric, self.values[key] + 0.0, unit=unit, as_of=as_of, start=start or "")


def context():
    return SimpleNamespace(
        book=None, as_of="2009-11-30", compare_to="2009-05-31", prior_quarter="2009-09-30",
        prior_year="2008-11-30", earlier=["2009-09-30", "2009-05-31", "2008-11-30"],
        money=USD, has_fleet=True, has_contracts=True, has_invoices=False,
        history=["2009-03-31", "2009-06-30", "2009-09-30", "2009-11-30"],
        scope=None, known="2012-03-31",
    )  # fmt: skip


def shown_words(paragraphs):
    return [wording.plain(paragraph) for paragraph in paragraphs]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "$0"),
        (-0.0, "$0"),
        (0.004, "$0.00"),
        (-0.004, "$0.00"),
        (0.05, "$0.05"),
        (-60.0, "−$60"),
        (-845_200.0, "−$845 thousand"),
        (999.49, "$999.49"),
        (999.995, "$1,000.00"),
        (9_999.49, "$9,999"),
        (99_999.49, "$99,999"),
        (99_999.5, "$100 thousand"),
        (999_499.99, "$999 thousand"),
        (999_500.0, "$1.00 million"),
        (17_642_350.10, "$17.6 million"),
        (17_650_000.00, "$17.7 million"),  # half away from zero, not to even
        (-17_650_000.00, "−$17.7 million"),
        (999_950_000.0, "$1.00 billion"),
        (12_345_678_901.0, "$12.3 billion"),
    ],
)
def test_an_amount_is_rounded_once_half_away_from_zero(value, text):
    assert amount(value, "USD") == text


@given(amounts)
def test_an_amount_reads_back_within_half_its_last_digit(value):
    text = amount(value, "USD")
    read = float(read_back(text))
    last = text.split(" ")[0].partition(".")[2]
    scales = {"billion": 1e9, "million": 1e6, "thousand": 1e3}
    step = scales.get(text.rpartition(" ")[2], 1.0) / 10 ** len(last)
    assert step <= max(abs(value) / 99, 1)
    assert abs(read - value) <= step / 2 * (1 + 1e-9)
    assert ("−" in text) == (value < 0 and read != 0)


def test_the_unit_decides_how_a_figure_is_printed():
    def shown(value, unit):
        return numbers.text(evidence("x", value, unit=unit), USD)

    assert shown(0.3889, "fraction") == "38.9%"
    assert shown(538.0, "count") == "538"
    assert shown(7.43, "years") == "7.4 years"
    assert shown(92.6, "days") == "93 days"
    assert shown(1.037, "ratio") == "1.04"
    assert shown(60.125, "USD per kW-year") == "$60.13 per kW-year"
    assert shown(float("nan"), "fraction") == "not defined"
    assert numbers.text(evidence("x", 5.0, unit="CHF"), Money("CHF", 1, 0)) == "CHF 5"


@given(amounts, amounts)
def test_a_change_agrees_with_the_figures_as_printed(before, after):
    one = numbers.change(*pair(before, after), USD)
    first = read_back(one.before.shown)
    last = read_back(one.after.shown)
    if one.direction == "up":
        assert after > before
        assert last > first
        assert one.verb == "rose"
    elif one.direction == "down":
        assert after < before
        assert last < first
        assert one.verb == "fell"
    else:
        assert last == first
        assert "unchanged" in one.verb or (before == after == 0)
        assert ("almost" in one.verb) == (before != after)
    if one.relative:
        assert first > 0
        digits = 1 if "." in one.relative else 0
        read = abs(last / first - 1) * 100
        stated = float(one.relative.rstrip("%").replace(",", ""))
        assert abs(float(read) - stated) <= 0.5 * 10**-digits * (1 + 1e-9)
        assert abs(abs(after / before - 1) * 100 - stated) <= 0.5 * 10**-digits * (1 + 1e-6)
        assert stated > 0


@given(fractions, fractions)
def test_a_rate_that_is_not_defined_does_not_move(before, after):
    one = numbers.change(*pair(before, after, "fraction"), USD)
    if np.isnan(before) or np.isnan(after):
        assert (one.direction, one.relative) == ("none", "")
    elif one.direction == "up":
        assert after > before
    elif one.direction == "down":
        assert after < before


@pytest.mark.parametrize(
    ("before", "after", "text"),
    [
        (10.8e6, 17.6e6, "Backlog rose 63% since 31 May 2009, to $17.6 million"),
        (17.6e6, 10.8e6, "Backlog fell 39% since 31 May 2009, to $10.8 million"),
        (17.6e6, 17.6e6, "Backlog was unchanged at $17.6 million since 31 May 2009"),
        (17.6e6, 17.61e6, "Backlog was almost unchanged at $17.6 million since 31 May 2009"),
        (0.0, 17.6e6, "Backlog reached $17.6 million, from nothing on 31 May 2009"),
        (17.6e6, 0.0, "Backlog fell to nothing from $17.6 million on 31 May 2009"),
        (0.0, 0.0, "There is no backlog"),
        (-2e6, 3e6, "Backlog rose since 31 May 2009, to $3.00 million"),
        (3e6, -2e6, "Backlog fell since 31 May 2009, to −$2.00 million"),
        (0.0, -2e6, "Backlog reached −$2.00 million, from nothing on 31 May 2009"),
    ],
)
def test_a_title_for_each_way_a_balance_can_go(monkeypatch, before, after, text):
    figures = Figures(None)
    figures.values = {
        ("backlog", "2009-05-31", None, None): before,
        ("backlog", "2009-11-30", None, None): after,
    }
    monkeypatch.setattr(findings, "figure", figures)
    assert wording.plain(wording.backlog_moved(context())) == text


def sentences_of(ctx):
    titles = [
        wording.backlog_moved(ctx),
        wording.bridge(ctx),
        wording.run_off(ctx),
        wording.rpo_stands(ctx),
        wording.flows_ahead(ctx),
        wording.deferred_stands(ctx),
        wording.coverage_stands(ctx),
    ]
    return titles, wording.first_page(ctx), wording.key_figures(ctx)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_sentence_contradicts_its_figures(data):  # noqa: C901 - one draw, many claims
    figures = Figures(data.draw)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(findings, "figure", figures)
        titles, paragraphs, items = sentences_of(context())
    texts = shown_words([*titles, *paragraphs])
    for text in texts:
        assert not re.search(r"nan|inf|−0(?!\.)|\$-|  |\s[.,;]", text, re.IGNORECASE)

    def value(metric, as_of="2009-11-30", start=None):
        return figures.values.get((metric, as_of, start, None))

    opening, closing = value("backlog", "2009-05-31"), value("backlog")
    for text in (texts[0], texts[len(titles)]):
        if "rose" in text:
            assert closing > opening
        if "fell" in text:
            assert closing < opening
    moves = {name: value(name, start="2009-05-31") for name in MOVEMENTS}
    why = next((t for t in texts[len(titles) :] if " added " in t or " took off " in t), "")
    added, _, taken = why.partition(". ") if " added " in why else ("", "", why)
    worth = max(map(abs, moves.values())) / 1000  # smaller ones are not named
    for name, words in findings.ADDED:
        back = findings.REVERSED.get(name, words)
        up, down = (back, words) if name in findings.REVERSED else (words, words)
        assert (up in added.lower() and " added " in why) == (moves[name] > worth)
        assert (down in taken.lower()) == (moves[name] < -worth)
    for item in items:
        for _, change, shown in item.changes:
            before, after = change.before.evidence.value, change.after.evidence.value
            if shown.startswith(("+", "up")):
                assert after > before
            if shown.startswith(("−", "down")):
                assert after < before
            assert "unchanged" in shown or shown.strip("+−0.% p")
        for change, (_, one, shown) in zip(item.as_dict()["changes"], item.changes, strict=True):
            before, after = one.before.evidence.value, one.after.evidence.value
            told = {"up": after > before, "down": after < before, "flat": "unchanged" in shown}
            assert told[change["direction"]]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_every_number_in_a_sentence_carries_its_evidence(data):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(findings, "figure", Figures(data.draw))
        titles, paragraphs, items = sentences_of(context())
    dates = re.compile(r"\b\d{1,2} (?:January|February|March|April|May|June|July|August|September"
                       r"|October|November|December) \d{4}\b|\b12 months\b")  # fmt: skip
    for paragraph in [*titles, *paragraphs]:
        for run in paragraph:
            if isinstance(run, str):
                assert not re.search(r"\d", dates.sub("", run)), run
    for item in items:
        assert item.number.evidence.id
        assert all(change.before.evidence.id for _, change, _ in item.changes)


def test_what_is_to_come_is_called_scheduled():
    ctx = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    assert "scheduled" in wording.plain(wording.run_off(ctx))
    assert "scheduled" in wording.plain(wording.flows_ahead(ctx))
    labels = [
        item.label
        for item in wording.key_figures(ctx)
        if "12_month_b" in item.number.evidence.metric
    ]
    assert labels == ["Billings scheduled, next 12 months"]


def test_the_sample_reads_as_the_release_does():
    ctx = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    first = wording.plain(wording.what_moved(ctx)[0])
    assert re.fullmatch(
        r"Backlog rose 6\d(\.\d)?% to \$17\.\d+ million on 30 November 2009, "
        r"from \$10\.\d+ million on 31 May 2009 \(\+6\d% at constant currency\)\.", first
    )  # fmt: skip
    first = wording.what_moved(ctx)[0]
    growth = next(run.evidence for run in first if not isinstance(run, str))
    assert growth.id == "growth-2009-05-31-2009-11-30"
    assert growth.value > 0.6


def test_rates_that_go_opposite_ways_are_said_so(monkeypatch):
    figures = Figures(None)
    rates = {"coverage_rate": (0.30, 0.35), "modules_rate": (0.40, 0.41), "kw_rate": (0.50, 0.48)}
    for metric, (before, after) in rates.items():
        figures.values[(metric, "2009-05-31", None, None)] = before
        figures.values[(metric, "2009-11-30", None, None)] = after
    figures.values[("in_operation", "2009-11-30", None, None)] = 20.0
    figures.values[("covered", "2009-11-30", None, None)] = 7.0
    monkeypatch.setattr(findings, "figure", figures)
    assert wording.plain(wording.coverage_stands(context())) == (
        "35.0% of machines in operation are covered (7 of 20), up from 30.0% on 31 May 2009; "
        "by kW it fell from 50.0% to 48.0%"
    )
    figures.values[("kw_rate", "2009-11-30", None, None)] = 0.52
    assert "kW" not in wording.plain(wording.coverage_stands(context()))
    for running, covered, words in (
        (20.0, 20.0, "All 20 machines in operation are covered"),
        (20.0, 0.0, "None of the 20 machines in operation is covered"),
        (1.0, 1.0, "The only machine in operation is covered"),
        (1.0, 0.0, "The only machine in operation is not covered"),
    ):
        figures.values[("in_operation", "2009-11-30", None, None)] = running
        figures.values[("covered", "2009-11-30", None, None)] = covered
        for metric in rates:
            for day in ("2009-05-31", "2009-11-30"):
                figures.values[(metric, day, None, None)] = covered / running
        said = wording.plain(wording.coverage_stands(context()))
        assert said.removesuffix(", unchanged since 31 May 2009") == words


def test_growth_at_constant_currency_is_said_from_a_point_on(monkeypatch):
    figures = Figures(None)
    figures.values = {
        ("backlog", "2009-05-31", None, None): 10e6,
        ("backlog", "2009-11-30", None, None): 12e6,
        ("constant_currency_growth", "2009-11-30", "2009-05-31", None): 0.19,
    }
    monkeypatch.setattr(findings, "figure", figures)
    assert wording.plain(wording.backlog_moved(context())) == (
        "Backlog rose 20% since 31 May 2009, to $12.0 million (+19% at constant currency)"
    )
    figures.values[("constant_currency_growth", "2009-11-30", "2009-05-31", None)] = 0.191
    assert wording.plain(wording.backlog_moved(context())).endswith("million")


def test_before_the_first_contract_everything_is_nil():
    ctx = Context.of("sample", as_of="2007-06-30")
    text = " ".join(shown_words(wording.what_moved(ctx)))
    assert text == (
        "No contract was signed by 30 June 2007: backlog, billings, revenue and cash are nil."
    )
    assert wording.plain(wording.bridge(ctx)) == "Nothing moved backlog since 31 March 2007"
    assert "nothing" in wording.plain(wording.flows_ahead(ctx))


def test_restated_figures_are_named_by_their_largest_change(monkeypatch):
    values = {"2009-11-30": 0.0, "2009-09-30": -3000.0, "2009-05-31": 0.0, "2008-11-30": 1200.0}

    def restated(book, *, as_of, known_first, known_last):
        return evidence("restatement", values[as_of], as_of=as_of)

    monkeypatch.setattr(summary, "restated_evidence", restated)
    text = wording.plain(wording.restated(context()))
    assert text == "Rows recorded later lowered the backlog of 30 September 2009 by $3,000"
    values.update(dict.fromkeys(values, 0.0))
    text = wording.plain(wording.restated(context()))
    assert text == "No backlog shown was changed by rows recorded after its date"


def test_what_became_known_is_said_of_both_dates():
    ctx = Context.of("sample", as_of="2009-11-30", compare_to="2009-05-31")
    new, late = (wording.became_known(ctx, day) for day in (ctx.as_of, ctx.compare_to))
    assert wording.plain(new).startswith(
        "What became known since 31 May 2009 raised the backlog of the reporting date from $9.83 "
    )
    assert wording.plain(late).startswith("What became known since 31 May 2009 raised that day's")
    then, now = (run.evidence for run in new if not isinstance(run, str))
    known = ctx.book.as_known("2009-05-31")
    assert then.value == fpp.backlog(known, as_of="2009-11-30")["backlog"].item()
    assert "--as-known 2009-05-31" in then.query
    assert then.metric != "backlog", "it is not the backlog that today's book gives"
    assert now.id == "backlog-2009-11-30" != then.id


def test_a_book_without_a_file_of_machines_speaks_of_none(tmp_path):
    folder = books.write(tmp_path / "bare", contracts=[{}])
    for name in ("fleet", "contract_units"):
        (folder / f"{name}.csv").unlink()
    ctx = Context.of(str(folder), as_of="2009-05-31")
    said = wording.coverage_stands(ctx)
    assert wording.plain(said) == "No machines are in operation"
    nothing = display.Prose([findings.balance_moved(ctx, "in_operation")], id="none")
    assert "not defined" in nothing._repr_mimebundle_()["text/html"]


def test_a_title_holds_a_name_of_any_length_and_says_all_only_of_all(tmp_path):
    rows = [
        {"contract_id": f"K-{i}", "region": name, "contract_value": value}
        for i, (name, value) in enumerate((("W" * 5_000, "90000000.00"), ("Isles", "0.05")))
    ]
    ctx = Context.of(books.book(tmp_path / "giant", contracts=rows), as_of="2009-05-31")
    frame = fpp.backlog(ctx.book, as_of=ctx.as_of, by="region")
    title = wording.plain(wording.largest(ctx, frame, by="region"))
    assert len(title) < 120
    assert title.endswith("holds almost all of the backlog")
    assert len(slug("W" * 5_000)) < 90


def test_what_is_nearly_gone_did_not_fall_by_all():
    fell = numbers.change(*pair(417_000_000.0, 3.22), USD)
    assert (fell.direction, fell.relative) == ("down", "")
    assert numbers.change(*pair(200.0, 400.0), USD).relative == "100%"
