"""Rules on invoices and receipts: their dates, their currency, and what only deserves a look."""

from __future__ import annotations

import numpy as np

from fpp_analysis.arrays import added
from fpp_analysis.errors import escaped
from fpp_analysis.exact import minor_units
from fpp_analysis.fiscal import NEVER, Days, from_dates
from fpp_analysis.schema.currencies import minor_of
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.findings import ValidBook, dated
from fpp_analysis.schema.rows import cover, currency_of


def check_documents(valid: ValidBook) -> None:
    """All rules on what was invoiced and paid; references have been checked before."""
    for table, owner, day in (
        ("invoices", "contract_id", "issued_on"),
        ("receipts", "invoice_id", "received_on"),
    ):
        if table in valid.raw.tables:
            _check_currency(valid, table)
            _check_twice(valid, table, [owner, day, "amount"])
    _check_outside(valid)
    if "receipts" in valid.raw.tables:
        _check_overpaid(valid)


def _check_currency(valid: ValidBook, table: str) -> None:
    stated, own = valid.frames[table]["currency"], currency_of(valid, table)
    other = stated.notna() & own.notna() & (stated.to_numpy(object) != own.to_numpy(object))
    valid.tell("F504", table, other, "currency", stated=stated, own=own)


def _check_outside(valid: ValidBook) -> None:
    """An invoice, not a credit note, before the signature or after cover and settlement."""
    contracts, frame = valid.frames["contracts"], valid.frames["invoices"]
    owner = valid.owner("invoices", "contract_id")
    asked = (owner >= 0) & (frame["amount"] > 0) & frame["issued_on"].notna()
    if not asked.any():
        return
    issued = from_dates(frame["issued_on"])
    signed, last = from_dates(contracts["signed_on"])[owner], _settled(valid)[owner]
    early = asked & (issued < signed) & (signed < NEVER)
    late = asked & (issued > last) & ~early
    said = {"issued": dated(issued), "signed": dated(signed), "last": dated(last)}
    valid.tell("F927.early", "invoices", early, "issued_on", **said)
    valid.tell("F927.late", "invoices", late, "issued_on", **said)


def _settled(valid: ValidBook) -> Days:
    """The day of the last lawful invoice of each contract: the end of cover, or a settlement."""
    amendments, last = valid.frames["amendments"], cover(valid)[1].copy()
    cuts = amendments["kind"].isin(("termination", "removal")) & amendments["signed_on"].notna()
    owner = valid.owner("amendments", "contract_id")
    cut = np.flatnonzero(cuts.to_numpy(bool) & (owner >= 0))
    np.maximum.at(last, owner[cut], from_dates(amendments["signed_on"])[cut])
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
    rows = np.flatnonzero((owner >= 0) & frame["amount"].notna() & frame["received_on"].notna())
    of, minor = owner[rows], minor_of(currency_of(valid, "invoices"))
    received = minor_units(frame["amount"].iloc[rows], minor[of])
    paid = added(of, received, len(invoices))
    asked = minor_units(invoices["amount"], minor)
    over = np.abs(paid) * (np.sign(paid) == np.sign(asked)) > np.abs(asked)
    order = rows[np.lexsort((rows, from_dates(frame["received_on"])[rows], of))]
    last = order[np.diff(owner[order], append=-1) != 0]
    came, due = paid / minor, asked / minor
    valid.tell(
        "F925", "receipts", last[over[owner[last]]], "amount",
        invoice=lambda row: escaped(str(frame["invoice_id"].iloc[row])),
        paid=lambda row: came[owner[row]], asked=lambda row: due[owner[row]],
    )  # fmt: skip
