"""New business: kW that comes under contract by age of the machines, as contracts like the last.

Attachment is a chain ladder on kW: the share of a commissioning cohort that is signed at each
age, added up over the cohorts that have been through it, and applied to the ages that each
cohort still has to go through. A cohort's own experience counts as far as it has come, the
pooled rate for the rest (Bornhuetter and Ferguson). Source: R. L. Bornhuetter and R. E.
Ferguson, The Actuary and IBNR, Proceedings of the Casualty Actuarial Society 59 (1972).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from fpp_analysis.arrays import Floats, Ints, flagged
from fpp_analysis.fiscal import NEVER, Days
from fpp_analysis.forecast.assumed import Scenario, assumed
from fpp_analysis.forecast.draws import Streams, evenly, product
from fpp_analysis.forecast.existing import Renewing
from fpp_analysis.forecast.facts import FLOWS, HORIZON, MEASURES, QUARTER, Origin
from fpp_analysis.schedule import Schedule

_AGES = np.arange(assumed.earliest, assumed.oldest + 1, dtype=np.float64)  # edges, in quarters
_COHORT_PRIOR = 5.0  # contracts that the pooled rate counts for beside a cohort's own
_WITHIN = (0.125, 0.375, 0.625, 0.875)  # of a quarter: when in it contracts are signed
_SEASON_PRIOR = 8.0  # contracts that an even year counts for beside the seasons seen


@dataclass(frozen=True, eq=False)
class Attachment:
    """The chain ladder, and the kW that it expects to be signed.

    Attributes
    ----------
    rates : share of a cohort's kW signed per quarter of age, from the `earliest` to the `oldest`
    exposed : kW that has been through each age
    old : share of the old fleet's kW not under contract that is signed in a quarter
    old_kw : that kW
    past, ahead : kW expected to be signed by quarter back (latest last) and ahead, by series
    """

    rates: Floats
    exposed: Floats
    old: float
    old_kw: float
    past: Floats
    ahead: Floats

    @classmethod
    def of(cls, origin: Origin, launch: int, scenario: Scenario) -> Attachment:
        """Counted on the machines known at the origin; `launch` is the first signature."""
        made, first, kw, series, _ = origin.fleet
        day, n_series = origin.day, int(series.max(initial=-1)) + 1
        back = max(min(int((day - launch) / QUARTER), assumed.pool), 1)
        grid = day + QUARTER * np.arange(-back, HORIZON + 1)
        cohort = (made > launch) & (made < NEVER)
        signed = first < NEVER
        where = np.searchsorted(_AGES, (first - made)[cohort & signed] / QUARTER, side="right") - 1
        where = np.clip(where, 0, len(_AGES) - 2)
        taken = np.bincount(where, weights=kw[cohort & signed], minlength=len(_AGES) - 1)
        born, size = _by_day(made[cohort], kw[cohort])
        spans = [_through(born, np.array([launch, day]), age) for age in _AGES[:-1]]
        exposed = np.array([float((size * span).sum()) for span in spans])
        rates = np.divide(taken, exposed, out=np.zeros(len(taken)), where=exposed > 0)
        curve = np.concatenate([[0.0], np.cumsum(rates)])

        old = made <= launch
        free_kw = float((kw * (old & ~signed)).sum())
        recent = min(back, assumed.recent)
        just = float((kw * (old & signed & (first > day - recent * QUARTER))).sum())
        old_rate = just / recent / max(free_kw + just / 2, 1e-9)

        later = grid[back] + QUARTER * (np.arange(HORIZON - assumed.earliest) + 0.5)
        future = np.diff(np.interp((grid[:, None] - later) / QUARTER, _AGES, curve), axis=0)
        past, ahead = np.zeros((n_series, back)), np.zeros((n_series, HORIZON))
        for s in range(n_series):
            own = series == s
            rows = np.flatnonzero(own & cohort)
            born, size = _by_day(made[rows], kw[rows])
            reach = np.interp((grid[:, None] - born) / QUARTER, _AGES, curve)
            steps = np.diff(reach, axis=0) * size
            fits = np.interp((launch - born) / QUARTER, _AGES, curve)
            expected = float((size * (reach[back] - fits)).sum())
            got = float((kw * (own & cohort & signed)).sum())
            prior = _COHORT_PRIOR * float(kw[rows].sum()) / max(len(rows), 1)
            level = (got + prior) / (expected + prior) if prior else 1.0
            free = float((kw * (own & old & ~signed)).sum())
            joined = np.where(own & old & signed, kw, 0.0)
            now = np.histogram(
                first[joined > 0], grid[: back + 1] + 0.5, weights=joined[joined > 0]
            )
            before = free + np.cumsum(now[0][::-1])[::-1]  # not yet signed as each quarter began
            left = free * (1 - old_rate) ** np.arange(HORIZON) * old_rate
            lately = own & (made < NEVER) & (made > day - assumed.recent * QUARTER)
            quarterly = scenario.shipments * float((kw * lately).sum()) / assumed.recent
            taking = level * (steps.sum(axis=1) + quarterly * future.sum(axis=1))
            past[s], ahead[s] = taking[:back] + old_rate * before, taking[back:] + left
        return cls(rates, exposed, old_rate, free_kw, past, ahead)


def _by_day(made: Days, kw: Floats) -> tuple[Days, Floats]:
    """The days of commissioning, and the kW of each: as many as days, however many machines."""
    days, at = np.unique(made, return_inverse=True)
    return days, np.bincount(at, weights=kw, minlength=len(days)).astype(np.float64)


def _through(made: Days, window: Floats, age: float) -> Floats:
    """How much of a quarter of age each machine has spent in a window of days."""
    low = np.maximum(made + age * QUARTER, window[0])
    high = np.minimum(made + (age + 1) * QUARTER, window[1])
    return np.maximum(high - low, 0.0) / QUARTER


@dataclass(frozen=True, eq=False)
class Signing:
    """The contracts that stand for those to come, and how many of them are expected.

    Attributes
    ----------
    pool : positions of the contracts drawn from: of many, some of each series, evenly by worth
    weights : chance of each, by quarter ahead
    mean : contracts expected by quarter ahead
    observed : contracts signed in the quarters back, latest last
    spread : variance of a quarter's number over its mean, at least 1
    attachment : the chain ladder; None where the fleet says nothing of new business
    """

    pool: Ints
    weights: Floats
    mean: Floats
    observed: Ints
    spread: float
    attachment: Attachment | None

    @property
    def recent(self) -> int:
        """Contracts signed in the quarters that the level is measured over."""
        return int(self.observed[-assumed.recent :].sum())

    @classmethod
    def of(cls, origin: Origin, scenario: Scenario) -> Signing:
        """Counted on the new contracts known at the origin."""
        fresh = np.flatnonzero(~origin.renewing)
        signed, seen, day = origin.book.schedule.terms.signed, origin.seen, origin.day
        launch = int(signed.min(initial=day))
        back = max(min(int((day - launch) / QUARTER), assumed.pool), 1)
        age = np.floor((day - seen[fresh]) / QUARTER).astype(np.int64)
        pool = fresh[age < back]
        observed = np.bincount(back - 1 - age[age < back], minlength=back)
        series, kw = (of[pool] for of in origin.once("series", lambda: _series_of(origin)))
        n_series = int(series.max(initial=-1)) + 1
        linked = float((series >= 0).sum()) / max(len(pool), 1)
        attachment = Attachment.of(origin, launch, scenario) if linked >= 0.5 else None
        recent = min(back, assumed.recent)
        weights, fitted = np.zeros((HORIZON, len(pool))), np.zeros(back)
        worth = origin.book.schedule.final(day)[pool]
        by_worth = np.lexsort((worth, origin.book.currency_codes[pool]))
        for s in range(-1, n_series):
            rows = by_worth[series[by_worth] == s]
            if not len(rows):
                continue
            if attachment is None or s < 0:
                # without machines: as many as of late
                expected = np.full(HORIZON, float((age[age < back][rows] < recent).sum()) / recent)
                past = np.full(back, len(rows) / back)
            else:
                size = float(kw[rows].sum()) / len(rows)
                expected, past = attachment.ahead[s] / size, attachment.past[s] / size
            few = rows[evenly(len(rows), -(-len(rows) * assumed.pool_size // len(pool)))]
            weights[:, few] = expected[:, None] / len(few)
            fitted += past
        level = 1.0
        if attachment is not None and len(pool):
            got, said = float(observed[-assumed.recent :].sum()), float(fitted[-recent:].sum())
            level = (got + _COHORT_PRIOR) / (said + _COHORT_PRIOR)
        before, season = _seasons(observed, fitted)
        weights *= (level * season * scenario.attachment)[:, None]
        mean = weights.sum(axis=1)
        mean[0] *= 1 + origin.delay / QUARTER  # signed, and not yet recorded
        trend = before * fitted * max(observed.sum(), 1) / max(fitted.sum(), 1e-9)
        jumps = np.diff(observed - trend)  # of neighbours: what strays slowly is drift
        spread = float((jumps * jumps).sum()) / 2 / max(float(trend[1:].sum()), 0.5)
        spread = max(spread, 1.0) if back > 2 else 2.0
        drawn = np.flatnonzero(weights.any(axis=0))
        return cls(pool[drawn], weights[:, drawn], mean, observed, min(spread, 25.0), attachment)


def _series_of(origin: Origin) -> tuple[Ints, Floats]:
    """The series of each contract's largest machine, -1 without one, and the kW of all of them."""
    _, _, kw, series, contract = origin.fleet
    n = len(origin.book.schedule)
    out, power = np.full(n, -1, np.int64), np.zeros(n)
    rows = np.flatnonzero((contract >= 0) & (kw > 0))
    np.add.at(power, contract[rows], kw[rows])
    rows = rows[np.argsort(kw[rows], kind="stable")]
    out[contract[rows]] = series[rows]
    return out, power


def _seasons(observed: Ints, fitted: Floats) -> tuple[Floats, Floats]:
    """Factor of each quarter back and ahead: its quarter of the year against an even year."""
    back = len(observed)
    before, ahead = np.ones(back), np.ones(HORIZON)
    scale = observed.sum() / max(float(fitted.sum()), 1e-9)
    for q in range(4 if back >= 8 else 0):
        at = np.arange(back)[(np.arange(back) - back) % 4 == q]
        said = float(fitted[at].sum()) * scale
        ahead[q::4] = (float(observed[at].sum()) + _SEASON_PRIOR) / (said + _SEASON_PRIOR)
        before[at] = ahead[q]
    return before, ahead


def signed(origin: Origin, streams: Streams, scenario: Scenario) -> Floats:
    """What new contracts bring through each quarter ahead, by measure and path.

    Their number is drawn about the mean, the level of which is uncertain and strays; each is
    one of the pool with its price, term, billing and start lag.
    """
    how = Signing.of(origin, scenario)
    out = np.zeros((len(MEASURES), HORIZON, streams.paths))
    if not len(how.pool):
        return out
    values = _by_age(origin, how.pool, scenario)
    # where there are many, one draw is a batch: it strays from its mean by the root of its size
    batch = max(1, int(how.mean.max() // 64))
    shape = np.array([[(how.recent + 0.5) / how.spread]])
    level = (streams.gamma("level of new business", shape) / shape)[0]
    walk = np.cumsum(streams.normal("drift of new business", HORIZON), axis=0) * assumed.drift
    level = level * np.maximum(1 + walk, 0.05)
    for q in np.flatnonzero(how.mean).tolist():
        mean = np.maximum(how.mean[q] * level[q], 0.0)
        extra = max(how.spread - 1, 1e-3)
        around = streams.gamma(f"new business {q}", mean[None] / extra)[0] * extra
        number = streams.poisson(f"contracts {q}", around)
        draws = np.where(number > 0, np.maximum(number // batch, 1), 0)
        path = np.repeat(np.arange(streams.paths), draws)
        which = streams.picked(f"pool {q}", len(path), how.weights[q])
        n = len(how.pool)
        copies = np.bincount(which * streams.paths + path, minlength=n * streams.paths)
        scale = np.divide(number, draws * batch, out=np.zeros(streams.paths), where=draws > 0)
        worth = np.moveaxis(values[: HORIZON - q], 1, 0).reshape(n, -1).astype(np.float64)
        mean = (how.weights[q][:, None] * worth).sum(axis=0) / how.weights[q].sum()
        worth = np.rint(batch * mean + np.sqrt(batch) * (worth - mean))
        sums = product(worth.T, copies.reshape(n, streams.paths)) * scale
        out[:, q:] += sums.reshape(HORIZON - q, len(MEASURES), -1).swapaxes(0, 1)
    return out


def _by_age(origin: Origin, pool: Ints, scenario: Scenario) -> Ints:
    """`_unpriced` at a scenario's prices and an origin's rates: quarters, contracts, measures."""
    key = ("by age", scenario.delay, pool.tobytes())
    sums = origin.once(key, lambda: _unpriced(origin, pool, scenario.delay))
    mean = np.rint(sums / len(_WITHIN) * scenario.price).astype(np.int64)
    return np.moveaxis(origin.money(mean, pool), 0, 2)


def _unpriced(origin: Origin, pool: Ints, delay: int) -> Ints:
    """What a contract of the pool counts for, by quarters since that of its signature.

    Read off its own schedule as first signed, over days of signature spread over the quarter;
    after its term it is renewed at the book's rate. Shape: measures, quarters, contracts.
    """
    keep = flagged(pool, len(origin.book.schedule))
    none = np.zeros(len(origin.book.amendments), bool)
    s = origin.book.only(contracts=keep, amendments=none).schedule
    signed, end = s.terms.signed, s.end_uncut(s.terms.signed)
    yearly = s.annualised(signed, s.terms.start) * Renewing.of(origin).rate
    after = [round(QUARTER * (d + 1 - part - delay)) for part in _WITHIN for d in range(HORIZON)]
    days = signed + np.maximum(after, 0)[:, None]
    worth = _amounts(s, signed, days)
    past = days >= end  # its term is over: renewed or not
    years = np.maximum(days + 1 - end, 0) / 365.25
    again = np.rint(np.where(past, yearly * years, 0)).astype(np.int64)
    left = yearly * np.maximum(s.term_months / 12 - years, 0)
    worth[:FLOWS] += again
    worth[2] = np.where(past, np.rint(yearly), worth[2])
    worth[3] += np.where(past, np.rint(left), 0).astype(np.int64)
    return worth.reshape(len(MEASURES), len(_WITHIN), HORIZON, len(s)).sum(axis=1)


def _amounts(schedule: Schedule, known: Days, days: Days) -> Ints:
    """As `facts.amounts`, where each contract has a day of knowledge and days of its own."""
    many, seen, day = schedule.times(len(days)), np.tile(known, len(days)), days.ravel()
    done, yearly = many.recognised(seen, day), np.rint(many.annualised(seen, day))
    found = np.array([done, many.billed(seen, day), yearly, many.final(seen) - done])
    return found.reshape(len(MEASURES), *days.shape).astype(np.int64)
