"""The public face: exactly these names, keyword-only, each explained in the same order."""

from __future__ import annotations

import inspect
import re

import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.measures.contracts import LABELS

FACE = {
    "METRIC_CARDS": "a mapping",
    "Book": "a value",
    "load_book": "(path_or_url, *, bad_rows=None, rejects=None)",
    # balances
    "backlog": "(book, *, as_of, by=None)",
    "ladder": "(book, *, as_of, by=None)",
    "rpo": "(book, *, as_of, by=None)",
    "deferred_revenue": "(book, *, as_of, by=None)",
    "annualised_value": "(book, *, as_of, by=None)",
    "coverage": "(book, *, as_of, scope=None, by=None)",
    "units": "(book, *, as_of, scope=None, by=None)",
    "contracts": "(book, *, as_of)",
    "contract_moves": "(book, *, start, end)",
    "price_change": "(book, *, as_of, earlier, later)",
    "shipments": "(book, *, as_of, scope=None, by=None)",
    "concentration": "(book, *, as_of, by='customer')",
    "terms": "(book, *, as_of)",
    "contract_terms": "(book, *, as_of, by=None)",
    "prices": "(book, *, as_of, by=None)",
    "expiries": "(book, *, as_of, by=None)",
    "uncovered_opportunity": "(book, *, as_of, scope=None)",
    "fleet_age": "(book, *, as_of, scope=None)",
    "remaining_term": "(book, *, as_of)",
    # movements and flows
    "rollforward": "(book, *, start, end, by=None)",
    "deferred_rollforward": "(book, *, start, end, by=None)",
    "billings": "(book, *, start, end, by=None, every='quarter', known_at=None)",
    "revenue": "(book, *, start, end, by=None, every='quarter', known_at=None)",
    "cash": "(book, *, start, end, by=None, every='quarter', known_at=None)",
    "signings": "(book, *, start, end, by=None)",
    "acv_bridge": "(book, *, start, end, by=None)",
    "churn": "(book, *, start, end, by=None)",
    "receivables": "(book, *, as_of, by=None)",
    "billing_gaps": "(book, *, as_of)",
    "overdue": "(book, *, as_of)",
    "overdue_contracts": "(book, *, as_of)",
    "receivables_history": "(book, *, start, end, every='quarter')",
    "collections": "(book, *, start, end, by=None, every='quarter')",
    "attachment": "(book, *, start, end, scope=None, by=None)",
    "renewals": "(book, *, start, end, by=None)",
    "coverage_bridge": "(book, *, start, end, scope=None)",
    "deferred_history": "(book, *, start, end, every='quarter')",
    "outlook": "(book, *, as_of, start, end, by=None, every='quarter')",
    "uptake": "(book, *, as_of, start=None, scope=None, step_months=3, by_cohort=False)",
    "retention_cohorts": "(book, *, as_of)",
    "growth": "(book, *, start, end)",
    "constant_currency_growth": "(book, *, start, end)",
    # what may come
    "forecast": "(book, *, as_of, paths=10000)",
    "forecast_fan": "(book, *, as_of, measure)",
    "forecast_history": "(book, *, as_of, quarters=4)",
    "forecast_test": "(book, *, as_of)",
    "forecast_rates": "(book, *, as_of)",
    "forecast_sensitivities": "(book, *, as_of, paths=1000)",
    "forecast_chances": "(book, *, as_of)",
    "forecast_assumptions": "(book, *, as_of)",
    # everything at once, and beside what was booked
    "metrics": "(book, *, as_of, start=None, scope=None, only=None)",
    "restatement": "(book, *, as_of, known_first, known_last, by=None)",
    "tie_out": "(book, *, as_of=None)",
    "tie_out_explained": "(book, *, as_of)",
}
MEASURES = [name for name, form in FACE.items() if form.startswith("(book")]
NOT_BY_DATE = {
    "billing_gaps",
    "overdue",
    "overdue_contracts",
    "concentration",
    "expiries",
    "prices",
    "restatement",
    "outlook",
}
SCALARS = {"growth", "constant_currency_growth", "remaining_term"}
AS_OF, START, END = "2009-11-30", "2009-05-31", "2009-11-30"
GIVEN = {
    "measure": "acv",
    "as_of": AS_OF,
    "start": START,
    "end": END,
    "known_first": "2009-12-01",
    "known_last": "2012-03-31",
    "earlier": "FY2009",
    "later": "FY2010",
}


def bare(name: str) -> str:
    """The signature without annotations."""
    signature = inspect.signature(getattr(fpp, name))
    plain = [p.replace(annotation=p.empty) for p in signature.parameters.values()]
    return str(inspect.Signature(plain))


def arguments(name: str) -> dict[str, str]:
    wanted = inspect.signature(getattr(fpp, name)).parameters.values()
    return {
        p.name: GIVEN[p.name] for p in wanted if p.kind is p.KEYWORD_ONLY and p.default is p.empty
    }


@pytest.fixture(scope="module")
def book() -> fpp.Book:
    return fpp.load_book("sample")


@pytest.fixture(scope="module")
def results(book) -> dict[str, object]:
    return {name: getattr(fpp, name)(book, **arguments(name)) for name in MEASURES}


def test_exactly_these_names_are_public():
    assert sorted(fpp.__all__) == sorted(FACE)


@pytest.mark.parametrize("name", [n for n, form in FACE.items() if form.startswith("(")])
def test_signatures_are_keyword_only_after_the_book(name):
    assert bare(name) == FACE[name]
    assert inspect.signature(getattr(fpp, name)).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("name", MEASURES)
def test_docstrings_begin_with_the_grain_and_end_with_an_example(name):
    text = inspect.getdoc(getattr(fpp, name))
    first = text.splitlines()[0]
    assert first.endswith((".", ","))
    if name not in SCALARS:
        assert re.match(r"(At most o|O)ne row (per|\()", first), first
        assert re.search(r"Returns|columns as for", text, re.IGNORECASE), "which columns?"
    assert ">>>" in text
    assert text.index(">>>") > len(text) / 3, "the example comes last"


@pytest.mark.parametrize("name", sorted(set(MEASURES) - SCALARS))
def test_a_measure_gives_a_tidy_frame(name, results):
    frame = results[name]
    assert isinstance(frame, pd.DataFrame)
    assert isinstance(frame.index, pd.RangeIndex)
    assert frame.columns.is_unique
    first = frame.columns[0]
    parameters = inspect.signature(getattr(fpp, name)).parameters
    if "every" in parameters:
        assert list(frame.columns[:4]) == ["period", "period_start", "period_end", "partial"]
    elif parameters.keys() >= {"as_of", "by"} and name not in NOT_BY_DATE:
        assert first == "as_of"


@pytest.mark.parametrize("name", sorted(set(MEASURES) - SCALARS))
def test_every_column_of_a_result_is_in_the_dictionary(name, results):
    described = {*COLUMNS, *LABELS, "source"}
    assert set(results[name].columns) <= described


@pytest.mark.parametrize("name", MEASURES)
def test_no_measure_changes_the_book(name, book):
    before = {
        table: frame.copy(deep=True)
        for table in ("contracts", "amendments", "fleet", "contract_units", "fx_rates")
        for frame in [getattr(book, table)]
    }
    getattr(fpp, name)(book, **arguments(name))
    for table, frame in before.items():
        pd.testing.assert_frame_equal(getattr(book, table), frame)


@pytest.mark.parametrize(
    "form", ["2009-11-30", pd.Timestamp("2009-11-30"), pd.Timestamp("2009-11-30").date()]
)
def test_dates_may_be_text_dates_or_timestamps(form, book):
    pd.testing.assert_frame_equal(fpp.backlog(book, as_of=form), fpp.backlog(book, as_of=AS_OF))


def test_many_dates_in_one_pass_are_the_single_ones(book):
    dates = ["2009-05-31", "2009-11-30", "2009-08-31"]
    singles = pd.concat([fpp.backlog(book, as_of=d, by="region") for d in dates])
    together = fpp.backlog(book, as_of=dates, by="region")
    pd.testing.assert_frame_equal(together, singles.reset_index(drop=True))


def test_amounts_in_frames_are_exact_to_the_cent(results):
    amounts = results["rollforward"].select_dtypes("float64").to_numpy()
    assert ((amounts * 100).round() / 100 == amounts).all()


def test_a_book_introduces_itself(book):
    text = repr(book)
    assert "SYNTHETIC" in text
    assert re.search(r"[\d,]+ contracts, signed \d{4}-\d\d-\d\d to \d{4}-\d\d-\d\d", text)
    assert "C200 and C1000 Series" in text


def test_metric_cards_are_whole():
    for name, card in fpp.METRIC_CARDS.items():
        assert name == card.name
        for field in ("title", "definition", "formula", "why", "used", "source"):
            assert getattr(card, field).strip(), f"{name}: {field}"
        assert card.definition.endswith("."), name
        assert card.version >= 1
