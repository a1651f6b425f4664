"""Random lawful books with every feature of the handbook, small and full of edges.

`write_book(folder, seed)` writes a CSV book. Dates crowd around month ends and leap days, so
that clipped dates, same-day signatures and cuts at a boundary are common; amounts are often
tiny, so that rounding is; optional columns come and go. `questions(seed, ...)` asks about
dates on, before and after the events of the book.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random

from tests.reference import DAY, Contract, edate

FIRST, LAST = date(2006, 11, 1), date(2012, 12, 31)
FREQUENCIES = ("monthly", "quarterly", "semiannual", "annual", "upfront")
MODELS = ("C30", "C65", "C200", "C600", "C800", "C1000")
KW = {"C30": "30", "C65": "65", "C200": "200", "C600": "600", "C800": "800", "C1000": "1000"}
ODD_IDS = ("007", "NA", "1E5", "null", "TRUE", "0", "1.0", "Ä-1", "a b", "#N/A")

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
    "contract_value",
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
]
NEEDED = {
    "contracts": {
        "contract_id",
        "customer",
        "region",
        "signed_on",
        "starts_on",
        "term_months",
        "contract_value",
    },
    "fleet": {"serial_number", "model", "rated_kw", "region"},
}

Rows = list[dict[str, str]]


def write_book(folder: Path, seed: int, *, contracts: int | None = None) -> Path:
    """A lawful random book in `folder`, the same for the same seed."""
    rng = Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    reporting = rng.choice(["USD", "USD", "EUR"])
    n = contracts if contracts is not None else rng.choice([0, 1, 3, 6, 9, 14])
    rows, amendments = [], []
    for number in range(n):
        row = _contract(rng, number, reporting)
        rows.append(row)
        amendments += _amendments(rng, row, 10 * number, reporting)
    _renewals(rng, rows, amendments, reporting)
    fleet = [_machine(rng, number) for number in range(rng.choice([0, 2, 8, 20]))]
    units = _units(rng, rows, amendments, fleet, reporting)
    _write(rng, folder, "contracts", rows, CONTRACT_COLUMNS)
    if amendments or rng.random() < 0.5:
        _write(rng, folder, "amendments", amendments, AMENDMENT_COLUMNS)
    _write(rng, folder, "fleet", fleet, FLEET_COLUMNS)
    columns = ["contract_id", "serial_number", "covered_from", "covered_until"]
    _write(rng, folder, "contract_units", units, columns)
    _write(rng, folder, "fx_rates", _rates(rng, reporting), ["date", "currency", "rate"])
    (folder / "book.toml").write_text(_settings(rng, reporting), encoding="utf-8")
    return folder


def questions(seed: int, folder: Path) -> dict[str, object]:
    """Dates, ranges, a clock and groupings to ask a random book about."""
    rng = Random(seed + 1_000_003)
    events: list[date] = []
    for name in ("contracts", "amendments", "fleet"):
        path = folder / f"{name}.csv"
        if path.exists():
            with path.open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    events += [
                        date.fromisoformat(v) for k, v in row.items() if k.endswith("_on") and v
                    ]

    def some_day() -> date:
        if events and rng.random() < 0.5:
            return rng.choice(events) + timedelta(days=rng.choice([-1, 0, 0, 1]))
        return _day(rng, date(2007, 1, 1), date(2014, 12, 31))

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
                ("billing_timing",),
                ("payment_days",),
                ("escalator_rate", "invoice_lead_days"),
                ("country",),
                ("contract_id",),
                ("distributor", "series"),
            ]
        ),
        "machine_by": rng.choice(
            [(), ("series",), ("region",), ("country", "application"), ("modules",)]
        ),
        "scope": rng.choice([None, "C200 and C1000 Series", "Europe"]),
    }


def _day(rng: Random, first: date = FIRST, last: date = LAST) -> date:
    found = first + timedelta(days=rng.randrange((last - first).days))
    if rng.random() < 0.4:
        return edate(found.replace(day=1), 1) - DAY
    if rng.random() < 0.1:
        return date(2008, 2, 29)
    if rng.random() < 0.15:
        return found.replace(day=rng.choice([1, 30 if found.month != 2 else 28]))
    return found


def _money(rng: Random) -> str:
    amount = rng.choice([rng.randint(1, 999), rng.randint(1_000, 10**6), rng.randint(10**6, 10**9)])
    text = f"{amount // 100}.{amount % 100:02d}"
    return text.rstrip("0").rstrip(".") if rng.random() < 0.3 else text


def _contract(rng: Random, number: int, reporting: str) -> dict[str, str]:
    start = _day(rng)
    signed = start + timedelta(days=rng.choice([0, rng.randint(-300, -1), rng.randint(-60, 150)]))
    term = rng.choice([1, 2, 5, 12, 13, 24, 25, 36, 60, rng.randint(1, 60), rng.randint(1, 30)])
    term = rng.choice([120, 180, 360]) if rng.random() < 0.05 else term
    late = rng.random() < 0.3
    name = rng.choice(ODD_IDS) + f"-{number}" if rng.random() < 0.2 else f"K-{number:04d}"
    return {
        "contract_id": name,
        "customer": rng.choice(["Alpha", "Beta", "Gamma", "Delta", "Ypsilon & Co, Inc."]),
        "distributor": rng.choice(["", "D1", "D2"]),
        "region": rng.choice(["Europe", "North America", "Asia", "NA"]),
        "country": rng.choice(["", "DE", "US", "NA"]),
        "vertical": rng.choice(["", "CHP", "renewable"]),
        "tier": rng.choice(["", "gold", "basic"]),
        "signed_on": signed.isoformat(),
        "starts_on": start.isoformat(),
        "term_months": str(term),
        "contract_value": _money(rng),
        "currency": rng.choice(["", "", reporting, "GBP", "CAD", "EUR", "USD"]),
        "escalator_rate": rng.choice(["", "", "0", "0.03", "0.0275", "0.2", "0.0001"]),
        "billing_frequency": rng.choice(["", *FREQUENCIES]),
        "billing_timing": rng.choice(["", "advance", "arrears", "arrears"]),
        "invoice_lead_days": rng.choice(["", "0", "30", str(rng.randint(0, 120))]),
        "payment_days": rng.choice(["", "0", "45", str(rng.randint(0, 365))]),
        "notice_days": rng.choice(["", "", "0", "90", str(rng.randint(0, 900))]),
        "renews_contract_id": "",
        "recorded_on": (signed + timedelta(days=rng.randint(0, 400))).isoformat() if late else "",
    }


def _built(row: dict[str, str], amendments: Rows, reporting: str) -> Contract:
    contract = Contract(row, 0, reporting, list(amendments))
    contract.build()
    return contract


def _amendments(rng: Random, row: dict[str, str], before: int, reporting: str) -> Rows:
    made: Rows = []
    signed = date.fromisoformat(row["signed_on"])
    start = date.fromisoformat(row["starts_on"])
    months = int(row["term_months"])
    count = rng.choice([0, 0, 1, 2, 3, 5])
    for k in range(count):
        signed += timedelta(days=rng.choice([0, 0, 30, rng.randint(0, 300), rng.randint(0, 700)]))
        end = edate(start, months)
        entry = dict.fromkeys(AMENDMENT_COLUMNS, "")
        entry |= {
            "amendment_id": _amendment_id(rng, made, signed, before + k),
            "contract_id": row["contract_id"],
            "signed_on": signed.isoformat(),
            "reason": rng.choice(["", "price review, agreed", 'the "new" site']),
        }
        if rng.random() < 0.3:
            later = rng.choice([rng.randint(0, 500), rng.randint(-20, 20)])
            entry["recorded_on"] = (signed + timedelta(days=later)).isoformat()
        kind = rng.choice(["repricing", "repricing", "extension", "extension", "termination"])
        if kind == "repricing":
            change = _repricing(rng, row, made, entry, start, end, reporting)
            if change is None:
                continue
            entry |= change
        elif kind == "extension":
            added = rng.choice([1, 2, 3, 6, 7, 12, rng.randint(1, 30)])
            months += added
            value = rng.choice(["0", _money(rng), _money(rng)])
            entry |= {
                "kind": kind,
                "term_change_months": str(added),
                "value_change": value,
            }
        else:
            entry |= _termination(rng, made, start, end)
        made.append(entry)
        if kind == "termination":
            if rng.random() < 0.3:
                made.append(_same_day_extension(rng, made, signed, before + count))
            break
    return made


def _amendment_id(rng: Random, made: Rows, signed: date, number: int) -> str:
    """A unique name; on one day, names compared as text keep the order of application."""
    same_day = [a["amendment_id"] for a in made if a["signed_on"] == signed.isoformat()]
    names = [f"{letter}{number}" for letter in "0ABCDEFGHIJK"]
    return rng.choice([name for name in names if name > max(same_day, default="")])


def _same_day_extension(rng: Random, made: Rows, signed: date, number: int) -> dict[str, str]:
    """An extension signed with a termination, after it in order: it is cut to nothing."""
    entry = dict.fromkeys(AMENDMENT_COLUMNS, "")
    return entry | {
        "amendment_id": f"Z{number}",
        "contract_id": made[0]["contract_id"],
        "kind": "extension",
        "signed_on": signed.isoformat(),
        "term_change_months": str(rng.choice([1, 12])),
        "value_change": _money(rng),
    }


def _repricing(
    rng: Random,
    row: dict[str, str],
    made: Rows,
    entry: dict[str, str],
    start: date,
    end: date,
    reporting: str,
) -> dict[str, str] | None:
    """A repricing that leaves no day's fee below zero; None where none was found."""
    for _ in range(6):
        effective = start + timedelta(days=rng.randint(-80, max((end - start).days - 1, 0)))
        if rng.random() < 0.2:
            effective = rng.choice([start, end - DAY])
        amount = Fraction(_money(rng)) * rng.choice([1, -1, -1])
        change = {
            "kind": "repricing",
            "effective_on": effective.isoformat(),
            "value_change": f"{float(amount):.2f}",
        }
        segments = _built(row, [*made, entry | change], reporting).segments
        edges = sorted({s.start for s in segments})
        fees = [sum(s.daily() for s in segments if s.start <= d < s.end) for d in edges]
        if all(fee >= 0 for fee in fees) and amount != 0:
            return change
    return None


def _termination(rng: Random, made: Rows, start: date, end: date) -> dict[str, str]:
    effective = [date.fromisoformat(a["effective_on"]) for a in made if a["effective_on"]]
    first = max([start, *[e + DAY for e in effective]])
    stop = first + timedelta(days=rng.randint(0, (end - first).days))
    edge = edate(start, rng.choice([1, 3, 6, 12, 15])) + timedelta(days=rng.choice([-1, 0, 1]))
    stop = rng.choice([stop, stop, first, end, min(max(edge, first), end)])
    return {"kind": "termination", "effective_on": stop.isoformat()}


def _renewals(rng: Random, rows: Rows, amendments: Rows, reporting: str) -> None:
    """Let some contracts renew an earlier one: signed and starting around its end."""
    free = list(range(len(rows)))
    for i in range(1, len(rows)):
        j = rng.choice(free)
        if j >= i or rng.random() < 0.4:
            continue
        if rng.random() < 0.85:  # else a site was split: renewed twice
            free.remove(j)
        rows[i]["renews_contract_id"] = rows[j]["contract_id"]


def _machine(rng: Random, number: int) -> dict[str, str]:
    model = rng.choice(MODELS)
    shipped = _day(rng)
    commissioned = shipped + timedelta(days=rng.choice([0, rng.randint(0, 300)]))
    retired = commissioned + timedelta(days=rng.choice([0, 1, rng.randint(0, 1500)]))
    return {
        "serial_number": f"{number:06d}",
        "model": model,
        "series": rng.choice(["", "", "", "Special"]),
        "rated_kw": rng.choice([KW[model], KW[model], f"{rng.randint(1, 99999) / 100:g}"]),
        "modules": rng.choice(["", "", str(rng.randint(1, 9))]),
        "shipped_on": shipped.isoformat() if rng.random() < 0.8 else "",
        "commissioned_on": commissioned.isoformat() if rng.random() < 0.8 else "",
        "retired_on": retired.isoformat() if rng.random() < 0.3 else "",
        "customer": rng.choice(["", "Alpha"]),
        "region": rng.choice(["Europe", "North America", "Asia"]),
        "country": rng.choice(["", "DE", "US"]),
        "application": rng.choice(["", "CHP", "oil and gas"]),
    }


def _units(
    rng: Random, rows: Rows, amendments: Rows, fleet: Rows, reporting: str
) -> list[dict[str, str]]:
    """Links of contracts and machines, some with own dates inside the cover."""
    units = []
    for row in rows:
        own = [a for a in amendments if a["contract_id"] == row["contract_id"]]
        contract = _built(row, own, reporting)
        start = contract.start
        end = edate(start, contract.term)
        days = (end - start).days
        for machine in rng.sample(fleet, min(len(fleet), rng.choice([0, 1, 1, 3]))):
            pair = {
                "contract_id": row["contract_id"],
                "serial_number": machine["serial_number"],
                "covered_from": "",
                "covered_until": "",
            }
            chance = rng.random()
            a, b = sorted(rng.sample(range(days + 1), 2))
            if chance < 0.2:
                pair["covered_from"] = (start + timedelta(days=a)).isoformat()
            elif chance < 0.4 and b:
                pair["covered_until"] = (start + timedelta(days=b)).isoformat()
            elif chance < 0.6:
                pair["covered_from"] = (start + timedelta(days=a)).isoformat()
                pair["covered_until"] = (start + timedelta(days=b)).isoformat()
                if chance < 0.5 and b < days:
                    again = start + timedelta(days=rng.randint(b, days - 1))
                    units.append(dict(pair, covered_from=again.isoformat(), covered_until=""))
            units.append(pair)
    return units


def _rates(rng: Random, reporting: str) -> Rows:
    rates = []
    for currency in ("EUR", "USD", "GBP", "CAD"):
        if currency == reporting:
            continue
        # now and then a currency is younger than the contracts in it
        when = date(2006, 1, 1) if rng.random() < 0.95 else date(2009, 5, 1)
        level = rng.uniform(0.5, 2)
        while when < date(2014, 12, 31):
            level *= rng.uniform(0.95, 1.05)
            digits = rng.choice([2, 4, 6])
            rates.append(
                {
                    "date": when.isoformat(),
                    "currency": currency,
                    "rate": f"{level:.{digits}f}",
                }
            )
            when += timedelta(days=rng.choice([1, 30, 31, 90]))
    return rates


def _settings(rng: Random, reporting: str) -> str:
    return f"""name = "Random book"
reporting_currency = "{reporting}"
fiscal_year_end_month = {rng.choice([3, 3, 12, 6, 1])}
data_cut_off = 2014-12-31
synthetic = true

[scopes]
"C200 and C1000 Series" = {{ series = ["C200", "C1000 Series"] }}
"Europe" = {{ region = ["Europe"], model = ["C65", "C200", "C1000"] }}
"""


def _write(rng: Random, folder: Path, name: str, rows: Rows, columns: list[str]) -> None:
    """The rows in random order; optional columns without a value are sometimes left out."""
    rows = list(rows)
    rng.shuffle(rows)
    kept = [
        c
        for c in columns
        if c in NEEDED.get(name, set(columns)) or any(r[c] for r in rows) or rng.random() < 0.5
    ]
    extra = ["note"] if rng.random() < 0.3 else []
    order = [*kept, *extra]
    if rng.random() < 0.3:
        rng.shuffle(order)
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, order, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        for row in rows:
            writer.writerow(row | {"note": rng.choice(["", "see file 7", "0012"])})
