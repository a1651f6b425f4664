"""Random lawful books with every feature of the handbook, small and full of edges.

`write_book(folder, seed)` writes a CSV book. Dates crowd around month ends and leap days, so
that clipped dates, same-day signatures and cuts at a boundary are common; amounts are often
tiny, so that rounding is; optional columns come and go. `questions(seed, ...)` asks about
dates on, before and after the events of the book. What is invoiced and paid is in
`random_invoices`.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

from tests.random_invoices import INVOICE_COLUMNS, RECEIPT_COLUMNS, documents
from tests.reference import DAY, Contract, Segment, decimal, edate, month_end

FIRST, LAST = date(2006, 11, 1), date(2012, 12, 31)
CUT_OFF = date(2014, 12, 31)
FREQUENCIES = ("monthly", "quarterly", "semiannual", "annual", "upfront", "upfront")
MODELS = ("C30", "C65", "C200", "C600", "C800", "C1000")
KW = {"C30": "30", "C65": "65", "C200": "200", "C600": "600", "C800": "800", "C1000": "1000"}
ODD_IDS = ("007", "NA", "1E5", "null", "TRUE", "0", "1.0", "Ä-1", "a b", "#N/A")
REASONS = ("", "price review, agreed", 'the "new" site', "site closed")
CURRENCIES = ("EUR", "USD", "GBP", "CAD", "JPY", "KWD")

# how often a feature occurs, of one
CHANCE = {
    "in days": 0.35,
    "annual fee": 0.3,
    "removal": 0.4,
    "renewal": 0.45,
    "added late": 0.35,
    "kW unknown": 0.1,
    "recorded late": 0.3,
    "other digits": 0.25,
    "average rate": 0.5,
    "invoices": 0.7,
    "level": 0.3,
    "crowded": 0.2,
}

CONTRACT_COLUMNS = [
    "contract_id",
    "customer",
    "distributor",
    "region",
    "country",
    "vertical",
    "tier",
    "signed_on",
    "starts_on",
    "term_months",
    "ends_on",
    "contract_value",
    "annual_fee",
    "currency",
    "escalator_rate",
    "billing_frequency",
    "billing_timing",
    "invoice_lead_days",
    "payment_days",
    "notice_days",
    "renews_contract_id",
    "recorded_on",
]
AMENDMENT_COLUMNS = [
    "amendment_id",
    "contract_id",
    "kind",
    "signed_on",
    "effective_on",
    "value_change",
    "term_change_months",
    "ends_on",
    "reason",
    "recorded_on",
]
FLEET_COLUMNS = [
    "serial_number",
    "model",
    "series",
    "rated_kw",
    "modules",
    "shipped_on",
    "commissioned_on",
    "retired_on",
    "customer",
    "region",
    "country",
    "application",
    "recorded_on",
]
LINK_COLUMNS = [
    "contract_id",
    "serial_number",
    "covered_from",
    "covered_until",
    "added_on",
    "recorded_on",
]
# a column that is not there at all is not stated, which has rules of its own
OPTIONAL = {
    *("distributor", "country", "vertical", "tier", "ends_on", "annual_fee", "currency"),
    *("escalator_rate", "invoice_lead_days", "recorded_on", "reason", "series", "modules"),
    *("customer", "application", "added_on", "covered_from", "covered_until", "average_rate"),
    *("term_change_months", "due_on"),
}
ALWAYS = {"contracts": {"customer"}}

Rows = list[dict[str, str]]


def chance(rng: Random, feature: str) -> bool:
    return rng.random() < CHANCE[feature]


def write_book(folder: Path, seed: int, *, contracts: int | None = None) -> Path:
    """A lawful random book in `folder`, the same for the same seed."""
    rng = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    reporting = rng.choice(["USD", "USD", "EUR"])
    if rng.random() < 0.4 * CHANCE["other digits"]:
        reporting = rng.choice(["JPY", "KWD"])
    # some books are of many contracts of few models, so that series have prices
    crowded = contracts is None and chance(rng, "crowded")
    n = contracts if contracts is not None else rng.choice([0, 1, 3, 6, 9, 14])
    n = 26 if crowded else n
    level = chance(rng, "level")
    built: list[Contract] = []
    renewed: set[str] = set()
    for number in range(n):
        older = [c for c in built if c.id not in renewed or rng.random() < 0.05]
        renews = rng.choice(older) if older and chance(rng, "renewal") else None
        if renews:
            renewed.add(renews.id)  # a site that is split is renewed twice, now and then
        row = _contract(rng, number, reporting, renews)
        if crowded and not renews:
            row = _long(rng, row, reporting)
        built.append(_amended(rng, row, 10 * number, reporting, level=level))
    rows = [c.row for c in built]
    amendments = [a for c in built for a in c.amendments]
    models = rng.sample(MODELS, 2) if crowded else MODELS
    machines = 36 if crowded else rng.choice([0, 2, 8, 20])
    fleet = [_machine(rng, number, models) for number in range(machines)]
    if crowded:
        for machine in fleet[2:]:
            machine |= {"series": "", "rated_kw": KW[machine["model"]], "recorded_on": ""}
    _write(rng, folder, "contracts", rows, CONTRACT_COLUMNS)
    if amendments or rng.random() < 0.5:
        _write(rng, folder, "amendments", amendments, AMENDMENT_COLUMNS)
    _write(rng, folder, "fleet", fleet, FLEET_COLUMNS)
    _write(rng, folder, "contract_units", _links(rng, built, fleet, crowded=crowded), LINK_COLUMNS)
    rates = ["date", "currency", "rate", "average_rate"]
    _write(rng, folder, "fx_rates", _rates(rng, reporting), rates)
    if chance(rng, "invoices"):
        invoices, receipts = documents(rng, built, CUT_OFF)
        _write(rng, folder, "invoices", invoices, INVOICE_COLUMNS)
        _write(rng, folder, "receipts", receipts, RECEIPT_COLUMNS)
    settings = "" if rows else "fleet_only = true\n"
    settings += _settings(rng, reporting, level=level)
    (folder / "book.toml").write_text(settings, encoding="utf-8")
    return folder


def questions(seed: int, folder: Path) -> dict[str, object]:
    """Dates, ranges, a clock and groupings to ask a random book about."""
    rng = Random(seed + 1_000_003)
    events: list[date] = []
    for name in ("contracts", "amendments", "fleet", "contract_units", "invoices", "receipts"):
        path = folder / f"{name}.csv"
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    found = [v for k, v in row.items() if k.endswith(("_on", "_from")) and v]
                    events += map(date.fromisoformat, found)

    def some_day() -> date:
        if events and rng.random() < 0.5:
            return rng.choice(events) + timedelta(days=rng.choice([-1, 0, 0, 1, 20, 75]))
        return _day(rng, date(2007, 1, 1), rng.choice([CUT_OFF, date(2011, 12, 31)]))

    start, end = sorted([some_day(), some_day()])
    return {
        "as_of": sorted({some_day() for _ in range(rng.choice([1, 3]))}),
        "start": start,
        "end": end + timedelta(days=rng.choice([1, 40, 400])),
        "known_at": rng.choice([None, some_day(), start]),
        "as_known": rng.choice([None, some_day(), some_day()]),
        "every": rng.choice(["month", "quarter", "year", "none"]),
        "by": rng.choice(
            [
                (),
                ("region",),
                ("tier",),
                ("currency",),
                ("series",),
                ("vintage", "term_band"),
                ("region", "billing_frequency"),
                ("kw",),
                ("counterparty",),
                ("term_band",),
                ("billing_timing",),
                ("payment_days",),
                ("escalator_rate", "invoice_lead_days"),
                ("country",),
                ("contract_id",),
                ("distributor", "series"),
                ("counterparty", "kw"),
            ]
        ),
        "machine_by": rng.choice(
            [(), ("series",), ("region",), ("country", "application"), ("model",), ("modules",)]
        ),
        "scope": rng.choice([None, "C200 and C1000 Series", "Europe"]),
    }


def _day(rng: Random, first: date = FIRST, last: date = LAST) -> date:
    found = first + timedelta(days=rng.randrange((last - first).days))
    if rng.random() < 0.4:
        return month_end(found)
    if rng.random() < 0.1:
        return date(2008, 2, 29)
    if rng.random() < 0.15:
        return found.replace(day=rng.choice([1, 30 if found.month != 2 else 28]))
    return found


def _later(rng: Random, day: date, *spans: int) -> str:
    return (day + timedelta(days=rng.choice([0, *(rng.randint(0, s) for s in spans)]))).isoformat()


def _money(rng: Random, currency: str) -> str:
    amount = rng.choice([rng.randint(1, 999), rng.randint(1_000, 10**6), rng.randint(10**6, 10**9)])
    text = decimal(amount, currency)
    return text.rstrip("0").rstrip(".") if "." in text and rng.random() < 0.3 else text


def _contract(rng: Random, number: int, reporting: str, renews: Contract | None) -> dict[str, str]:
    start = _day(rng)
    signed = start + timedelta(days=rng.choice([0, rng.randint(-300, -1), rng.randint(-60, 150)]))
    if renews and rng.random() < 0.8:  # where the old cover ends, with gaps and overlaps
        start = _end(renews) + timedelta(
            days=rng.choice([0, 0, 0, -40, 25, rng.randint(-200, 200)])
        )
        signed = start + timedelta(days=rng.choice([0, -30, rng.randint(-300, 60)]))
    name = rng.choice(ODD_IDS) + f"-{number}" if rng.random() < 0.2 else f"K-{number:04d}"
    currency = rng.choice(["", "", reporting, "GBP", "CAD", "EUR", "USD"])
    if chance(rng, "other digits"):
        currency = rng.choice(["JPY", "KWD"])
    row = {
        "contract_id": name,
        "customer": rng.choice(["Alpha", "Beta", "Gamma", "Delta", "Ypsilon & Co, Inc."]),
        "distributor": rng.choice(["", "D1", "D2", "Alpha"]),
        "region": rng.choice(["Europe", "North America", "Asia", "NA"]),
        "country": rng.choice(["", "DE", "US", "NA"]),
        "vertical": rng.choice(["", "CHP", "renewable"]),
        "tier": rng.choice(["", "gold", "basic"]),
        "signed_on": signed.isoformat(),
        "starts_on": start.isoformat(),
        "currency": currency,
        "escalator_rate": rng.choice(["", "", "0", "0.03", "0.0275", "0.2", "0.0001"]),
        "billing_frequency": rng.choice(["", *FREQUENCIES]),
        "billing_timing": rng.choice(["", "advance", "arrears", "arrears"]),
        "invoice_lead_days": rng.choice(["", "0", "30", str(rng.randint(0, 120))]),
        "payment_days": rng.choice(["", "0", "45", str(rng.randint(0, 365))]),
        "notice_days": rng.choice(["", "", "0", "90", str(rng.randint(0, 900))]),
        "renews_contract_id": renews.id if renews else "",
        "recorded_on": _later(rng, signed, 400) if chance(rng, "recorded late") else "",
    }
    row |= _term(rng, start)
    return row | _price(rng, row, reporting)


def _long(rng: Random, row: dict[str, str], reporting: str) -> dict[str, str]:
    """The contract from 2008 or 2009 on, for years."""
    start = _day(rng, date(2008, 1, 1), date(2009, 12, 31))
    signed = start - timedelta(days=rng.choice([0, 20, 200]))
    row |= {"starts_on": start.isoformat(), "signed_on": signed.isoformat()}
    row |= {"recorded_on": "", "term_months": str(rng.choice([36, 48, 60, 120])), "ends_on": ""}
    return row | _price(rng, row, reporting)


def _term(rng: Random, start: date) -> dict[str, str]:
    """Months, a last day of cover, or both."""
    months = rng.choice([1, 2, 5, 12, 13, 24, 25, 36, 60, rng.randint(1, 60), rng.randint(1, 30)])
    months = rng.choice([72, 108, 109, 120, 180, 360]) if rng.random() < 0.08 else months
    last = edate(start, months) - DAY
    if not chance(rng, "in days"):
        return {"term_months": str(months), "ends_on": ""}
    if rng.random() < 0.25:  # a whole number of months, written as a day
        return {"term_months": rng.choice(["", str(months)]), "ends_on": last.isoformat()}
    near = last + timedelta(days=rng.choice([-1, -2, rng.randint(-31, -1)]))
    last = max(start, rng.choice([near, near, start + timedelta(days=rng.randint(0, 700))]))
    return {"term_months": "", "ends_on": last.isoformat()}


def _price(rng: Random, row: dict[str, str], reporting: str) -> dict[str, str]:
    """The value of the whole term, the fee of the first year, or both."""
    currency = row["currency"] or reporting
    if not chance(rng, "annual fee"):
        value = "0" if rng.random() < 0.04 else _money(rng, currency)
        return {"contract_value": value, "annual_fee": ""}
    while True:
        fee = {"contract_value": "", "annual_fee": _money(rng, currency)}
        value = Contract(row | fee, reporting).value
        if value and rng.random() < 0.2:
            fee["contract_value"] = decimal(value, currency)
        if value:
            return fee


def _end(contract: Contract) -> date:
    """End of cover, cut or not."""
    return max(s.end for s in contract.segments)


def _amended(
    rng: Random, row: dict[str, str], before: int, reporting: str, *, level: bool
) -> Contract:
    """The contract with random amendments, each lawful after those before it."""
    made: Rows = []
    contract = Contract(row, reporting, level=level).build()
    signed = contract.signed
    count = rng.choice([0, 0, 1, 2, 3, 5])
    for k in range(count):
        signed += timedelta(days=rng.choice([0, 0, 30, rng.randint(0, 300), rng.randint(0, 700)]))
        entry = dict.fromkeys(AMENDMENT_COLUMNS, "")
        entry |= {
            "amendment_id": _amendment_id(rng, made, signed, before + k),
            "contract_id": row["contract_id"],
            "signed_on": signed.isoformat(),
            "reason": rng.choice(REASONS),
        }
        if chance(rng, "recorded late"):
            later = rng.choice([rng.randint(0, 500), rng.randint(-20, 20)])
            entry["recorded_on"] = (signed + timedelta(days=later)).isoformat()
        kind = rng.choice(["repricing", "repricing", "extension", "extension", "termination"])
        if kind == "repricing":
            change = _repricing(rng, contract, made, entry, reporting)
            if change is None:
                continue
            entry |= change
        elif kind == "extension":
            entry |= _extension(rng, contract)
        else:
            entry |= _termination(rng, contract, made)
        made.append(entry)
        if kind == "termination":
            if rng.random() < 0.3:
                made.append(_same_day_extension(rng, contract, signed, before + count))
            break
        contract = Contract(row, reporting, made, level=level).build()
    return Contract(row, reporting, made, level=level).build()


def _amendment_id(rng: Random, made: Rows, signed: date, number: int) -> str:
    """A unique name; on one day, names compared as text keep the order of application."""
    same_day = [a["amendment_id"] for a in made if a["signed_on"] == signed.isoformat()]
    names = [f"{letter}{number}" for letter in "0ABCDEFGHIJK"]
    return rng.choice([name for name in names if name > max(same_day, default="")])


def _extension(rng: Random, contract: Contract) -> dict[str, str]:
    """By months, or by a new last day that may be a whole number of months from the first."""
    end = _end(contract)
    added = rng.choice([1, 2, 3, 6, 7, 12, rng.randint(1, 30)])
    entry = {
        "kind": "extension",
        "value_change": rng.choice(["0", *(_money(rng, contract.currency) for _ in range(2))]),
        "term_change_months": str(added),
    }
    if not chance(rng, "in days"):
        return entry
    whole = edate(contract.start, int(contract.months) + added) - DAY
    last = rng.choice([whole, whole, end + timedelta(days=rng.randint(0, 600))])
    return entry | {"term_change_months": "", "ends_on": max(last, end).isoformat()}


def _same_day_extension(
    rng: Random, contract: Contract, signed: date, number: int
) -> dict[str, str]:
    """An extension signed with a termination, after it in order: it is cut to nothing."""
    entry = dict.fromkeys(AMENDMENT_COLUMNS, "")
    return entry | {
        "amendment_id": f"Z{number}",
        "contract_id": contract.id,
        "kind": "extension",
        "signed_on": signed.isoformat(),
        "term_change_months": str(rng.choice([1, 12])),
        "value_change": _money(rng, contract.currency),
    }


def _repricing(
    rng: Random, contract: Contract, made: Rows, entry: dict[str, str], reporting: str
) -> dict[str, str] | None:
    """A repricing that leaves no day's fee below zero; None where none was found."""
    start, end = contract.start, _end(contract)
    for _ in range(6):
        effective = start + timedelta(days=rng.randint(-80, max((end - start).days - 1, 0)))
        if rng.random() < 0.2:
            effective = rng.choice([start, end - DAY])
        sign = rng.choice(["", "-", "-"])
        change = {
            "kind": "repricing",
            "effective_on": effective.isoformat(),
            "value_change": sign + _money(rng, contract.currency),
        }
        rows = [*made, entry | change]
        built = Contract(contract.row, reporting, rows, level=contract.level).build()
        if all(fee >= 0 for fee in fees(built.segments)):
            return change
    return None


def fees(segments: list[Segment]) -> list[Fraction]:
    """The daily fee from each day on which it changes."""
    edges = sorted({s.start for s in segments})
    return [sum(s.daily() for s in segments if s.start <= d < s.end) for d in edges]


def _termination(rng: Random, contract: Contract, made: Rows) -> dict[str, str]:
    start, end = contract.start, _end(contract)
    effective = [date.fromisoformat(a["effective_on"]) for a in made if a["effective_on"]]
    first = max([start, *[e + DAY for e in effective]])
    stop = first + timedelta(days=rng.randint(0, (end - first).days))
    edge = edate(start, rng.choice([1, 3, 6, 12, 15])) + timedelta(days=rng.choice([-1, 0, 1]))
    stop = rng.choice([stop, stop, first, end, min(max(edge, first), end)])
    kind = "removal" if chance(rng, "removal") else "termination"
    return {"kind": kind, "effective_on": stop.isoformat()}


def _machine(rng: Random, number: int, models: Sequence[str]) -> dict[str, str]:
    model = rng.choice(models)
    shipped = _day(rng, last=rng.choice([LAST, date(2009, 12, 31)]))
    commissioned = shipped + timedelta(days=rng.choice([0, rng.randint(0, 300)]))
    retired = commissioned + timedelta(days=rng.choice([0, 1, rng.randint(0, 1500)]))
    size = rng.choice([KW[model], KW[model], f"{rng.randint(1, 99999) / 100:g}"])
    return {
        "serial_number": f"{number:06d}",
        "model": model,
        "series": rng.choice(["", "", "", "Special"]),
        "rated_kw": "" if chance(rng, "kW unknown") else size,
        "modules": rng.choice(["", "", str(rng.randint(1, 9))]),
        "shipped_on": shipped.isoformat() if rng.random() < 0.8 else "",
        "commissioned_on": commissioned.isoformat() if rng.random() < 0.8 else "",
        "retired_on": retired.isoformat() if rng.random() < 0.3 else "",
        "customer": rng.choice(["", "Alpha"]),
        "region": rng.choice(["Europe", "North America", "Asia"]),
        "country": rng.choice(["", "DE", "US"]),
        "application": rng.choice(["", "CHP", "oil and gas"]),
        "recorded_on": _later(rng, shipped, 100, 900) if chance(rng, "recorded late") else "",
    }


def _links(rng: Random, contracts: list[Contract], fleet: Rows, *, crowded: bool) -> Rows:
    """Links of contracts and machines, some with own dates inside the cover, some added late."""
    links: Rows = []
    few = [1, 1, 1, 2] if crowded else [0, 1, 1, 3]
    for contract in contracts:
        for machine in rng.sample(fleet, min(len(fleet), rng.choice(few))):
            link = dict.fromkeys(LINK_COLUMNS, "")
            link |= {"contract_id": contract.id, "serial_number": machine["serial_number"]}
            if crowded and rng.random() < 0.8:
                links.append(link)
                continue
            for each in _with_dates(rng, contract, link):
                if chance(rng, "added late"):
                    each["added_on"] = _later(rng, contract.signed, 60, 600)
                if chance(rng, "added late"):
                    each["recorded_on"] = _later(rng, contract.signed, 200, 900)
                links.append(each)
    return links


def _with_dates(rng: Random, contract: Contract, link: dict[str, str]) -> Rows:
    """The link with dates of its own, if any; of some the machine comes back later."""
    start, days = contract.start, (contract.end - contract.start).days
    where = rng.random()
    a, b = sorted(rng.sample(range(days + 1), 2))
    first, last = ((start + timedelta(days=n)).isoformat() for n in (a, b))
    if where < 0.2:
        return [link | {"covered_from": first}]
    if where < 0.4:
        return [link | {"covered_until": last}]
    if where >= 0.6:
        return [link]
    found = [link | {"covered_from": first, "covered_until": last}]
    if where < 0.5 and b < days:
        again = start + timedelta(days=rng.randint(b, days - 1))
        found.append(link | {"covered_from": again.isoformat()})
    return found


def _rates(rng: Random, reporting: str) -> Rows:
    rates: Rows = []
    for currency in CURRENCIES:
        if currency == reporting:
            continue
        # now and then a currency is younger than the contracts in it
        when = date(2006, 1, 1) if rng.random() < 0.95 else date(2009, 5, 1)
        level = rng.uniform(0.5, 2)
        while when < CUT_OFF:
            level *= rng.uniform(0.95, 1.05)
            digits = rng.choice([2, 4, 6])
            entry = {"date": when.isoformat(), "currency": currency}
            entry |= {"rate": f"{level:.{digits}f}", "average_rate": ""}
            if when == month_end(when) and chance(rng, "average rate"):
                entry["average_rate"] = f"{level * rng.uniform(0.97, 1.03):.4f}"
            rates.append(entry)
            when += timedelta(days=rng.choice([1, 30, 31, 90]))
            when = rng.choice([when, month_end(when)])
    return rates


def _settings(rng: Random, reporting: str, *, level: bool) -> str:
    policy = '\n[policies]\nescalation = "level"\n' if level else ""
    return f"""name = "Random book"
reporting_currency = "{reporting}"
fiscal_year_end_month = {rng.choice([3, 3, 12, 6, 1])}
data_cut_off = {CUT_OFF}
synthetic = true
{policy}
[scopes]
"C200 and C1000 Series" = {{ series = ["C200", "C1000 Series"] }}
"Europe" = {{ region = ["Europe"], model = ["C65", "C200", "C1000"] }}
"""


def _write(rng: Random, folder: Path, name: str, rows: Rows, columns: list[str]) -> None:
    """The rows in random order; optional columns without a value are sometimes left out."""
    rows = list(rows)
    rng.shuffle(rows)
    may_go = OPTIONAL - ALWAYS.get(name, set())
    kept = [c for c in columns if c not in may_go or any(r[c] for r in rows) or rng.random() < 0.5]
    extra = ["note"] if rng.random() < 0.3 else []
    order = [*kept, *extra]
    if rng.random() < 0.3:
        rng.shuffle(order)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, order, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {"note": rng.choice(["", "see file 7", "0012"])})
