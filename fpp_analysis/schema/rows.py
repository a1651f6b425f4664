"""Rules between the columns of a row, and between rows: order of dates, overlaps, sums, sense.

They look at typed frames; a value that did not parse is empty here and has its own finding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Ints, positions
from fpp_analysis.exact import MOST_UNITS
from fpp_analysis.fiscal import NEVER, Days, days_after, extended, from_dates, iso
from fpp_analysis.listed import listed
from fpp_analysis.schema.currencies import minor_of
from fpp_analysis.schema.fields import LONGEST_TERM, TABLES
from fpp_analysis.schema.findings import Findings, dated
from fpp_analysis.schema.parse import too_fine
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.schema.settings import BookSettings
from fpp_analysis.schema.terms import term_end

COUNTRIES = listed("schema", "countries.toml")
"""ISO 3166-1 alpha-2 `codes`, and what is `mistaken` for them."""

Frames = Mapping[str, pd.DataFrame]
Tables = Mapping[str, RawTable]


def check_rows(frames: Frames, tables: Tables, settings: BookSettings, findings: Findings) -> None:
    """All rules within and between rows."""
    for name, raw in tables.items():
        _check_money(frames, raw, findings)
        _check_order(frames[name], raw, findings)
        if settings.data_cut_off and name in ("contracts", "amendments"):
            _check_cut_off(frames[name], raw, settings.data_cut_off, findings)
        if "country" in raw.columns:
            _check_country(frames[name], raw, findings)
    if "contracts" in tables:
        _check_contracts(frames["contracts"], tables["contracts"], settings, findings)
        _check_currencies(frames, tables["contracts"], settings, findings)
    if "contract_units" in tables:
        _check_units(frames, tables["contract_units"], findings)
    if "fx_rates" in tables:
        _check_rates(frames["fx_rates"], tables["fx_rates"], settings, findings)
    if "reference_values" in tables:
        _check_references(frames["reference_values"], tables["reference_values"], findings)


def _check_contracts(
    frame: pd.DataFrame, raw: RawTable, settings: BookSettings, findings: Findings
) -> None:
    months = frame["term_months"]
    low, high = settings.expect.get("term_months", (0, LONGEST_TERM))
    odd = (months < low) | (months > high)
    findings.tell("F902", raw, odd, "term_months", months=months, low=low, high=high)
    upfront = frame["billing_frequency"] == "upfront"
    arrears = frame["billing_timing"] == "arrears"
    findings.tell("F909.upfront", raw, upfront & arrears, "billing_timing")
    lead = (frame["invoice_lead_days"].fillna(0) > 0) & arrears & ~upfront
    findings.tell("F909.lead", raw, lead, "invoice_lead_days")


def _check_order(frame: pd.DataFrame, raw: RawTable, findings: Findings) -> None:
    """Dates of a row that must not lie before another one of it."""
    for f in TABLES[raw.name].fields:
        rule = "F907" if f.name == "recorded_on" else "F301"
        told = np.zeros(len(frame), bool)
        for before in f.not_before:  # only the first that is there
            wrong = (frame[f.name] < frame[before]).to_numpy(bool) & ~told
            said = {"day": frame[f.name], "before": before, "other": frame[before]}
            findings.tell(rule, raw, wrong, f.name, **said)
            told |= frame[before].notna().to_numpy(bool)


def cover(frames: Frames) -> tuple[Days, Days]:
    """Start and end of cover of each contract with every extension and termination."""
    contracts, amendments = frames["contracts"], frames["amendments"]
    start, end = from_dates(contracts["starts_on"], empty=0), term_end(contracts)
    end = np.where(end < NEVER, end, start)
    owner = positions(amendments["contract_id"], contracts["contract_id"])
    signed = from_dates(amendments["signed_on"])
    by_text = np.unique(amendments["amendment_id"].to_numpy(str), return_inverse=True)[1]
    order = np.lexsort((by_text, signed, owner))
    kind = amendments["kind"]
    order = order[((owner >= 0) & (kind == "extension").to_numpy(bool, na_value=False))[order]]
    added = np.maximum(amendments["term_change_months"].to_numpy(np.int64, na_value=0), 0)[order]
    until = np.where(added == 0, days_after(amendments["ends_on"])[order], NEVER)
    after = extended(start, end, owner[order], added, until)[2]
    np.maximum.at(end, owner[order], after)
    cuts = (owner >= 0) & kind.isin(("termination", "removal")).to_numpy(bool)
    np.minimum.at(end, owner[cuts], from_dates(amendments["effective_on"])[cuts])
    return start, end


def _check_units(frames: Frames, raw: RawTable, findings: Findings) -> None:
    units = frames["contract_units"]
    begin = from_dates(units["covered_from"], empty=-NEVER)
    until = from_dates(units["covered_until"])
    wrong = until <= begin
    findings.tell("F302", raw, wrong, "covered_until", until=dated(until), begin=dated(begin))
    owner = positions(units["contract_id"], frames["contracts"]["contract_id"])
    contracts = frames["contracts"]
    known = (from_dates(contracts["starts_on"]) < NEVER) & (term_end(contracts) < NEVER)
    linked = (owner >= 0) & units["serial_number"].notna().to_numpy() & ~wrong
    linked[linked] &= known[owner[linked]]
    starts, ends = cover(frames)
    signed = from_dates(contracts["signed_on"], empty=-NEVER)
    added = from_dates(units["added_on"])
    signed = signed[owner] if len(signed) else np.full(len(units), -NEVER)
    early = (owner >= 0) & (added < signed)
    findings.tell("F307", raw, early, "added_on", added=dated(added), signed=dated(signed))
    first = np.where(begin == -NEVER, starts[owner] if len(starts) else 0, begin)
    last = np.where(until == NEVER, ends[owner] if len(ends) else 0, until)
    some = np.flatnonzero(linked & (first < last))
    _check_overlaps(units, raw, some, owner, first, last, findings)
    if not len(starts):
        return
    empty = np.maximum(begin, starts[owner]) >= np.minimum(until, ends[owner])
    own = (begin != -NEVER) | (until != NEVER)
    said = {"start": dated(starts[owner]), "end": dated(ends[owner])}
    findings.tell("F911", raw, linked & empty & own, "covered_from", **said)


def _check_overlaps(
    units: pd.DataFrame,
    raw: RawTable,
    rows: Ints,
    owner: Ints,
    first: Days,
    last: Days,
    findings: Findings,
) -> None:
    """The pair of contract and machine may repeat only with days that do not overlap."""
    machine = pd.factorize(units["serial_number"])[0]
    pair = owner * (machine.max(initial=0) + 1) + machine
    order = rows[np.lexsort((rows, first[rows], pair[rows]))]
    p, begin, end = pair[order], first[order], last[order]
    repeats = np.flatnonzero(p[1:] == p[:-1]) + 1
    if not len(repeats):
        return
    reach = end.copy()
    clash: dict[int, int] = {}
    holder = np.arange(len(order))  # the row whose end reaches farthest so far
    for i in repeats.tolist():
        if begin[i] < reach[i - 1]:
            clash[int(order[i])] = int(order[holder[i - 1]])
        if reach[i - 1] > reach[i]:
            reach[i], holder[i] = reach[i - 1], holder[i - 1]
    findings.tell(
        "F303", raw, np.array(sorted(clash), np.int64), "serial_number", first=dated(first),
        begin=lambda row: iso(first[clash[row]]), end=lambda row: iso(last[clash[row]]),
        place=lambda row: raw.place(clash[row]),
    )  # fmt: skip


def _check_money(frames: Frames, raw: RawTable, findings: Findings) -> None:
    """Amounts as fine as their currency, none of 0 where one is booked, sums within integers."""
    frame = frames[raw.name]
    codes = currency_of(frames, raw.name)
    for name in (f.name for f in TABLES[raw.name].fields if f.kind == "money"):
        _check_amounts(frame[name], codes, raw, findings)
    if raw.name in ("invoices", "receipts"):
        findings.tell("F106.nothing", raw, frame["amount"] == 0, "amount")


def _check_amounts(amounts: pd.Series, codes: pd.Series, raw: RawTable, findings: Findings) -> None:
    name, per = str(amounts.name), minor_of(codes)
    if name in raw.columns:
        most = np.rint(np.log10(per)).astype(np.int64)
        fine = too_fine(raw.columns[name], most) & amounts.notna().to_numpy()
        findings.tell("F103", raw, fine, name, most=most, code=codes)
    units = np.abs(amounts.to_numpy(np.float64)) * per
    if np.nansum(units) >= MOST_UNITS:
        said = {"sum": amounts.abs().sum(), "most": MOST_UNITS}
        findings.tell("F110", raw, np.array([np.nanargmax(units)]), name, **said)


def currency_of(frames: Frames, table: str) -> pd.Series:
    """The currency of each row's amounts: its contract's."""
    if table == "contracts":
        return frames[table]["currency"]
    owner, name = (
        ("invoices", "invoice_id") if table == "receipts" else ("contracts", "contract_id")
    )
    if name not in frames[table]:
        return pd.Series(np.nan, frames[table].index, object)
    at = positions(frames[table][name], frames[owner][name])
    codes = np.append(currency_of(frames, owner).to_numpy(object), np.nan)
    return pd.Series(codes[at], dtype=object)


def _check_cut_off(
    frame: pd.DataFrame, raw: RawTable, cut_off: dt.date, findings: Findings
) -> None:
    for column in ("signed_on", "recorded_on"):
        if column in raw.columns:
            late = frame[column] > pd.Timestamp(cut_off)
            findings.tell("F908", raw, late, column, day=frame[column], cut_off=cut_off)


def _check_country(frame: pd.DataFrame, raw: RawTable, findings: Findings) -> None:
    country, codes = frame["country"], COUNTRIES["codes"].split()
    wrong = country.notna() & ~country.isin(codes)

    def code(row: int) -> str:
        value = raw.text(row, "country").upper()
        likely = COUNTRIES["mistaken"].get(value, value.strip())
        return likely if likely in codes else "the two-letter code"

    findings.tell("F904", raw, wrong, "country", code=code)


def _check_rates(
    frame: pd.DataFrame, raw: RawTable, settings: BookSettings, findings: Findings
) -> None:
    home = settings.reporting_currency
    own = (frame["currency"] == home) & (frame["rate"] != 1)
    findings.tell("F920", raw, own, "rate", home=home)
    inside = frame["average_rate"].notna() & frame["date"].notna() & ~frame["date"].dt.is_month_end
    findings.tell("F308", raw, inside, "average_rate", day=frame["date"])


def _check_currencies(
    frames: Frames, raw: RawTable, settings: BookSettings, findings: Findings
) -> None:
    """Warn of foreign contracts without a rate, or signed before the first one.

    An amount that needs a rate and has none is refused when it is translated.
    """
    if "currency" not in raw.columns:
        return
    contracts, rates = frames["contracts"], frames["fx_rates"]
    currency = contracts["currency"]
    foreign = currency.notna() & (currency != settings.reporting_currency)
    if not foreign.any():
        return
    first = rates.dropna(subset=["currency", "date"]).groupby("currency")["date"].min()
    without = foreign & ~currency.isin(list(first.index))
    findings.tell("F918.none", raw, without, "currency")
    begins = pd.to_datetime(currency.map(dict(first)))
    late = foreign & ~without & (contracts["signed_on"] < begins)
    findings.tell("F918.late", raw, late, "currency", first=begins)


def _check_references(frame: pd.DataFrame, raw: RawTable, findings: Findings) -> None:
    balance = frame["as_of"].notna()
    flow = frame["start"].notna() & frame["end"].notna() & (frame["start"] < frame["end"])
    either = frame["start"].notna() | frame["end"].notna()
    wrong = ~(balance | flow) | (either & ~flow)
    findings.tell("F304", raw, wrong, "as_of")
