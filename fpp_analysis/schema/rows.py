"""Rules between the columns of a row, and between rows: order of dates, overlaps, sums, invoices.

They look at typed frames; a value that did not parse is empty here and has its own finding.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from fpp_analysis.arrays import Flags, added, among, positions
from fpp_analysis.errors import escaped
from fpp_analysis.exact import MOST_UNITS, minor_units
from fpp_analysis.fiscal import NEVER, Days
from fpp_analysis.listed import listed
from fpp_analysis.schema.fields import CUTS, LONGEST_TERM, TABLES, Field
from fpp_analysis.schema.findings import ValidBook, dated
from fpp_analysis.schema.parse import too_fine
from fpp_analysis.schema.terms import applied, ends_of_terms, minor

COUNTRIES = listed("schema", "countries.toml")
"""ISO 3166-1 alpha-2 `codes`, and what is `mistaken` for them."""

_CODES = COUNTRIES["codes"].split()
_SPAN = 1 << 22  # more than any day number


def check_rows(valid: ValidBook) -> None:
    """All rules within and between rows."""
    for table in valid.raw.tables:
        for f in TABLES[table].fields if len(valid.frames[table]) else ():
            if f.kind == "money":
                _check_amounts(valid, table, f.name)
            elif f.kind == "country":
                _check_country(valid, table)
            _check_order(valid, table, f)
    for table, check in (
        ("contracts", _check_contracts),
        ("contracts", _check_cut_off),
        ("fx_rates", _check_rates),
        ("reference_values", _check_references),
        ("contracts", _check_currencies),
        ("contract_units", _check_units),
    ):
        if len(valid.frames[table]):
            check(valid)


def _check_contracts(valid: ValidBook) -> None:
    """Terms as long as expected, and ways of billing that go together."""
    contracts, tell = valid.frames["contracts"], valid.tell
    months, expected = contracts["term_months"], valid.settings.expect.get("term_months")
    low, high = expected or (0, LONGEST_TERM)
    count = months.to_numpy(np.int64, na_value=low)
    odd = (count < low) | (count > high)
    tell("F902", "contracts", odd, "term_months", months=months, low=low, high=high)
    upfront = among(contracts["billing_frequency"], ["upfront"])
    arrears = among(contracts["billing_timing"], ["arrears"])
    tell("F909.upfront", "contracts", upfront & arrears, "billing_timing")
    lead = contracts["invoice_lead_days"].to_numpy(np.int64, na_value=0) > 0
    tell("F909.lead", "contracts", lead & arrears & ~upfront, "invoice_lead_days")


def _check_rates(valid: ValidBook) -> None:
    """The own currency is worth 1, and an average is of a whole month."""
    rates, home = valid.frames["fx_rates"], valid.settings.reporting_currency
    odd = among(rates["currency"], [home]) & (rates["rate"] != 1).to_numpy()
    valid.tell("F920", "fx_rates", odd, "rate", home=home)
    day = rates["date"]
    inside = rates["average_rate"].notna() & day.notna() & ~day.dt.is_month_end
    valid.tell("F308", "fx_rates", inside, "average_rate", day=day)


def _check_references(valid: ValidBook) -> None:
    """A figure has a day or a period, not both."""
    start, end, as_of = (valid.days("reference_values", name) for name in ("start", "end", "as_of"))
    flow = (start < end) & (end < NEVER)
    either = (start < NEVER) | (end < NEVER)
    neither = (as_of == NEVER) & ~flow
    valid.tell("F304", "reference_values", neither | (either & ~flow), "as_of")


def _check_order(valid: ValidBook, table: str, f: Field) -> None:
    """Dates of a row that must not lie before another one of it: the first that is there."""
    rule, frame = "F907" if f.name == "recorded_on" else "F301", valid.frames[table]
    told = np.zeros(len(frame), bool)
    for before in f.not_before:
        day, other = valid.days(table, f.name), valid.days(table, before)
        there = other < NEVER
        said = {"day": frame[f.name], "before": before, "other": frame[before]}
        valid.tell(rule, table, there & (day < other) & ~told, f.name, **said)
        told |= there


def _check_cut_off(valid: ValidBook) -> None:
    """Nothing is dated after the day on which the book says that its data end."""
    if (last := valid.settings.data_cut_off) is None:
        return
    cut_off = np.datetime64(last, "D")
    for table, column in product(("contracts", "amendments"), ("signed_on", "recorded_on")):
        days = valid.days(table, column)
        late = (days > cut_off.astype(np.int64)) & (days < NEVER)
        said = {"day": valid.frames[table][column], "cut_off": cut_off}
        valid.tell("F908", table, late, column, **said)


def cover(valid: ValidBook) -> tuple[Days, Days]:
    """Start and end of cover of each contract with every extension and termination."""
    found: tuple[Days, Days] = valid.once("cover", lambda: _cover(valid))
    return found


def _cover(valid: ValidBook) -> tuple[Days, Days]:
    amendments = valid.frames["amendments"]
    start, end = valid.days("contracts", "starts_on", empty=0), ends_of_terms(valid)
    end = np.where(end < NEVER, end, start)
    owner, kind = valid.owner("amendments", "contract_id"), amendments["kind"]
    steps = applied(amendments, owner, among(kind, ["extension"]), start, end)
    np.maximum.at(end, steps.contract, steps.end_after)
    cuts = (owner >= 0) & among(kind, CUTS)
    np.minimum.at(end, owner[cuts], valid.days("amendments", "effective_on")[cuts])
    return start, end


def _check_units(valid: ValidBook) -> None:
    """The days of each link against its contract's, and against those of the pair's others."""
    table, frames = "contract_units", valid.frames
    units, contracts = frames[table], frames["contracts"]
    begin = valid.days(table, "covered_from", empty=-NEVER)
    until = valid.days(table, "covered_until")
    wrong = until <= begin
    said = {"until": dated(until), "begin": dated(begin)}
    valid.tell("F302", table, wrong, "covered_until", **said)
    if not len(contracts):
        return
    owner = valid.owner(table, "contract_id")
    known = (valid.days("contracts", "starts_on") < NEVER) & (ends_of_terms(valid) < NEVER)
    linked = (owner >= 0) & units["serial_number"].notna().to_numpy() & ~wrong & known[owner]
    start, end = (days[owner] for days in cover(valid))
    signed = valid.days("contracts", "signed_on", empty=-NEVER)[owner]
    added = valid.days(table, "added_on")
    early = (owner >= 0) & (added < signed)
    valid.tell("F307", table, early, "added_on", added=dated(added), signed=dated(signed))
    first, last = np.where(begin == -NEVER, start, begin), np.where(until == NEVER, end, until)
    _check_overlaps(valid, first, last, linked & (first < last))
    empty = linked & (np.maximum(begin, start) >= np.minimum(until, end))
    own = (begin != -NEVER) | (until != NEVER)
    valid.tell("F911", table, empty & own, "covered_from", start=dated(start), end=dated(end))


def _check_overlaps(valid: ValidBook, first: Days, last: Days, where: Flags) -> None:
    """The pair of contract and machine may repeat only with days that do not overlap."""
    table = "contract_units"
    owner, machine = (valid.owner(table, name) for name in ("contract_id", "serial_number"))
    pair = owner * (machine.max(initial=0) + 1) + machine
    rows = np.flatnonzero(where & (machine >= 0))
    rows = rows[pd.Series(pair[rows]).duplicated(keep=False)]
    order = rows[np.lexsort((rows, first[rows], pair[rows]))]
    again = np.diff(pair[order], prepend=-1) == 0
    run = np.cumsum(~again) * _SPAN
    reach = np.maximum.accumulate(run + last[order])  # of the pair so far
    farthest = np.where(reach == run + last[order], np.arange(len(order)), 0)
    holder = order[np.maximum.accumulate(farthest)]  # the row that reaches so far
    clash = np.flatnonzero(again[1:] & ((run + first[order])[1:] < reach[:-1]))
    other = np.zeros(len(owner), np.int64)
    other[order[clash + 1]] = holder[clash]
    raw = valid.raw.tables[table]
    valid.tell(
        "F303", table, order[clash + 1], "serial_number", first=dated(first),
        begin=dated(first[other]), end=dated(last[other]),
        place=lambda row: raw.place(int(other[row])),
    )  # fmt: skip


def _check_amounts(valid: ValidBook, table: str, name: str) -> None:
    """Amounts as fine as their currency, and sums within integers."""
    raw, per = valid.raw.tables[table], minor(valid, table)
    amounts = valid.frames[table][name].to_numpy(np.float64)
    units = np.abs(amounts) * per
    if name in raw.columns:
        most = np.rint(np.log10(per)).astype(np.int64)
        fine = too_fine(raw.columns[name], units, most)
        code = currency_of(valid, table) if fine.any() else None
        valid.tell("F103", table, fine, name, most=most, code=code)
    if np.nansum(units) >= MOST_UNITS:
        said = {"sum": np.nansum(np.abs(amounts)), "most": MOST_UNITS}
        valid.tell("F110", table, np.array([np.nanargmax(units)]), name, **said)


def currency_of(valid: ValidBook, table: str) -> pd.Series:
    """The currency of each row's amounts: its contract's."""
    codes = np.append(valid.frames["contracts"]["currency"].to_numpy(object), np.nan)
    return pd.Series(codes[valid.contract(table)], dtype=object)


def _check_country(valid: ValidBook, table: str) -> None:
    country = valid.frames[table]["country"]
    wrong = country.notna().to_numpy() & ~among(country, _CODES)

    def code(row: int) -> str:
        value = str(country.iloc[row]).upper()
        likely = COUNTRIES["mistaken"].get(value, value.strip())
        return likely if likely in _CODES else "the two-letter code"

    valid.tell("F904", table, wrong, "country", code=code)


def _check_currencies(valid: ValidBook) -> None:
    """Warn of foreign contracts without a rate, or signed before the first one.

    An amount that needs a rate and has none is refused when it is translated.
    """
    contracts, rates = valid.frames["contracts"], valid.frames["fx_rates"]
    currency = contracts["currency"]
    foreign = currency.notna().to_numpy() & ~among(currency, [valid.settings.reporting_currency])
    if not foreign.any():
        return
    code, names = pd.factorize(rates["currency"])
    begins = np.full(len(names) + 1, NEVER)
    np.minimum.at(begins, code, valid.days("fx_rates", "date"))
    begins[-1] = NEVER  # of no currency, and of one without a rate
    first = begins[positions(currency, [*names])]
    late = valid.days("contracts", "signed_on") < first
    valid.tell("F918.none", "contracts", foreign & (first == NEVER), "currency")
    rows = foreign & late & (first < NEVER)
    valid.tell("F918.late", "contracts", rows, "currency", first=dated(first))


def check_documents(valid: ValidBook) -> None:
    """All rules on what was invoiced and paid; references have been checked before."""
    for table, owner, day, check in (
        ("invoices", "contract_id", "issued_on", _check_outside),
        ("receipts", "invoice_id", "received_on", _check_overpaid),
    ):
        if len(valid.frames[table]):
            nothing = valid.frames[table]["amount"].to_numpy() == 0
            valid.tell("F106.nothing", table, nothing, "amount")
            _check_currency(valid, table)
            _check_twice(valid, table, [owner, day, "amount"])
            check(valid)


def _check_currency(valid: ValidBook, table: str) -> None:
    stated, own = valid.frames[table]["currency"], currency_of(valid, table)
    other = stated.notna() & own.notna() & (stated.to_numpy(object) != own.to_numpy(object))
    valid.tell("F504", table, other, "currency", stated=stated, own=own)


def _check_outside(valid: ValidBook) -> None:
    """An invoice, not a credit note, before the signature or after cover and settlement."""
    frame = valid.frames["invoices"]
    owner = valid.owner("invoices", "contract_id")
    issued = valid.days("invoices", "issued_on")
    asked = (owner >= 0) & (frame["amount"].to_numpy() > 0) & (issued < NEVER)
    if not asked.any():
        return
    signed, last = valid.days("contracts", "signed_on")[owner], _settled(valid)[owner]
    early = asked & (issued < signed) & (signed < NEVER)
    late = asked & (issued > last) & ~early
    said = {"issued": dated(issued), "signed": dated(signed), "last": dated(last)}
    valid.tell("F927.early", "invoices", early, "issued_on", **said)
    valid.tell("F927.late", "invoices", late, "issued_on", **said)


def _settled(valid: ValidBook) -> Days:
    """The day of the last lawful invoice of each contract: the end of cover, or a settlement."""
    amendments, last = valid.frames["amendments"], cover(valid)[1].copy()
    signed = valid.days("amendments", "signed_on")
    owner = valid.owner("amendments", "contract_id")
    cut = among(amendments["kind"], CUTS) & (signed < NEVER) & (owner >= 0)
    np.maximum.at(last, owner[cut], signed[cut])
    return last


def _check_twice(valid: ValidBook, table: str, same: list[str]) -> None:
    frame = valid.frames[table]
    again = frame.duplicated(same) & frame[same].notna().all(axis=1)
    if not again.any():
        return
    first = frame.reset_index().groupby(same)["index"].transform("first")
    twin = frame[TABLES[table].key[-1]].fillna("")
    valid.tell(
        "F926", table, again, "amount", what=lambda row: escaped(frame[same[0]].iloc[row]),
        twin=lambda row: escaped(twin.iloc[int(first[row])]),
    )  # fmt: skip


def _check_overpaid(valid: ValidBook) -> None:
    """Receipts that come to more than their invoice: told at the last of them."""
    invoices, frame = valid.frames["invoices"], valid.frames["receipts"]
    owner = valid.owner("receipts", "invoice_id")
    received_on = valid.days("receipts", "received_on")
    rows = np.flatnonzero((owner >= 0) & frame["amount"].notna() & (received_on < NEVER))
    of, per = owner[rows], minor(valid, "invoices")
    received = minor_units(frame["amount"].iloc[rows], per[of])
    paid = added(of, received, len(invoices))
    asked = minor_units(invoices["amount"], per)
    over = np.abs(paid) * (np.sign(paid) == np.sign(asked)) > np.abs(asked)
    order = rows[np.lexsort((rows, received_on[rows], of))]
    last = order[np.diff(owner[order], append=-1) != 0]
    came, due = paid / per, asked / per
    valid.tell(
        "F925", "receipts", last[over[owner[last]]], "amount",
        invoice=lambda row: escaped(str(frame["invoice_id"].iloc[row])),
        paid=lambda row: came[owner[row]], asked=lambda row: due[owner[row]],
    )  # fmt: skip
