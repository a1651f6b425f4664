"""What may come: hand cases, no look-ahead, the same everywhere, and the gate."""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import fpp_analysis as fpp
from fpp_analysis import display
from fpp_analysis.context import Context
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import add_months, iso, to_day
from fpp_analysis.forecast.assumed import PLAIN, STATED, Scenario, assumed
from fpp_analysis.forecast.baselines import DRIFT, FLAT, INCREMENT, LEVELS, YEAR, guesses, pinball
from fpp_analysis.forecast.cards import CARDS
from fpp_analysis.forecast.draws import Streams, product
from fpp_analysis.forecast.existing import Hazard, Renewing, reached
from fpp_analysis.forecast.facts import LAYERS, MEASURES, Origin, edges, outcomes
from fpp_analysis.forecast.outlook import QUANTILES, outlook_of
from fpp_analysis.forecast.projecting import SERIES, project
from fpp_analysis.forecast.signing import Signing
from fpp_analysis.forecast.testing import MODEL, Backtest, backtest
from tests.books import book as written
from tests.known_books import END, PROCESSES, known_book

AS_OF = "2010-12-31"


@pytest.fixture(scope="module")
def sample():
    return fpp.load_book("sample")


@pytest.fixture(scope="module")
def steady(tmp_path_factory):
    return known_book(tmp_path_factory.mktemp("steady"), PROCESSES["few events"], 1)


# -- random numbers --------------------------------------------------------------------------


def test_normal_gamma_beta_and_poisson_have_their_moments():
    s = Streams(1, 40_000)
    z = s.normal("z")
    assert abs(z.mean()) < 0.02
    assert abs(z.std() - 1) < 0.02
    for k in (0.5, 4.0, 60.0):
        g = s.gamma(f"g{k}", np.array([k])[:, None])[0]
        assert g.mean() == pytest.approx(k, rel=0.06)
        assert g.std() == pytest.approx(math.sqrt(k), rel=0.15)
    b = s.beta("b", np.array([8.0])[:, None], np.array([2.0])[:, None])[0]
    assert b.mean() == pytest.approx(0.8, abs=0.01)
    for mean in (0.3, 7.0, 63.0, 400.0):
        n = s.poisson("n", np.full(40_000, mean))
        assert n.mean() == pytest.approx(mean, rel=0.03)
        assert n.var() == pytest.approx(mean, rel=0.06)


def test_a_tally_counts_events_of_each_contract_by_hand():
    # chance 0 by step 0 and as good as 1 by step 1: nothing, then every contract on every path
    s = Streams(3, 8)
    chance = np.array([np.zeros(8), np.ones(8)])
    values = np.arange(2 * 3 * 5).reshape(2, 3, 5)
    sums = s.tally("t", chance, values)
    assert (sums[0] == 0).all()
    assert (sums[1] == values[1].sum(axis=1)[:, None]).mean() > 0.99


@pytest.mark.parametrize("chance", [0.05, 0.6])
def test_both_ways_of_adding_give_the_same_share(chance):
    # rare and frequent events are added up differently, but to what the chance says
    s = Streams(5, 2_000)
    values = np.full((1, 1, 300), 1_000_000, np.int64)
    sums = s.tally("t", np.full((1, 2_000), chance), values)
    assert sums.mean() / 3e8 == pytest.approx(chance, rel=0.02)
    assert (sums % 1_000_000 == 0).all()


def test_of_many_contracts_some_speak_for_how_far_the_rest_strays():
    """Mean and spread are those of each drawn for itself: p Σv and √(p (1 - p) Σv²)."""
    rng = np.random.default_rng(7)
    worth = np.rint(np.exp(rng.normal(10, 1.5, 6_000))).astype(np.int64)
    values = np.stack([worth, worth // 2])[:, None]
    chance = np.broadcast_to(np.array([0.02, 0.3])[:, None], (2, 4_000))
    sums = Streams(1, 4_000).tally("x", chance, values)
    for h, p in enumerate((0.02, 0.3)):
        v = values[h, 0].astype(np.float64)
        assert sums[h, 0].mean() == pytest.approx(p * v.sum(), rel=0.004)
        assert sums[h, 0].std() == pytest.approx(math.sqrt(p * (1 - p) * (v * v).sum()), rel=0.06)
    # later steps hold what came before: both tell of the same events
    assert np.corrcoef(sums[:, 0])[0, 1] > 0.1


def test_few_contracts_of_each_series_stand_for_a_large_pool(steady, monkeypatch):
    """As many contracts are expected as of the whole pool, all of them among those drawn."""
    origin = Origin.of(steady, END)
    whole = Signing.of(origin, PLAIN)
    monkeypatch.setattr(assumed, "pool_size", 4)
    few = Signing.of(origin, PLAIN)
    assert 1 < len(few.pool) <= 4 + steady.fleet["series"].nunique() + 1 < len(whole.pool)
    assert few.mean == pytest.approx(whole.mean)
    assert set(few.pool) <= set(whole.pool)


def test_products_of_whole_numbers_are_exact_in_any_order():
    rng = np.random.default_rng(0)
    left = rng.integers(0, 9, (500, 40))
    right = rng.integers(0, 10**11, (40, 7)).astype(np.float64)
    exact = left.astype(object) @ right.astype(np.int64).astype(object)
    assert (product(left, right) == exact.astype(np.float64)).all()


# -- baselines and scores ----------------------------------------------------------------------


def test_the_naive_rules_by_hand():
    # ACV 100, 120, 160, 200 and revenue 20, 30, 35, 45 at four quarters
    history = np.array([[20.0, 30, 35, 45], [0.0] * 4, [100.0, 120, 160, 200], [0.0] * 4])
    middle = {name: q[:, 3] for name, q in guesses(history, 0).items()}
    assert middle[FLAT][0] == 50  # 200 / 4
    assert middle[YEAR][7] == 32.5  # 130 / 4
    assert middle[INCREMENT][0] == (200 + 20) / 4  # half the step of 40 into the quarter
    assert middle[DRIFT][1] == pytest.approx(45 + 2 * 25 / 3)
    assert guesses(history, 2)[INCREMENT][1, 3] == 200 + 2 * 40


def test_pinball_loss_by_hand():
    # quantiles all at 10, actual 12: the mean of p × 2 over the levels is 2 × 0.5
    assert pinball(np.full(len(LEVELS), 10.0), np.array(12.0)) == pytest.approx(1.0)
    assert pinball(np.full(len(LEVELS), 10.0), np.array(8.0)) == pytest.approx(1.0)


def _tested(model: float, rule: float, n: int = 12) -> Backtest:
    shape = (n, len(MEASURES), len(SERIES), 8)
    at = {MODEL: model, FLAT: rule}
    said = {k: np.full((*shape, len(LEVELS)), v) for k, v in at.items()}
    return Backtest(list(range(n)), np.zeros(shape), said, np.ones((n, len(MEASURES))))


def test_the_gate_shows_what_is_clearly_better_and_says_why():
    assert _tested(1.0, 2.0).gate(0, 3) == (
        True,
        FLAT,
        f"the model's loss is 0.50 of that of “{FLAT}”",
    )
    shown, best, why = _tested(1.0, 1.0 / assumed.margin - 0.01).gate(0, 3)
    assert (shown, best) == (False, FLAT)
    assert FLAT in why
    assert _tested(1.0, 2.0, n=5).gate(0, 3)[0] is False


def test_the_gate_does_not_live_on_the_past():
    test = _tested(1.0, 3.0)
    test.said[MODEL][8:] = 3.2  # of late no better
    shown, _, why = test.gate(0, 3)
    assert not shown
    assert "over the last" in why


# -- what is counted -----------------------------------------------------------------------------


def test_terminations_are_counted_by_year_of_cover(tmp_path):
    # three contracts from 2009-01-01; one leaves on 2009-07-02 (day 182), known on 2009-06-02
    rows = [
        {"contract_id": f"K-{i}", "signed_on": "2008-12-15", "starts_on": "2009-01-01",
         "term_months": "60", "contract_value": "6000.00"}
        for i in range(3)
    ]  # fmt: skip
    cut = {"amendment_id": "A-1", "contract_id": "K-1", "kind": "termination",
           "signed_on": "2009-06-02", "effective_on": "2009-07-02"}  # fmt: skip
    book = written(tmp_path, contracts=rows, amendments=[cut])
    hazard = Hazard.of(Origin.of(book, to_day("2010-12-31")))
    assert hazard.events.tolist() == [1, 0, 0, 0, 0]
    quarters = (2 * 365 + 182) / 91.3125, 2 * 365 / 91.3125
    assert hazard.quarters[:2].tolist() == pytest.approx(quarters)
    assert hazard.warned == pytest.approx(30 / 91.3125)


def test_renewals_are_weighted_by_acv_and_extensions_count(tmp_path):
    # of three that end in 2009 one of 3,000 a year is renewed, one of 1,000 extended, one is not
    rows = [
        {"contract_id": f"K-{i}", "signed_on": "2007-12-15", "starts_on": "2008-01-01",
         "term_months": "12", "contract_value": value}
        for i, value in enumerate(("3000.00", "1000.00", "2000.00"))
    ]  # fmt: skip
    rows.append({"contract_id": "K-9", "signed_on": "2008-12-20", "starts_on": "2009-01-01",
                 "term_months": "24", "contract_value": "6600.00",
                 "renews_contract_id": "K-0"})  # fmt: skip
    more = {"amendment_id": "A-1", "contract_id": "K-1", "kind": "extension",
            "signed_on": "2008-12-01", "value_change": "1000.00",
            "term_change_months": "12"}  # fmt: skip
    book = written(tmp_path, contracts=rows, amendments=[more])
    how = Renewing.of(Origin.of(book, to_day("2009-09-30")))
    assert how.counts.tolist() == [3, 0, 0, 0]
    assert how.renewed == 2
    # 4,000 of 6,000 a year, as 6,000² / 14,000,000 expiries of equal weight
    assert how.good[0] / how.tried[0] == pytest.approx(4 / 6, abs=0.01)
    assert how.good[0] == pytest.approx(4000 * 6000 / 14e6)
    assert sorted(how.lags.tolist()) == [-31, -12]


def test_a_late_renewal_is_not_read_as_a_loss():
    lags = np.array([-30, -10, 5, 20, 60])
    assert reached(lags, np.array([0.0, 30.0, 90.0])).tolist() == [3 / 6, 5 / 6, 1.0]


# -- the frame -----------------------------------------------------------------------------------


def test_contracted_is_the_schedule_to_the_cent(sample):
    f = fpp.forecast(sample, as_of=AS_OF, paths=200)
    plan = f[f["layer"] == "contracted"].set_index(["measure", "quarters_ahead"])["scheduled"]
    ends = [iso(d) for d in edges(to_day(AS_OF), range(9)).tolist()]
    known = fpp.revenue(sample, start=ends[0], end=ends[8], known_at=AS_OF)["amount"]
    assert plan["revenue"].tolist() == known.tolist()
    billed = fpp.billings(sample, start=ends[0], end=ends[8], known_at=AS_OF)["amount"]
    assert plan["billings"].tolist() == billed.tolist()


def test_the_layers_of_every_path_add_up_and_quantiles_rise(sample):
    made = project(Origin.of(sample, to_day(AS_OF)), 500)
    assert (made.series[:, :3].sum(axis=1) == made.series[:, 3]).all()
    f = fpp.forecast(sample, as_of=AS_OF, paths=500)
    assert (f[list(QUANTILES)].diff(axis=1).iloc[:, 1:] >= 0).all().all()
    assert len(f) == len(MEASURES) * len(SERIES) * 8
    contracted = f[(f["layer"] == "contracted") & (f["measure"] == "acv") & (f["method"] == MODEL)]
    assert (contracted["expected"] <= contracted["scheduled"] + 0.005).all()


def test_a_model_that_is_shown_is_drawn_towards_the_rule_that_it_beat(sample):
    out = outlook_of(sample, AS_OF, 400)
    seen = 0
    for m in range(len(MEASURES)):
        for s in range(len(SERIES)):
            method, against, _ = out.method(m, s)
            own, rule, shown = out.said[MODEL][m, s], out.said[against][m, s], out.shown(m, s)
            if method != MODEL:
                assert (shown == out.said[method][m, s]).all()
                continue
            seen += 1
            assert shown == pytest.approx(0.67 * own + 0.33 * rule)
            # the paths are moved with them
            q = np.quantile(out.drawn(m, s), LEVELS, axis=1).T
            assert q == pytest.approx(shown, abs=0.01 * np.ptp(shown))
    assert seen


def test_what_comes_later_changes_nothing(sample):
    earlier = sample.only(
        contracts=sample.schedule.terms.signed <= to_day(AS_OF),
        amendments=(pd.to_datetime(sample.amendments["signed_on"]) <= AS_OF).to_numpy(bool),
    )
    pd.testing.assert_frame_equal(
        fpp.forecast(sample, as_of=AS_OF, paths=300), fpp.forecast(earlier, as_of=AS_OF, paths=300)
    )


def test_an_earlier_origin_sees_only_what_was_recorded_by_then(sample):
    day = to_day("2009-09-30")
    seen = Origin.of(sample, day, last=to_day(AS_OF)).book
    recorded = sample.contracts["recorded_on"].fillna(sample.contracts["signed_on"])
    assert set(seen.contracts["contract_id"]) == set(
        sample.contracts["contract_id"][(recorded <= "2009-09-30")]
    ) & set(sample.contracts["contract_id"][sample.contracts["signed_on"] <= "2009-09-30"])


def test_what_came_is_the_books_own_by_layer(sample):
    last = to_day("2012-03-31")
    origin = Origin.of(sample, to_day("2011-03-31"), last=last)
    came = outcomes(sample, origin, origin.ends[:5], {})
    assert came.shape == (len(MEASURES), len(LAYERS), 4)
    # in one currency the layers add up to the measures; here at the origin's rates
    home = sample.only(contracts=~sample.foreign)
    total = outcomes(
        home, Origin.of(home, to_day("2011-03-31"), last=last), origin.ends[:5], {}
    ).sum(1)
    revenue = fpp.revenue(home, start="2011-03-31", end="2012-03-31")["amount"]
    assert (total[0] / 100).tolist() == pytest.approx(revenue.tolist(), abs=0.02)
    ends = [iso(d) for d in origin.ends[1:5].tolist()]
    backlog = fpp.backlog(home, as_of=ends)["backlog"]
    assert (total[3] / 100).tolist() == pytest.approx(backlog.tolist(), abs=0.02)


def test_every_scenario_moves_its_own_way(sample):
    s = fpp.forecast_sensitivities(sample, as_of=AS_OF, paths=300).set_index("change")
    acv, revenue = s["acv_8"], s["revenue_8_quarters"]
    assert acv["renewal rate 10 points lower"] < 0 < acv["renewal rate 10 points higher"]
    assert acv["attachment 25% lower"] < 0 < acv["attachment 25% higher"]
    assert acv["prices 5% higher"] == pytest.approx(-acv["prices 5% lower"], rel=0.01)
    assert revenue["cover starts one quarter later"] < 0
    assert acv["foreign currencies 10% lower"] < 0 < acv["foreign currencies 10% higher"]
    assert acv["no machine put into operation any more"] < 0
    assert Scenario() == PLAIN


def test_an_expected_number_of_contracts_follows_the_fleet(sample):
    how = Signing.of(Origin.of(sample, to_day(AS_OF)), PLAIN)
    assert how.attachment is not None
    assert 0.5 < how.mean.sum() / 8 / (how.recent / 4) < 2
    assert (how.attachment.rates >= 0).all()


def test_plans_are_met_as_often_as_the_paths_say(tmp_path):
    book = known_book(tmp_path, PROCESSES["few events"], 2)
    day = iso(END)
    f = fpp.forecast(book, as_of=day)
    backlog = f[(f["measure"] == "backlog") & (f["layer"] == "total") & (f["quarters_ahead"] == 4)]
    rows = pd.DataFrame(
        {
            "as_of": [pd.Timestamp(backlog["period_end"].item())] * 2,
            "start": pd.NaT, "end": pd.NaT, "metric": "backlog", "scope": np.nan,
            "value": [1.0, 1e12], "unit": "USD", "kind": ["budget", "guidance"],
            "source": "plan", "source_date": pd.Timestamp(day),
        }
    )  # fmt: skip
    planned = type(book)(**{**vars_of(book), "reference_values": rows})
    chances = fpp.forecast_chances(planned, as_of=day)
    assert len(chances) == 2
    if backlog["method"].item() == MODEL:
        assert chances["probability"].tolist() == [1.0, 0.0]
    else:
        assert chances["probability"].isna().all()
    unknown = rows.assign(source_date=pd.Timestamp(day) + pd.Timedelta(days=1))
    later = type(book)(**{**vars_of(book), "reference_values": unknown})
    assert fpp.forecast_chances(later, as_of=day).empty


def vars_of(book):
    return {name: getattr(book, name) for name in book.__dataclass_fields__}


# -- the same everywhere -------------------------------------------------------------------------

_PRINT = """
import hashlib, sys
import fpp_analysis as fpp
f = fpp.forecast(fpp.load_book("sample"), as_of="2009-11-30", paths=400)
sys.stdout.write(hashlib.sha256(f.to_csv(index=False).encode()).hexdigest())
"""


AVX512 = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL"


def test_threads_and_processor_features_change_no_digit():
    found = {
        subprocess.run(
            [sys.executable, "-c", _PRINT],
            env={**os.environ, **other},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for other in (
            {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            {"OPENBLAS_NUM_THREADS": "4", "OPENBLAS_CORETYPE": "Haswell",
             "NPY_DISABLE_CPU_FEATURES": AVX512},
        )
    }  # fmt: skip
    assert len(found) == 1


def test_paths_are_pinned():
    # the first numbers of a stream, so that another numpy or machine is noticed
    bits = Streams(1, 4).generator("x").bit_generator.random_raw(2).tolist()
    assert bits == [15783344767938739475, 8715775266887860500]


# -- little to go by -----------------------------------------------------------------------------


def _contracts(n: int, **other: str) -> list[dict[str, str]]:
    first = to_day("2009-01-15")
    rows = []
    for i in range(n):
        signed = int(add_months(first, i))
        rows.append(
            {
                "contract_id": f"K-{i:03d}", "customer": f"Customer {i}", "signed_on": iso(signed),
                "starts_on": iso(signed + 10), "term_months": "36",
                "contract_value": "3600.00", **other,
            }
        )  # fmt: skip
    return rows


def _quiet(book, as_of: str) -> pd.DataFrame:
    """Every frame without a warning; the forecast."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for name in ("test", "history", "rates", "sensitivities", "chances", "assumptions"):
            getattr(fpp, f"forecast_{name}")(book, as_of=as_of)
        fpp.forecast_fan(book, as_of=as_of, measure="backlog")
        return fpp.forecast(book, as_of=as_of)


def test_two_quarters_of_history_show_the_schedule_alone(tmp_path):
    book = written(tmp_path, contracts=_contracts(6))
    f = _quiet(book, "2009-06-30")
    assert set(f["method"]) == {"run-off only"}
    assert f["why"].str.contains("are needed").all()
    total = f[f["layer"] == "total"]
    assert (total["expected"] == total["scheduled"]).all()


def test_no_terminations_no_expiry_no_fleet(tmp_path):
    book = written(tmp_path, contracts=_contracts(30))
    f = _quiet(book, "2011-06-30")
    assert np.isfinite(f[["expected", *QUANTILES]].to_numpy()).all()
    rates = fpp.forecast_rates(book, as_of="2011-06-30")
    assert rates.loc[rates["rate_name"] == "terminated a quarter", "events"].sum() == 0
    assert "attached a quarter" not in set(rates["rate_name"])


def test_the_range_of_a_rate_is_printed_as_a_rate(sample):
    rates = fpp.forecast_rates(sample, as_of="2009-11-30")
    ctx = Context.of(sample, as_of="2009-11-30")
    table = display.Table(rates, id="rates", title="Rates", context=ctx)
    first = rates.dropna().iloc[0]
    assert 0 < first["rate_low_80"] < first["estimate"] < first["rate_high_80"] < 1
    shown = table._repr_mimebundle_()["text/plain"]
    for name in ("rate_low_80", "estimate", "rate_high_80"):
        assert f"{first[name]:.1%}" in shown
    assert "USD" not in shown


def test_one_customer_with_one_contract_is_never_a_models_total(tmp_path):
    book = written(tmp_path, contracts=_contracts(1))
    f = _quiet(book, "2011-06-30")
    assert (f.loc[f["layer"] == "total", "method"] != MODEL).all()
    assert assumed.concentrated < 1


def test_before_the_first_contract_nothing_is_said(tmp_path):
    book = written(tmp_path, contracts=_contracts(6))
    f = _quiet(book, "2008-12-31")
    assert f.empty
    assert list(f.columns[:3]) == ["as_of", "measure", "layer"]


def test_a_currency_without_a_rate_is_left_out_and_named(tmp_path):
    rows = _contracts(12)
    rows[3]["currency"] = "EUR"
    rate = {"date": "2011-01-31", "currency": "EUR", "rate": "1.40"}
    book = written(tmp_path, contracts=rows, fx_rates=[rate])
    f = _quiet(book, "2010-06-30")
    assert outlook_of(book, "2010-06-30").unpriced == ("EUR",)
    plan = f[(f["layer"] == "contracted") & (f["measure"] == "acv")]["scheduled"]
    assert plan.iloc[0] == 11 * 1200
    assert outlook_of(book, "2011-03-31").unpriced == ()
    _quiet(book, "2011-03-31")


def test_what_cannot_be_said_is_said(tmp_path):
    from fpp_analysis.context import Context
    from fpp_analysis.wording import already_contracted, cannot_be_said, plain

    written(tmp_path, contracts=_contracts(6))
    ctx = Context.of(str(tmp_path), as_of="2009-06-30")
    said = " ".join(map(plain, cannot_be_said(ctx)))
    for words in ("has been terminated", "to its term", "not tied to machines", "too few"):
        assert words in said
    assert "run-off only" in plain(already_contracted(ctx))
    before = Context.of(str(tmp_path), as_of="2008-12-31")
    said = [already_contracted(before), *cannot_be_said(before)]  # as a page says it: once
    (once,) = map(plain, said)
    assert once.startswith("Nothing can be said of the quarters ahead")


def test_too_few_paths_and_an_unknown_measure_are_refused(sample):
    with pytest.raises(UsageError, match="too few"):
        fpp.forecast(sample, as_of=AS_OF, paths=10)
    with pytest.raises(UsageError, match="not one of"):
        fpp.forecast_fan(sample, as_of=AS_OF, measure="profit")


def test_cards_and_assumptions_are_whole():
    for name, card in CARDS.items():
        assert name == card.name
        assert card.definition.endswith(".")
    assert all(meaning for _, meaning in STATED.values())


# -- on known processes --------------------------------------------------------------------------


def test_on_a_known_process_the_intervals_hold_and_the_gate_keeps(steady):
    test = backtest(steady, END, 300)
    tried = held = 0
    for m in range(len(MEASURES)):
        for s in range(len(SERIES)):
            h, n = test.covered(test.said[MODEL][:, m, s], m, s)
            held, tried = held + h, tried + n
            if test.gate(m, s)[0]:
                own, other = (test.scored(k, m, s)[0] for k in (MODEL, test.best(m, s)))
                assert own <= assumed.margin * other
    assert 0.6 <= held / tried <= 0.97


def test_what_never_was_below_zero_is_not_said_to_come_below_it(tmp_path):
    rows = [
        {"contract_id": f"K-{i}", "signed_on": f"200{6 + i % 3}-03-01", "customer": f"C{i}",
         "starts_on": f"200{6 + i % 3}-04-01", "term_months": 96, "contract_value": "90000"}
        for i in range(12)
    ]  # fmt: skip
    ends = [
        {"amendment_id": f"A-{i}", "contract_id": f"K-{i}", "kind": "termination",
         "signed_on": "2011-03-07", "effective_on": "2011-03-20"}
        for i in range(11)
    ]  # fmt: skip
    book = written(tmp_path / "falling", contracts=rows, amendments=ends)
    total = fpp.forecast(book, as_of="2011-06-30", paths=200).query("layer == 'total'")
    assert (total["low_95"] == 0).any()
    assert (total[["low_95", "low_80", "low_50", "middle"]] >= 0).all(axis=None)


def test_of_contracts_worth_nothing_nothing_is_said(tmp_path):
    book = written(tmp_path / "none", contracts=[{"contract_value": "0"}])
    for frame in (fpp.forecast, fpp.forecast_test, fpp.forecast_rates):
        assert frame(book, as_of="2011-06-30").empty


def test_every_number_that_a_forecast_assumes_is_used():
    folder = Path(fpp.__file__).parent / "forecast"
    code = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.py"))
    assert set(re.findall(r"\bassumed\.([a-z_]+)", code)) - {"toml"} == vars(assumed).keys()
