"""What a pack says about its own data: rows, findings, inputs, settings, restatements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pandas as pd

from fpp_analysis.book import TABLES, Book
from fpp_analysis.context import Context
from fpp_analysis.fiscal import to_date
from fpp_analysis.listed import listed
from fpp_analysis.metrics import METRICS
from fpp_analysis.metrics.tieout import REASONS, tie_out, tie_out_explained
from fpp_analysis.numbers import day_in_words, short_day, worded
from fpp_analysis.quality import warnings_of
from fpp_analysis.queries import find

_LISTS = listed("tables", "account.toml")
FILINGS: str = _LISTS["filings"]
COVERED: tuple[str, ...] = _LISTS["covered"]
RENEWALS: tuple[str, ...] = _LISTS["renewals"]
FILED: Mapping[str, str] = _LISTS["filed"]
RATIOS: Mapping[str, str] = _LISTS["ratios"]
TABLE_WORDS: Mapping[str, str] = _LISTS["table_words"]
_KINDS = {"ledger": 0, "budget": 1, "guidance": 2}


def restated(ctx: Context) -> pd.DataFrame:
    """One row per date: its backlog as known at that date, and as this pack shows it.

    The as-of date and the dates it is compared with, latest first; the lines in between are
    what rows recorded later brought. Columns as of `restatement`, after `as_of`.
    """
    dates, asked = [ctx.as_of, *ctx.earlier], find("restatement").once
    parts = [asked(ctx.book, as_of=d, start=d, end=max(ctx.known, d)) for d in dates]
    frame = pd.concat(parts, ignore_index=True)
    frame.insert(0, "as_of", [*map(pd.Timestamp, dates)])
    return frame


def tied(ctx: Context) -> pd.DataFrame:
    """One row per reference value of the as-of date: what it says and what is computed.

    `figure` and `against` in words, then `reference`, `computed`, `difference` and `relative`
    of `tie_out`, in the reference's own `unit`; ledger first, then budget and guidance. Values
    of a `column=value` are left to `tied_explained`.
    """
    found = tie_out(ctx.book, as_of=ctx.as_of)
    found = found[~found["scope"].str.contains("=", regex=False)]
    found = found.sort_values("kind", key=lambda kinds: kinds.map(_KINDS), kind="stable")
    shown = ["reference", "computed", "difference", "relative"]
    frame = found.assign(figure=_figures(found), against=found["kind"]).reset_index(drop=True)
    frame.attrs["kinds"] = dict.fromkeys(shown[:3], "number")
    return frame[["figure", "against", *shown, "unit"]]


def tied_explained(ctx: Context) -> pd.DataFrame:
    """One row per ledger value of the as-of date: why it differs, in words of `tie_out_explained`.

    `figure`, then `difference`, the reasons that say anything and `unexplained`, in the
    reference's own `unit`.
    """
    found = tie_out_explained(ctx.book, as_of=ctx.as_of)
    said = [name for name in REASONS if found[name].any()]
    shown = ["difference", *said, "unexplained"]
    frame = found.assign(figure=_figures(found))
    frame.attrs["kinds"] = dict.fromkeys(shown, "number")
    return frame[["figure", *shown, "unit"]]


def _figures(found: pd.DataFrame) -> list[str]:
    """What each reference value is of: metric, scope and period in words."""
    return [
        (METRICS[metric].title if metric in METRICS else worded(metric))
        + (f", {scope.split('=', 1)[-1]}" if scope else "")
        + ("" if pd.isna(start) else f", since {short_day(start)}")
        for metric, scope, start in zip(
            found["metric"], found["scope"], found["start"], strict=True
        )
    ]


def quality(book: Book) -> pd.DataFrame:
    """One row per table of the book that has any: rows accepted, findings that deserve a look."""
    findings = Counter(fault.source.rsplit(".", 1)[0] for fault in warnings_of(book))
    rows = [
        (TABLE_WORDS.get(name, worded(name)), len(getattr(book, name)), findings[name])
        for name in TABLES
        if len(getattr(book, name))
    ]
    frame = pd.DataFrame(rows, columns=["table", "accepted_rows", "warnings"])
    frame.attrs["kinds"] = {"accepted_rows": "count", "warnings": "count"}
    return frame


def warnings(ctx: Context) -> pd.DataFrame:
    """One row per rule that warned: how often, and its first finding."""
    # of the row by its name: its line would move with rows of later days
    found = [(f.rule, f"{f.subject or f.place}: {f.message}") for f in warnings_of(ctx.book)]
    said = pd.DataFrame(found, columns=["rule", "said"]).groupby("rule", sort=False)["said"]
    frame = said.agg(findings="size", first_finding="first").reset_index()
    frame.attrs["kinds"] = {"findings": "count"}
    return frame


def inputs(book: Book) -> pd.DataFrame:
    """One row per input as it was read: its name and the SHA-256 of its bytes."""
    return pd.DataFrame({"input": list(book.hashes), "sha256": list(book.hashes.values())})


def settings(ctx: Context) -> pd.DataFrame:
    """One row per setting that decides what a figure means: its name and value in words."""
    s, known, cut_off = ctx.settings, ctx.book.known, ctx.settings.data_cut_off
    scopes = [f"{name} ({_rule(rule)})" for name, rule in s.scopes.items()]
    values = {
        "Book": s.name,
        "Programme": s.programme_name,
        "Reporting currency": s.reporting_currency,
        "Fiscal year ends in": f"{to_date(ctx.book.calendar.parse('FY2010').end):%B}",
        "Data cut-off": day_in_words(cut_off.isoformat()) if cut_off else "not given",
        "Reporting date": day_in_words(ctx.as_of),
        "Compared with": "; ".join(map(day_in_words, ctx.earlier)),
        "Rows known": f"recorded by {day_in_words(known)}" if known else "all",
        "Part": ctx.part or "the whole book",
        "Fleet scopes": "; ".join(scopes) or "none",
        "Data": "synthetic" if s.synthetic else "as supplied",
    }
    return pd.DataFrame({"setting": list(values), "value": list(values.values())})


def _rule(rule: Mapping[str, tuple[str, ...]]) -> str:
    return "; ".join(f"{column}: {', '.join(map(str, values))}" for column, values in rule.items())
