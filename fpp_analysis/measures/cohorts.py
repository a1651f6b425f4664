"""Cohorts by age: machines taking up cover after commissioning, contracts staying in cover."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from fpp_analysis.arrays import Flags, Ints, flagged, rate
from fpp_analysis.book import Book
from fpp_analysis.errors import UsageError
from fpp_analysis.fiscal import NEVER, DateLike, Days, add_months, to_day, whole_months
from fpp_analysis.measures.coverage import Fleet, scope_flags
from fpp_analysis.measures.frames import summed
from fpp_analysis.measures.groups import grouped
from fpp_analysis.measures.renewals import acv, chain_heads, in_cover


def uptake(
    book: Book,
    *,
    as_of: DateLike,
    start: DateLike | None = None,
    scope: str | None = None,
    step_months: int = 3,
    by_cohort: bool = False,
) -> pd.DataFrame:
    """One row per age (and fiscal year of commissioning): machines observed and those covered.

    A machine is observed at age k where it was in operation on EDATE(commissioned_on, k) and
    that day is not after `as_of`; it is covered where a contract known on that day covers it
    then. uptake_rate = covered / observed. Younger machines drop out as k rises (right
    censoring), so later ages rest on fewer machines: `machines` says on how many.

    Parameters
    ----------
    book : Book
    as_of : date-like; nothing after its close counts
    start : only machines commissioned after the close of this day, e.g. since the programme's
        launch; None = all
    scope : name of a fleet scope in `book.toml`; None = the whole fleet
    step_months : from one age to the next, 1 to 60
    by_cohort : one curve per fiscal year of commissioning instead of one of all

    Returns
    -------
    DataFrame with `cohort` (e.g. FY2009; the text ``all`` for one curve), `months_after`,
    `machines` (observed), `covered`, `uptake_rate` (fraction). Ages without a machine are
    left out.

    >>> import fpp_analysis as fpp
    >>> u = fpp.uptake(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(u["machines"].is_monotonic_decreasing and (u["covered"] <= u["machines"]).all())
    True
    """
    if not 1 <= step_months <= 60:
        raise UsageError(f"uptake: step_months {step_months} is not from 1 to 60")
    day = to_day(as_of)
    m, held = book.machines, Fleet.of(book).covered
    since = -NEVER if start is None else to_day(start)
    seen = scope_flags(book, scope) & (m.commissioned <= day) & (m.commissioned > since)
    born = np.where(seen, m.commissioned, day)
    of = book.calendar.year(born) if by_cohort else np.zeros(len(seen), np.int64)
    cohorts = grouped({"cohort": pd.Series(of)}, seen)
    oldest = int(whole_months(born, day).max()) if seen.any() else -1
    ages = []
    for months in range(0, oldest + 1, step_months):
        on = add_months(born, months)
        observed = seen & (on <= day) & (m.retired > on)
        covered = observed & held.on(on, len(on))
        frame = summed(book, cohorts, {"machines": observed, "covered": covered})
        frame.insert(1, "months_after", months)
        ages.append(frame)
    none = pd.DataFrame(columns=["cohort", "months_after", "machines", "covered"])
    frame = pd.concat(ages or [none])
    frame = frame[frame["machines"] > 0].sort_values(["cohort", "months_after"], ignore_index=True)
    frame["cohort"] = frame["cohort"].map("FY{}".format if by_cohort else lambda _: "all")
    return frame.assign(uptake_rate=rate(frame["covered"], frame["machines"]))


def retention_cohorts(book: Book, *, as_of: DateLike) -> pd.DataFrame:
    """One row per signing vintage and full year in cover: contracts still in cover, renewed or not.

    A cohort are the contracts of a vintage that renew no other, from their first day in cover
    as known (the later of start and signature). k years later a contract is kept where it, or
    a contract that renews it directly or through others, is in cover as known on that day.
    retention_rate = kept / observed; acv_rate = annualised value then / annualised value on
    the first day, of the same contracts. Only contracts old enough at `as_of` are observed.

    Returns
    -------
    DataFrame with `vintage`, `age_years`, `contracts` (observed), `retained`,
    `retention_rate`, `acv_rate` (fractions; amounts at the as-of date's rates).

    >>> import fpp_analysis as fpp
    >>> r = fpp.retention_cohorts(fpp.load_book("sample"), as_of="2009-11-30")
    >>> bool(r.loc[r["age_years"] == 0, "retention_rate"].eq(1).all())
    True
    """
    day = to_day(as_of)
    terms = book.schedule.terms
    root = chain_heads(book, day)
    anchor = np.maximum(terms.start, terms.signed)[root]
    known = terms.signed <= day
    heads = (root == np.arange(len(root))) & known & (anchor <= day)
    heads &= in_cover(book, anchor)  # a contract cut before its first day never began
    years = book.calendar.year(terms.signed)
    first_fee = _acv_by_root(book, root, anchor, day, heads)
    oldest = int(whole_months(anchor[heads], day).max()) // 12 if heads.any() else -1
    rows = []
    for age in range(oldest + 1):
        on = add_months(np.where(anchor <= day, anchor, day), 12 * age)
        observed = heads & (on <= day)
        alive = flagged(root[in_cover(book, on)], len(root))
        fee = _acv_by_root(book, root, on, day, observed)
        for year in np.unique(years[observed]).tolist():
            cohort = observed & (years == year)
            kept = cohort & alive
            before, after = np.sort(first_fee[cohort]).sum(), np.sort(fee[cohort]).sum()
            rows.append(
                (f"FY{year}", age, int(cohort.sum()), int(kept.sum()), float(rate(after, before)))
            )
    rows.sort(key=lambda row: (row[0], row[1]))
    names = ["vintage", "age_years", "contracts", "retained", "acv_rate"]
    frame = pd.DataFrame(rows, columns=names)
    frame.insert(4, "retention_rate", rate(frame["retained"], frame["contracts"]))
    return frame


def _acv_by_root(
    book: Book, root: Ints, on: Days, at: int, observed: Flags
) -> npt.NDArray[np.float64]:
    """Annualised value on a day of each contract's own, added up at the head of its chain.

    Only of the chains whose head is observed: others may need rates that there are not yet.
    """
    inside = in_cover(book, on) & observed[root]
    fee = acv(book, known=on, day=on, at=at, of=inside)
    sums = np.bincount(root, weights=fee, minlength=len(root))
    return np.asarray(sums, np.float64)
