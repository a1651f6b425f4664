"""What becomes of the contracts there are: terminations by contract age, and renewals by term."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from fpp_analysis.arrays import Floats, Ints, flagged, rate
from fpp_analysis.fiscal import NEVER, Days, whole_months
from fpp_analysis.forecast.assumed import Scenario, assumed
from fpp_analysis.forecast.draws import Streams
from fpp_analysis.forecast.facts import FLOWS, HORIZON, MEASURES, QUARTER, Origin
from fpp_analysis.measures.renewals import last_days

BANDS = 4


@dataclass(frozen=True, slots=True)
class Hazard:
    """Terminations by year of cover: events and quarters under cover, and how early one knows."""

    events: Floats
    quarters: Floats
    warned: float  # share of a quarter by which a termination is known before it takes effect

    @classmethod
    def of(cls, origin: Origin) -> Hazard:
        """Counted on the contracts known at the origin, once."""
        return origin.once(cls, lambda: cls._counted(origin))

    @classmethod
    def _counted(cls, origin: Origin) -> Hazard:
        s, day = origin.book.schedule, origin.day
        start, cut = s.terms.start, s.stops(day)
        end = s.end_uncut(day)
        until = np.minimum(np.minimum(end, cut), day + 1)
        bounds = [*assumed.ages, NEVER]
        spans = [np.clip(until - start, low, high) - low for low, high in pairwise(bounds)]
        gone = np.flatnonzero((cut <= day) & (cut < end) & (cut >= start))
        age = np.searchsorted(assumed.ages, (cut - start)[gone], side="right") - 1
        warned = np.clip((cut - s.terms.cut_known)[gone], 0, QUARTER) / QUARTER
        return cls(
            events=np.bincount(age, minlength=len(assumed.ages)).astype(np.float64),
            quarters=np.array([float(span.sum()) for span in spans]) / QUARTER,
            warned=float(warned.sum()) / max(len(gone), 1),
        )

    def drawn(self, streams: Streams) -> Floats:
        """Chance a quarter by year of cover and path: pooled over years where events are few."""
        whole, exposure = self.events.sum(), max(self.quarters.sum(), 1.0)
        pooled = streams.gamma("hazard", np.array([whole + 0.5])[:, None]) / exposure
        expected = self.quarters * (whole + 0.5) / exposure
        own = streams.gamma("hazard by age", (assumed.pooled_events + self.events)[:, None])
        return np.minimum(pooled * own / (assumed.pooled_events + expected)[:, None], 0.5)


def terminated(origin: Origin, streams: Streams, _: Scenario) -> Floats:
    """What terminations take away through each quarter ahead, by measure and path; never positive.

    One that takes effect within a quarter is counted at its middle. Cover that has not begun
    is not terminated; who leaves gets back what was billed ahead.
    """
    s, day = origin.book.schedule, origin.day
    hazard = Hazard.of(origin)
    chance = hazard.drawn(streams)
    alive = s.end_of_cover(day) > day + 1
    age = np.floor((day + 1 - s.terms.start) / QUARTER).astype(np.int64)
    age = np.clip(age, -HORIZON, 4 * len(assumed.ages))
    sums = np.zeros((HORIZON, len(MEASURES) + 2, streams.paths))

    def values(rows: Ints) -> Ints:
        now = origin.scheduled[..., rows]
        plan = now[:FLOWS] - now[0, 0]  # flows from the origin on
        middle = (plan[0, 1:] + plan[0, :-1]) // 2
        following = np.concatenate([middle[1:], np.zeros_like(middle[:1])])
        return np.stack([*plan[:, 1:], *now[FLOWS:, 1:], middle, following], axis=1)

    for years in np.unique(age[alive]).tolist():
        stays, steps = np.ones(streams.paths), np.zeros((HORIZON, streams.paths))
        for h in range(HORIZON):
            if years + h >= 0:
                cell = min((years + h) // 4, len(assumed.ages) - 1)
                stays = stays * (1 - chance[cell] * (1 - hazard.warned * (h == 0)))
            steps[h] = 1 - stays
        rows = np.flatnonzero(alive & (age == years))
        sums += streams.tally(f"terminations {years}", steps, values(rows))
    earned = sums[:, 4] - np.concatenate([np.zeros_like(sums[:1, 5]), sums[:-1, 5]])
    lost = np.moveaxis(sums[:, : len(MEASURES)], 1, 0).copy()
    lost[:FLOWS] -= np.cumsum(earned, axis=0)
    return -lost


def _expiries(origin: Origin) -> dict[str, Any]:
    """Columns of the covers that came to their full term: band, weight, whether and how renewed.

    Those ended by the origin: contracts known to be renewed or not, and extended terms.
    """
    s, day = origin.book.schedule, origin.day
    band = origin.book.term_band
    end = last_days(origin.book, day) + 1
    child = np.full(len(end), -1, np.int64)
    rows = np.flatnonzero(origin.parent >= 0)[::-1]
    child[origin.parent[rows]] = rows
    has, child = child >= 0, np.maximum(child, 0)
    before = origin.money(np.rint(s.annualised(day, end - 1)).astype(np.int64))
    after = origin.money(np.rint(s.annualised(day, s.terms.start)).astype(np.int64))
    owner, moved, signed, months, yearly = origin.extensions
    fee = np.zeros(len(owner), np.int64)
    left = np.arange(len(owner))
    while len(left):  # one extension of each contract at a time
        _, first_of = np.unique(owner[left], return_index=True)
        at, on = left[first_of], np.zeros(len(end), np.int64)
        on[owner[at]] = moved[at] - 1
        fee[at] = origin.money(np.rint(s.annualised(day, on)).astype(np.int64))[owner[at]]
        left = np.delete(left, first_of)
    parts = {
        "band": (band, band[owner]),
        "acv": (before, fee),
        "end": (end, moved),
        "signed": (np.where(has, s.terms.signed[child], NEVER), signed),  # NEVER for none
        "seen": (np.where(has, origin.seen[child], NEVER), signed),
        "months": (s.term_months[child], months),  # of what followed
        "acv_after": (np.where(has, after[child], 0), yearly),
    }
    joined = {name: np.concatenate(pair) for name, pair in parts.items()}
    come = (joined["end"] <= day + 1) & (joined["end"] > 0) & (joined["acv"] > 0)
    return {name: column[come] for name, column in joined.items()}


@dataclass(frozen=True, slots=True)
class Renewing:
    """How covers are renewed: rates by band with their weight, lags, uplift and new terms."""

    good: Floats  # effective number of renewed expiries by band
    tried: Floats  # and of all of them, late ones in part
    counts: Ints  # expiries by band, as counted
    lags: Days  # days from the end to the signature, ascending
    seen: Days
    uplift: tuple[float, float]  # mean and standard deviation
    months: tuple[float, float]
    renewed: int

    @classmethod
    def of(cls, origin: Origin) -> Renewing:
        """Estimated, once, on what has come to its term by the origin, by annualised value."""
        return origin.once(cls, lambda: cls._estimated(origin))

    @classmethod
    def _estimated(cls, origin: Origin) -> Renewing:
        e, day = _expiries(origin), origin.day
        has = e["signed"] < NEVER
        old = has & (e["end"] <= day - QUARTER)
        lags = np.sort((e["signed"] - e["end"])[old if old.sum() >= 5 else has])
        seen = np.sort((e["seen"] - e["end"])[old if old.sum() >= 5 else has])
        developed = reached(seen, day - e["end"])
        weight = e["acv"].astype(np.float64)
        good, tried = np.zeros(BANDS), np.zeros(BANDS)
        for band in range(BANDS):
            w = weight[e["band"] == band]
            if len(w):
                per = w.sum() / (w * w).sum()  # so that equal weights count as one each
                good[band] = (w * has[e["band"] == band]).sum() * per
                tried[band] = max((w * developed[e["band"] == band]).sum() * per, good[band])
        w = weight[has]
        term, fee = origin.book.schedule.term_months, origin.scheduled[FLOWS, 0]
        usual = float((term * fee).sum()) / fee.sum() if fee.any() else 60.0
        return cls(
            good=good,
            tried=tried,
            counts=np.bincount(e["band"], minlength=BANDS),
            lags=lags,
            seen=seen,
            uplift=_spread(*_with_prior(w, e["acv_after"][has] / e["acv"][has] - 1, 0.0)),
            months=_spread(*_with_prior(w, e["months"][has], usual)),
            renewed=int(has.sum()),
        )

    @property
    def rate(self) -> float:
        """The pooled rate, by annualised value; 0.5 where nothing has come to its term."""
        return float((self.good.sum() + 0.5) / (self.tried.sum() + 1))

    def drawn(self, streams: Streams, scenario: Scenario) -> Floats:
        """The rate by band and path: a band's own, beside what all of them say."""
        good, tried = self.good.sum(), self.tried.sum()
        one, other = np.array([[good + 0.5]]), np.array([[tried - good + 0.5]])
        pooled = streams.beta("renewal", one, other)
        bad = self.tried - self.good
        a = assumed.renewal_prior * pooled + self.good[:, None]
        b = assumed.renewal_prior * (1 - pooled) + bad[:, None]
        return np.clip(streams.beta("renewal by band", a, b) + scenario.renewal, 0.0, 1.0)


def renewed(origin: Origin, streams: Streams, scenario: Scenario) -> Floats:
    """What renewals and extensions bring through each quarter ahead, by measure and path.

    Of each cover that ends ahead, or ended lately and is not yet renewed: renewed and signed
    by a day with the chance of its term band, given that it was not by the origin.
    """
    s, day = origin.book.schedule, origin.day
    out = np.zeros((len(MEASURES), HORIZON, streams.paths))
    end = s.end_of_cover(day)
    has = flagged(origin.parent[origin.parent >= 0], len(end))
    runs = (s.end_uncut(day) == end) & ~has
    step = np.floor((end - day - 2) / QUARTER).astype(np.int64)
    due = np.flatnonzero(runs & (step >= -assumed.late_quarters) & (step < HORIZON))
    how = Renewing.of(origin)
    rates = how.drawn(streams, scenario)
    leaves = Hazard.of(origin)
    lost = (leaves.events.sum() + 0.5) / max(leaves.quarters.sum(), 1.0)
    band = origin.book.term_band
    key = band[due] * 64 + step[due] + 8
    values = _after_the_end(origin, due, how, scenario)
    mean_rate = np.clip(how.rate + scenario.renewal, 0.0, 1.0)
    for group in np.unique(key).tolist():
        rows = np.flatnonzero(key == group)
        p = rates[group // 64]
        at = float((end[due[rows]] - day).sum()) / len(rows)
        known = float(reached(how.seen, np.array([-at]))[0])
        signed = reached(how.lags, np.asarray(origin.ends[1:] - day - at, np.float64))
        open_still = np.maximum(signed - known, 0.0)[:, None] * p / np.maximum(1 - known * p, 1e-9)
        stays = (1 - min(lost, 0.5)) ** max(group % 64 - 8, 0)
        out += np.moveaxis(
            streams.tally(f"renewals {group}", open_still * stays, values[:, :, rows]), 1, 0
        )
    n = 1 / max(how.renewed, 1) + 1 / max(len(due) * mean_rate, 1)
    wide = float(np.sqrt(n))
    out *= np.maximum(1 + how.uplift[1] * wide * streams.normal("uplift"), 0.1)
    term = 1 + rate(how.months[1], how.months[0]) * wide * streams.normal("renewed term")
    out[3] *= np.clip(term, 0.2, 3.0)
    return out


def _after_the_end(origin: Origin, due: Ints, how: Renewing, scenario: Scenario) -> Ints:
    """What each cover is worth renewed, by quarter's end, measure and contract."""
    s, day = origin.book.schedule, origin.day
    end = s.end_of_cover(day)[due]
    terms = s.terms
    last = s.annualised(day, s.end_of_cover(day) - 1)
    fee = origin.money(np.rint(last).astype(np.int64))[due]
    yearly = fee * (1 + how.uplift[0]) * scenario.price
    months = how.months[0]
    columns = []
    for t in (origin.ends[1:] - round(scenario.delay * QUARTER)).tolist():
        # after its new term it is renewed again at the same rate, or not
        elapsed = np.maximum(t + 1 - end, 0) / QUARTER * 3
        terms_done = np.floor(elapsed / months)
        again = how.rate**terms_done
        earned = yearly * elapsed / 12
        left = yearly * (months * (terms_done + 1) - elapsed) / 12 * again
        lead = np.where(terms.arrears[due], 0, terms.lead[due])
        at = np.maximum(t + lead, end - 1)
        period = np.minimum(terms.period_months[due], round(months))
        periods = whole_months(end, at + 1) // period + np.where(terms.arrears[due], 0, 1)
        billed = np.where(t + lead >= end, yearly * period / 12 * periods, 0)
        columns.append([earned, billed, np.where(end <= t, yearly * again, 0), left])
    return np.rint(np.array(columns).reshape(HORIZON, len(MEASURES), len(due))).astype(np.int64)


def reached(lags: Days, days: Floats | Ints) -> Floats:
    """The share of renewals signed within so many days of the end; one more at the end itself."""
    count = np.searchsorted(lags, days, side="right") + (np.asarray(days) >= 0)
    return np.asarray(count / (len(lags) + 1), np.float64)


def _with_prior(weight: Floats, values: Floats, usual: float) -> tuple[Floats, Floats]:
    """The values and a usual one, which counts for some events of mean weight beside them."""
    prior = assumed.renewal_prior * (float(weight.sum()) / len(weight) if len(weight) else 1.0)
    return np.append(weight, prior), np.append(values, usual)


def _spread(weight: Floats, values: Floats) -> tuple[float, float]:
    """Weighted mean and standard deviation."""
    total = float(weight.sum())
    mean = float((weight * values).sum()) / total
    return mean, float(np.sqrt((weight * (values - mean) ** 2).sum() / total))
