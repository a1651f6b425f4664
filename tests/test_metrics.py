"""One entry a metric: one answer by every way of asking, and every query printed gives it."""

from __future__ import annotations

import io
import math
import shlex
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import get_args

import pandas as pd
import pytest
from click.testing import CliRunner

import fpp_analysis as fpp
from fpp_analysis import evidence, metrics, queries
from fpp_analysis.claims import grading
from fpp_analysis.cli import cli
from fpp_analysis.diff.bridge import COUNTS, MONEY, bridge
from fpp_analysis.errors import DataError, UsageError
from fpp_analysis.fiscal import to_day
from fpp_analysis.metrics import METRICS, Metric, figure
from fpp_analysis.metrics.entries import METRIC_CARDS
from fpp_analysis.metrics.model import Dates, Own, Ratio, Sum, Unit, term
from fpp_analysis.metrics.scopes import problem
from tests.books import book as small
from tests.books import write

DATES = (("2009-05-31", "2009-11-30"), ("2010-03-31", "2011-03-31"), ("2011-12-31", "2012-03-31"))
COLUMNS = ("region", "series", "vertical", "distributor")
NUMBERS = [name for name, one in METRICS.items() if one.number]
WITH_ONE = [name for name, one in METRICS.items() if one.made is not None]


@pytest.fixture(scope="module")
def book():
    return fpp.load_book("sample")


@pytest.fixture(scope="module")
def scopes(book):
    """Every scope that the issue of a quarter may name."""
    values = {c: sorted(book.contract_columns[c].fillna("(none)").unique()) for c in COLUMNS}
    return [*book.settings.scopes, *(f"{c}={v}" for c in COLUMNS for v in values[c])]


@pytest.fixture(params=["some", pytest.param("each", marks=pytest.mark.soak)])
def some(request, scopes):
    """The scopes asked: fewer distributors and at later dates fewer parts, in `make soak` each."""

    def of(as_of: str) -> list[str]:
        first = as_of == DATES[0][1]
        if request.param == "each":
            return scopes if first else scopes[:17]
        return [*scopes[:17], *scopes[17::8]] if first else scopes[:17:3]

    return of


def opening(name: str, start: str) -> str | None:
    return start if METRICS[name].dates == "period" else None


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or a == b


def cut(book, column: str, value: str, day: str):
    """A part cut apart from those that figures keep, once a date."""
    key = ("a test's part", column, value, day)
    if key not in book.memo:
        book.memo[key] = book.part(column, value, day=day)
    return book.memo[key]


def run(book, line: str) -> pd.DataFrame:
    """The frame of an `fpp table` line, as the command makes it."""
    words = shlex.split(line)
    assert words[:2] == ["fpp", "table"]
    names = {option: name for name, option in queries.OPTIONS.items()}
    given: dict[str, list[str]] = {}
    parts: list[list[str]] = []
    for option, value in zip(words[3::2], words[4::2], strict=True):
        if option == "--part":
            parts.append(value.split("=", 1))
        elif option == "--as-known":
            book = book.as_known(value)
        elif option != "--book":
            given.setdefault(names[option], []).append(value)
    query = queries.find(words[2])
    flat = {n: tuple(v) if n in ("as_of", "by", "only") else v[0] for n, v in given.items()}
    arguments = query.arguments(flat)
    for column, value in parts:
        book = cut(book, column, value, query.day(arguments))
    return query.run(book, **arguments)


def answer(frame: pd.DataFrame, name: str, scope: str) -> float:
    """The number beside a query: a metric's row, or the one cell that is its column."""
    if "metric" in frame:
        rows = frame[(frame["metric"] == name) & frame["scope"].str.startswith(scope)]
        return float(rows["value"].iloc[0])
    made = METRICS[name].made
    columns = [*getattr(made, "columns", ()), *(getattr(made, "shown", None) or ())[1:]]
    assert len(frame) == 1, "a query gives one row"
    (cell,) = {float(frame[column].iloc[0]) for column in columns if column in frame}
    return cell


@pytest.mark.parametrize(("start", "as_of"), DATES)
def test_one_answer_by_every_way_of_asking(book, some, start, as_of):
    for scope in ["", *some(as_of)]:
        shown = fpp.metrics(book, as_of=as_of, start=start, scope=scope or None)
        shown = shown.drop_duplicates("metric").set_index("metric")["value"]
        column, _, value = scope.partition("=")
        try:
            part = cut(book, column, value, as_of) if value else book
        except UsageError:
            continue  # no contract and no machine has the value by then
        of_part = fpp.metrics(part, as_of=as_of, start=start).drop_duplicates("metric")
        of_part = of_part.set_index("metric")["value"]
        for name in NUMBERS:
            if problem(book, METRICS[name], scope, to_day(as_of)) is not None:
                assert name not in shown
                continue
            given = {"as_of": as_of, "start": opening(name, start), "scope": scope}
            exact = figure(book, name, **given)
            said = evidence.figure(book, name, **given)
            assert same(exact.number, said.value), (name, scope)
            assert same(exact.number, shown[name]), (name, scope)
            assert exact.query == said.query
            assert math.isnan(exact.number) == bool(exact.reason), (name, scope)
            if value or not scope:
                assert same(exact.number, of_part[name]), (name, scope)


@pytest.mark.parametrize(("start", "as_of"), DATES)
def test_every_query_printed_gives_the_number_beside_it(book, some, start, as_of):
    frames: dict[str, pd.DataFrame] = {}
    for scope in ["", *some(as_of)]:
        for name in NUMBERS:
            if problem(book, METRICS[name], scope, to_day(as_of)) is not None:
                continue
            given = {"as_of": as_of, "start": opening(name, start), "scope": scope}
            found = figure(book, name, **given)
            if found.query not in frames:
                frames[found.query] = run(book, found.query)
            fleet = scope if METRICS[name].of_machines and scope in book.settings.scopes else ""
            number = answer(frames[found.query], name, fleet)
            close = math.isclose(number, found.number, rel_tol=1e-11, abs_tol=1e-9)
            assert close or same(number, found.number), (found.query, number, found.number)


@pytest.mark.parametrize(
    ("name", "scope"),
    [
        ("backlog", "region=Europe"),
        ("growth", "region=Europe"),
        ("coverage_rate", "C200 and C1000 Series"),
        ("coverage_rate", "series=C65"),
        ("uncovered_opportunity", "region=Europe"),
        ("backlog", "C200 and C1000 Series"),
        ("herfindahl", ""),
    ],
)
def test_the_command_line_gives_it_too(book, name, scope):
    start = opening(name, "2009-05-31")
    found = figure(book, name, as_of="2009-11-30", start=start, scope=scope)
    words = shlex.split(found.query.replace(" . ", " sample "))
    done = CliRunner().invoke(cli, [*words[1:], "--format", "csv"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    frame = pd.read_csv(io.StringIO(done.stdout))
    fleet = METRICS[name].of_machines
    rows = frame[frame["scope"].str.startswith(scope)] if "scope" in frame and fleet else frame
    number = answer(rows.iloc[:1], name, "")
    assert number == pytest.approx(found.number, rel=1e-9, abs=0.005)


def test_the_grader_asks_the_same(book, tmp_path):
    for name in WITH_ONE:
        one = METRICS[name]
        for scope in ("", "region=Europe"):
            period = "period: 2009-05-31/2009-11-30" if one.dates == "period" else None
            unit = {"money": "USD", "money per kW-year": "USD per kW-year"}.get(one.unit, one.unit)
            said = tmp_path / "said.yaml"
            said.write_text(
                f"statements:\n  - text: x\n    metric: {name}\n"
                f"    {period or 'as_of: 2009-11-30'}\n    qualifier: exact\n    value: 1\n"
                f"    unit: {unit}\n" + ("    scope: {region: Europe}\n" if scope else ""),
                encoding="utf-8",
            )
            (graded,) = grading.grade_file(said, book).graded
            start = opening(name, "2009-05-31")
            asked = figure(book, name, as_of="2009-11-30", start=start, scope=scope)
            assert graded.figure.value == asked.value, name


def test_tie_out_and_diff_ask_the_same(book):
    rows = [
        {"as_of": "2009-11-30", "start": "", "end": "", "metric": n, "scope": s, "value": 1.0}
        if METRICS[n].dates != "period"
        else {"as_of": "", "start": "2009-05-31", "end": "2009-11-30", "metric": n, "scope": s,
              "value": 1.0}
        for n in NUMBERS
        for s in ("", "region=Europe", "series=C65")
    ]  # fmt: skip
    table = pd.DataFrame(rows).replace("", None).assign(unit="x", kind="ledger", source="s")
    tied = fpp.tie_out(replace(book, reference_values=table))
    assert len(tied) == len(rows)
    for row in tied.to_dict("records"):
        name = str(row["metric"])
        start = opening(name, "2009-05-31")
        asked = figure(book, name, as_of="2009-11-30", start=start, scope=str(row["scope"]))
        assert same(row["computed"], asked.number), row
    after = bridge(book, book, as_of="2009-11-30").frame.set_index(["metric", "scope"])["after"]
    for name in (*MONEY, *COUNTS):
        assert after[name, ""] == figure(book, name, as_of="2009-11-30").number


@pytest.mark.parametrize("name", WITH_ONE)
def test_the_rows_behind_a_sum_add_up_to_it(book, name):
    one = METRICS[name]
    start = opening(name, "2009-05-31")
    found = figure(book, name, as_of="2009-11-30", start=start)
    assert found.population == len(found.rows)
    if isinstance(one.made, Sum):
        added = sum(Fraction(str(round(x, 6))) for x in found.rows.iloc[:, -1].dropna())
        assert found.value == added
    elif isinstance(one.made, Ratio):
        sides = [sum(term(t)[0] * _part(book, t, start) for t in side)
                 for side in (one.made.top, one.made.bottom)]  # fmt: skip
        days = 183 if one.made.in_days else 1
        assert found.value == sides[0] * days / sides[1] - one.made.less


def _part(book, text: str, start: str | None) -> Fraction:
    _, name, when = term(text)
    as_of = start if when == "start" else "2009-11-30"
    first = "2008-11-30" if when == "last_year" else opening(name, start)
    return figure(book, name, as_of=as_of, start=first).value


def test_a_figure_that_is_not_defined_says_why(book):
    empty = book.as_known("2000-01-01")
    for name in NUMBERS:
        start = opening(name, "2009-05-31")
        found = figure(empty, name, as_of="2009-11-30", start=start)
        assert (found.value is None) == bool(found.reason), name
    growth = figure(empty, "growth", as_of="2009-11-30", start="2009-05-31")
    assert growth.reason == "nothing to divide by: Backlog is 0"
    said = evidence.figure(empty, "growth", as_of="2009-11-30", start="2009-05-31")
    assert said.reason == growth.reason


@pytest.mark.parametrize("name", WITH_ONE)
def test_dates_are_refused_the_same_way_everywhere(book, name):
    one = METRICS[name]
    if one.dates == "signed":
        return
    wrong = None if one.dates == "period" else "2009-05-31"
    said = set()
    for ask in (figure, evidence.figure) if one.number else (figure,):
        with pytest.raises(UsageError) as refused:
            ask(book, name, as_of="2009-11-30", start=wrong)
        said.add(str(refused.value))
    row = {"as_of": "2009-11-30", "start": wrong, "end": wrong and "2009-11-30", "metric": name}
    row |= {"scope": None, "value": 1.0, "unit": "x", "kind": "ledger", "source": "s"}
    with pytest.raises(DataError) as refused:
        fpp.tie_out(replace(book, reference_values=pd.DataFrame([row])))
    said.add(str(refused.value).removeprefix("reference_values row 1: "))
    (message,) = said
    assert message.startswith(f"{name} is {'of a period' if wrong is None else 'a balance'}")


@pytest.mark.parametrize(
    ("name", "scope", "message"),
    [
        ("backlog", "Nowhere", "backlog: the book has no scope 'Nowhere'"),
        ("backlog", "reigon=Europe", "did you mean 'region'?"),
        ("backlog", "region=Europa", "did you mean 'Europe'?"),
        ("coverage_rate", "series=C66", "did you mean"),
        ("backlog", "model=C65", "contracts have no column 'model'"),
    ],
)
def test_scopes_are_refused_with_the_nearest(book, name, scope, message):
    for ask in (figure, evidence.figure):
        with pytest.raises(UsageError) as refused:
            ask(book, name, as_of="2009-11-30", scope=scope)
        assert message in str(refused.value)
    with pytest.raises(UsageError) as refused:
        fpp.metrics(book, as_of="2009-11-30", scope=scope, only=[name])
    assert message in str(refused.value)


@pytest.mark.parametrize(
    ("name", "start", "message"),
    [
        ("revenue", None, "revenue is of a period: give start"),
        ("backlog", "2009-05-31", "backlog is a balance at one date: leave start out"),
    ],
)
def test_a_start_is_asked_for_or_refused_by_every_way_of_asking(book, name, start, message):
    def table(*_, **dates):
        return fpp.metrics(book, only=[name], **dates)

    def tied(*_, as_of, start):
        row = book.reference_values.head(1).assign(
            metric=name, scope="", as_of=pd.NaT, end=pd.Timestamp(as_of),
            start=pd.Timestamp(start) if start else pd.NaT,
        )  # fmt: skip
        return fpp.tie_out(replace(book, reference_values=row))

    for ask in (figure, evidence.figure, table, tied):
        with pytest.raises((UsageError, DataError)) as refused:
            ask(book, name, as_of="2009-11-30", start=start)
        assert message in str(refused.value)


def test_a_derived_value_is_that_of_the_day_asked(tmp_path):
    """A second machine of another series joins on 1 January 2010: C65 before, mixed after."""
    units = [{"contract_id": "K-1", "serial_number": "S-1"}]
    units += [{"contract_id": "K-1", "serial_number": "S-2", "covered_from": "2010-01-01"}]
    fleet = [{"serial_number": "S-1"}, {"serial_number": "S-2", "model": "C30"}]
    joined = small(tmp_path, contracts=[{}], fleet=fleet, contract_units=units)
    said = "statements:\n  - {{text: t, metric: backlog, as_of: {}, value: 1, unit: USD, "
    said += "qualifier: over, scope: {{series: {}}}}}\n"
    for day, series, gone in (("2009-11-30", "C65", "mixed"), ("2010-01-15", "mixed", "C65")):
        path = tmp_path / "said.yaml"
        found = fpp.metrics(joined, as_of=day, scope=f"series={series}").set_index("metric")
        assert found.loc["backlog", "value"] == fpp.backlog(joined, as_of=day)["backlog"].item()
        path.write_text(said.format(day, series), encoding="utf-8")
        assert [g.grade for g in grading.grade_file(path, joined).graded] == ["supported"]
        with pytest.raises(UsageError, match=f"no value '{gone}'"):
            fpp.metrics(joined, as_of=day, scope=f"series={gone}")
        path.write_text(said.format(day, gone), encoding="utf-8")
        with pytest.raises(DataError, match=f"C102: series has no value '{gone}'"):
            grading.grade_file(path, joined)


def test_several_values_and_columns_are_one_scope(book):
    regions = ("Asia Pacific", "Europe")
    both = (("region", regions),)
    parts = [figure(book, "backlog", as_of="2009-11-30", scope=f"region={r}").value
             for r in regions]  # fmt: skip
    found = figure(book, "backlog", as_of="2009-11-30", scope=both)
    assert found.value == sum(parts)
    assert answer(run(book, found.query), "backlog", "") == found.number
    fleet = figure(book, "covered", as_of="2009-11-30", scope=(*both, ("model", ("C65",))))
    rows = book.fleet[book.fleet["region"].isin(regions) & (book.fleet["model"] == "C65")]
    assert set(fleet.rows["serial_number"]) <= set(rows["serial_number"])
    assert answer(run(book, fleet.query), "covered", "") == fleet.number


def test_what_the_source_does_not_state_is_not_available(book):
    class Silent(fpp.Book):
        def stated(self, table: str, column: str) -> bool:
            return (table, column) != ("contracts", "renews_contract_id")

    quiet = Silent(**{name: getattr(book, name) for name in book.__dataclass_fields__})
    found = figure(quiet, "renewal_rate_count", as_of="2011-03-31", start="2010-03-31")
    assert found.value is None
    assert found.reason == "the book does not state contracts.renews_contract_id"
    assert figure(quiet, "backlog", as_of="2011-03-31").value == figure(
        book, "backlog", as_of="2011-03-31"
    ).value  # fmt: skip


def test_of_no_machines_stated_no_power_is_said(tmp_path):
    folder = write(tmp_path, contracts=[{"renews_contract_id": ""}])
    for name in ("fleet", "contract_units"):
        (folder / f"{name}.csv").unlink()
    found = fpp.metrics(fpp.load_book(folder), as_of="2010-03-31", start="2009-12-31")
    power = found[found["unit"].str.contains("kW") | found["metric"].str.contains("kw")]
    assert {"expired_kw", "renewed_kw", "renewal_rate_kw", "kw_covered"} <= {*power["metric"]}
    assert power["value"].isna().all(), power


def test_reference_values_known_later_are_left_out(book):
    table = book.reference_values[book.reference_values["metric"] == "backlog"]
    late = table.assign(source_date=pd.Timestamp("2009-12-15"))
    assert len(fpp.tie_out(replace(book, reference_values=table), as_of="2009-11-30")) == 1
    assert len(fpp.tie_out(replace(book, reference_values=late), as_of="2009-11-30")) == 0


def test_one_metric_asked_costs_one_metric(book, monkeypatch):
    asked: list[str] = []
    run = queries.Query.run

    def counted(query: queries.Query, *arguments: object, **given: object) -> pd.DataFrame:
        asked.append(query.name)
        return run(query, *arguments, **given)

    monkeypatch.setattr(queries.Query, "run", counted)
    fresh = book.as_known("2012-03-31")
    shown = fpp.metrics(fresh, as_of="2009-11-30", only=["rpo", "cancellable"])
    assert shown["metric"].tolist() == ["rpo", "cancellable"]
    assert set(asked) <= {"rpo"}


def test_the_function_and_the_room_have_one_name():
    assert callable(fpp.metrics)
    assert metrics is fpp.metrics
    assert isinstance(METRICS["backlog"], Metric)


def test_no_card_repeats_another():
    for field in ("definition", "method", "assumptions", "why", "used", "translation"):
        texts = [getattr(card, field) for card in METRIC_CARDS.values() if getattr(card, field)]
        assert len(texts) == len(set(texts)), field
    for one in METRICS.values():
        assert not one.see or not METRICS[one.see].see, f"{one.name} refers to a card that refers"
        assert {term(t)[1] for t in one.adds} <= set(METRICS)


def test_an_entry_says_only_what_there_is():
    for one in METRICS.values():
        assert (one.unit in get_args(Unit), one.dates in get_args(Dates)) == (True, True), one.name
        if isinstance(one.made, Sum):
            assert one.made.query in queries.QUERIES
        if isinstance(one.made, Own):
            assert one.made.shown is None or one.made.shown[0] in queries.QUERIES
        if isinstance(one.made, Ratio):
            assert {term(t)[1] for t in one.made.top + one.made.bottom} <= set(METRICS)
            assert one.made.shown is None or one.made.shown[0] in queries.QUERIES


def test_a_metric_is_named_in_one_place():
    """A new metric is its entry and its function: no other list of the package names them all."""
    for path in sorted(Path(fpp.__file__).parent.rglob("*.py")):
        if path.parts[-2:] == ("tie", "figures.py"):
            continue  # it holds the words by which a text names each
        text = path.read_text(encoding="utf-8")
        named = [name for name in METRICS if f'"{name}"' in text]
        assert len(named) <= len(METRICS) // 3, f"{path.name} names {len(named)} metrics"
