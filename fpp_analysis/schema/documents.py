"""Rules on invoices and receipts: their dates, their currency, and what only deserves a look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from fpp_analysis.arrays import added, positions
from fpp_analysis.errors import escaped
from fpp_analysis.exact import minor_units
from fpp_analysis.fiscal import NEVER, Days, from_dates
from fpp_analysis.schema.currencies import minor_of
from fpp_analysis.schema.fields import TABLES
from fpp_analysis.schema.findings import Findings, dated
from fpp_analysis.schema.raw import RawTable
from fpp_analysis.schema.rows import cover, currency_of

Frames = Mapping[str, pd.DataFrame]


def check_documents(frames: Frames, tables: Mapping[str, RawTable], findings: Findings) -> None:
    """All rules on what was invoiced and paid; references have been checked before."""
    for name in ("invoices", "receipts"):
        if name in tables:
            _check_currency(frames, tables[name], findings)
    if "invoices" in tables:
        _check_outside(frames, tables["invoices"], findings)
        same = ("contract_id", "issued_on", "amount")
        _check_twice(frames["invoices"], tables["invoices"], same, findings)
    if "receipts" in tables:
        same = ("invoice_id", "received_on", "amount")
        _check_twice(frames["receipts"], tables["receipts"], same, findings)
        _check_overpaid(frames, tables["receipts"], findings)


def _check_currency(frames: Frames, raw: RawTable, findings: Findings) -> None:
    stated, own = frames[raw.name]["currency"], currency_of(frames, raw.name)
    other = stated.notna() & own.notna() & (stated.to_numpy(object) != own.to_numpy(object))
    findings.tell("F504", raw, other, "currency", stated=stated, own=own)


def _check_outside(frames: Frames, raw: RawTable, findings: Findings) -> None:
    """An invoice, not a credit note, before the signature or after cover and settlement."""
    contracts, frame = frames["contracts"], frames["invoices"]
    owner = positions(frame["contract_id"], contracts["contract_id"])
    asked = (owner >= 0) & (frame["amount"] > 0) & frame["issued_on"].notna()
    if not asked.any():
        return
    issued = from_dates(frame["issued_on"])
    signed, last = from_dates(contracts["signed_on"])[owner], _settled(frames)[owner]
    early = asked & (issued < signed) & (signed < NEVER)
    late = asked & (issued > last) & ~early
    day = dated(issued)
    findings.tell("F927.early", raw, early, "issued_on", issued=day, signed=dated(signed))
    findings.tell("F927.late", raw, late, "issued_on", issued=day, last=dated(last))


def _settled(frames: Frames) -> Days:
    """The day of the last lawful invoice of each contract: the end of cover, or a settlement."""
    amendments = frames["amendments"]
    _, last = cover(frames)
    cuts = amendments["kind"].isin(("termination", "removal")) & amendments["signed_on"].notna()
    owner = positions(amendments["contract_id"], frames["contracts"]["contract_id"])
    cut = np.flatnonzero(cuts.to_numpy(bool) & (owner >= 0))
    np.maximum.at(last, owner[cut], from_dates(amendments["signed_on"])[cut])
    return last


def _check_twice(
    frame: pd.DataFrame, raw: RawTable, same: Sequence[str], findings: Findings
) -> None:
    again = frame.duplicated(list(same)) & frame[list(same)].notna().all(axis=1)
    rows = np.flatnonzero(again.to_numpy(bool))
    if not len(rows):
        return
    first = frame.reset_index().groupby(list(same))["index"].transform("first")
    findings.tell(
        "F926", raw, rows, "amount", what=lambda row: escaped(str(frame[same[0]].iloc[row])),
        twin=lambda row: escaped(raw.text(int(first[row]), TABLES[raw.name].key[-1])),
    )  # fmt: skip


def _check_overpaid(frames: Frames, raw: RawTable, findings: Findings) -> None:
    """Receipts that come to more than their invoice: told at the last of them."""
    invoices, frame = frames["invoices"], frames["receipts"]
    owner = positions(frame["invoice_id"], invoices["invoice_id"])
    rows = np.flatnonzero((owner >= 0) & frame["amount"].notna() & frame["received_on"].notna())
    of, minor = owner[rows], minor_of(currency_of(frames, "invoices"))
    received = minor_units(frame["amount"].iloc[rows], minor[of])
    paid = added(of, received, len(invoices))
    asked = minor_units(invoices["amount"], minor)
    over = np.abs(paid) * (np.sign(paid) == np.sign(asked)) > np.abs(asked)
    order = rows[np.lexsort((rows, from_dates(frame["received_on"])[rows], of))]
    last = order[np.append(np.diff(owner[order]) != 0, True)] if len(order) else order
    came, due = paid / minor, asked / minor
    findings.tell(
        "F925", raw, last[over[owner[last]]], "amount",
        invoice=lambda row: escaped(str(frame["invoice_id"].iloc[row])),
        paid=lambda row: came[owner[row]], asked=lambda row: due[owner[row]],
    )  # fmt: skip
