"""Books that the sample is not: nothing, one thing, very many, very small, very large."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests import books

SETTINGS = books.SETTINGS


def _contracts(n: int, **more: object) -> list[dict[str, object]]:
    """So many contracts, a month and a customer each, of five years."""
    return [
        {
            "contract_id": f"K-{i}", "customer": f"Customer {i}", "region": f"Region {i % 4}",
            "signed_on": f"{2005 + i % 5}-{1 + i % 12:02}-10",
            "starts_on": f"{2005 + i % 5}-{1 + i % 12:02}-15", "term_months": 60,
            "contract_value": f"{1000 + 137 * i}.00", **more,
        }
        for i in range(n)
    ]  # fmt: skip


def _fleet(n: int, series: int = 3) -> list[dict[str, object]]:
    return [
        {
            "serial_number": f"S-{i}", "model": f"M{i % series:03}", "rated_kw": 65,
            "region": f"Region {i % 4}", "shipped_on": "2005-01-10",
            "commissioned_on": f"{2005 + i % 5}-02-01",
        }
        for i in range(n)
    ]  # fmt: skip


def _links(n: int) -> list[dict[str, object]]:
    return [{"contract_id": f"K-{i}", "serial_number": f"S-{i}"} for i in range(n)]


def no_fleet(folder: Path) -> Path:
    """Contracts and nothing else."""
    return books.write(folder, contracts=_contracts(30))


def one_contract(folder: Path) -> Path:
    """One contract with one machine."""
    return books.write(
        folder,
        contracts=[{}],
        fleet=[{"commissioned_on": "2009-01-01"}],
        contract_units=[{"contract_id": "K-1", "serial_number": "S-1"}],
    )


def fleet_only(folder: Path) -> Path:
    """Machines and no contract."""
    return books.write(
        folder, settings="fleet_only = true\n" + SETTINGS, contracts=[], fleet=_fleet(12)
    )


def disclosed(folder: Path) -> Path:
    """A public record without a line of deferred revenue."""
    row = {
        "as_of": "2009-09-30", "metric": "backlog", "value_low": "0.05", "qualifier": "over",
        "unit": "USD million", "source": "Release", "source_date": "2009-10-30",
    }  # fmt: skip
    return books.write(folder, contracts=_contracts(9), disclosures=[row])


def disclosed_nothing(folder: Path) -> Path:
    """A public record without a row."""
    made = books.write(folder, contracts=_contracts(9))
    names = "period,as_of,metric,value_low,value_high,qualifier,unit,source,source_date\n"
    (made / "disclosures.csv").write_text(names, encoding="utf-8")
    return made


def all_zero(folder: Path) -> Path:
    """Contracts worth nothing."""
    return books.write(folder, contracts=_contracts(6, contract_value="0"), fleet=_fleet(6))


def expired(folder: Path) -> Path:
    """Everything ran out long ago."""
    rows = [{**row, "signed_on": "2001-01-10", "starts_on": "2001-02-01"} for row in _contracts(12)]
    return books.write(folder, contracts=rows, fleet=_fleet(12), contract_units=_links(12))


def flat(folder: Path) -> Path:
    """A quarter in which nothing moved: all of it starts next year."""
    rows = [{**row, "signed_on": "2009-01-10", "starts_on": "2010-06-01"} for row in _contracts(5)]
    return books.write(folder, contracts=rows, fleet=_fleet(5), contract_units=_links(5))


def yen(folder: Path) -> Path:
    """A currency without decimals."""
    rows = _contracts(20, contract_value="35000000", currency="JPY")
    settings = SETTINGS.replace('"USD"', '"JPY"')
    return books.write(
        folder, settings=settings, contracts=rows, fleet=_fleet(20), contract_units=_links(20)
    )


def many_series(folder: Path, n: int = 250) -> Path:
    """Hundreds of series."""
    return books.write(
        folder, contracts=_contracts(n), fleet=_fleet(2 * n, n), contract_units=_links(n)
    )


def tiny(folder: Path) -> Path:
    """Five cents in all."""
    return books.write(folder, contracts=[{"contract_value": "0.05"}], fleet=_fleet(3))


def huge(folder: Path) -> Path:
    """Fifty billion."""
    rows = _contracts(40, contract_value="1250000000.00", term_months=120)
    return books.write(folder, contracts=rows, fleet=_fleet(60), contract_units=_links(40))


def falling(folder: Path) -> Path:
    """Nothing signed for years, everything running off; names of any script."""
    names = ["株式会社東京エネルギー", "บริษัท ไทย", "प्रगति ऊर्जा", "شركة الطاقة", "חברת אנרגיה"]
    rows = [
        {
            **row, "signed_on": "2005-04-10", "starts_on": "2005-05-01", "term_months": 240,
            "customer": f"{names[i % 5]} {i}", "region": names[i % 5],
        }
        for i, row in enumerate(_contracts(30))
    ]  # fmt: skip
    return books.write(folder, contracts=rows, fleet=_fleet(40), contract_units=_links(30))


def long_names(folder: Path) -> Path:
    """Names of 55 letters that differ at their end, and one of 5,000."""
    rows = _contracts(30)
    for i, row in enumerate(rows):
        row["region"] = f"Northern and central districts of the federal states, no. {i % 6}"
        row["customer"] = f"Municipal utilities and services company of district {i}"
        row["vertical"] = "x" * 900 if i % 7 == 0 else "CHP"
    return books.write(folder, contracts=rows, fleet=_fleet(40), contract_units=_links(30))


BOOKS: dict[str, Callable[[Path], Path]] = {
    make.__name__: make
    for make in (
        no_fleet, fleet_only, disclosed, disclosed_nothing, one_contract, all_zero, expired, flat,
        yen, many_series, tiny, huge, falling,
        long_names,
    )
}  # fmt: skip
