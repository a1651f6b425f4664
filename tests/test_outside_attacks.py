"""Attacks on what is published: nobody's contract and nobody's name may be got back.

The attacker has every file of several packs of one book: of two dates, of its parts, and made
again. A contract counts as recovered where a number that is published, or a difference or sum
of such numbers, is its backlog, value or revenue to the cent; a customer likewise.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import fpp_analysis as fpp
from fpp_analysis.cli import cli
from fpp_analysis.outside import names
from fpp_analysis.outside.facts import Released
from fpp_analysis.outside.sheet import FactSheet
from fpp_analysis.report import editions, fingerprint
from fpp_analysis.report.leaks import Wanted, secrets_of
from tests import books
from tests.test_outside import of

FIRST, SECOND, BEFORE = "2009-09-30", "2009-12-31", "2009-06-30"
REGIONS = ("Europe", "North America", "Asia", "Africa", "Oceania")
USES = ("CHP", "renewable", "oil and gas", "critical power")
SETTINGS = """name = "Attacked"
data_cut_off = 2010-03-31
company = "Example"
[scopes]
"C65" = { series = ["C65"] }
"""


def rows(seed: int) -> dict[str, list[dict[str, Any]]]:
    """A book whose amounts are large and odd, so that no two sums meet by chance."""
    rng = random.Random(seed)
    made: dict[str, list[dict[str, Any]]] = {
        "contracts": [], "amendments": [], "fleet": [], "contract_units": []
    }  # fmt: skip
    for i in range(180):
        owner = rng.randrange(60)
        region = rng.choices(REGIONS, (9, 7, 3, 1, 1))[0]
        signed = f"{rng.choice([2007, 2008, 2009, 2009])}-{rng.randint(1, 12):02}-15"
        made["contracts"].append(
            {
                "contract_id": f"KX-{i:04}-{rng.randint(1000, 9999)}",
                "customer": f"Wexcombe Utility {owner}",
                "distributor": f"Hallbrook Dealer {rng.randrange(12)}",
                "region": region,
                "vertical": rng.choices(USES, (6, 4, 3, 1))[0],
                "signed_on": signed,
                "starts_on": signed,
                "term_months": rng.choice([36, 60, 84, 120]),
                "contract_value": f"{rng.randrange(10**10, 9 * 10**11) / 100:.2f}",
                "notice_days": rng.choice(["", "", "", "90"]),
                "our_note": f"seen by {owner} of the board",
            }
        )
        serial = f"SN-{i:05}"
        made["fleet"].append(
            {"serial_number": serial, "model": rng.choice(["C30", "C65", "C200"]),
             "rated_kw": "65", "customer": f"Wexcombe Utility {owner}", "region": region,
             "commissioned_on": "2007-01-01"}
        )  # fmt: skip
        if rng.random() < 0.15 or i < 4:
            made["amendments"].append(
                {"amendment_id": f"AM-{i:04}", "kind": "extension", "term_change_months": 12,
                 "contract_id": made["contracts"][-1]["contract_id"],
                 "signed_on": rng.choice(("2009-12-20", "2009-12-21")),
                 "value_change": f"{rng.randrange(10**9, 9 * 10**10) / 100:.2f}"}
            )  # fmt: skip
        if rng.random() < 0.7:
            key = made["contracts"][-1]["contract_id"]
            made["contract_units"].append({"contract_id": key, "serial_number": serial})
    return made


def book_of(folder: Path, tables: dict[str, list[dict[str, Any]]]) -> fpp.Book:
    return books.book(folder, settings=SETTINGS, **tables)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> fpp.Book:
    return book_of(tmp_path_factory.mktemp("attacked") / "b", rows(7))


@pytest.fixture(scope="module")
def packs(book: fpp.Book) -> dict[str, Released]:
    """Packs in the order in which they were published, each held against those before."""
    first = of(book, FIRST, BEFORE)
    second = of(book, SECOND, FIRST, before=[first.kept])
    parts = of(book, SECOND, FIRST, column="region", before=[first.kept, second.kept])
    return {"first": first, "second": second, "parts": parts}


def sheets(packs: dict[str, Released]) -> list[FactSheet]:
    return [sheet for one in packs.values() for sheet in one.facts.values()]


def money(sheet: FactSheet, *, frames: Iterable[str] | None = None) -> list[float]:
    """Every amount of a sheet."""
    found = [one.value for one in sheet.figures if one.unit == "USD"]
    found += [float(v) for one in sheet.figures if one.unit == "USD" for _, v in one.history]
    for name in sheet.frames if frames is None else frames:
        for row in sheet.frames.get(name, ()):
            found += [float(v) for k, v in row.items() if k in AMOUNTS and v is not None]
    return [abs(v) for v in found if v]


AMOUNTS = {"backlog", "rpo", "rpo_next_12_months", "deferred_revenue", "billings", "revenue",
           "cash", "opening", "recognised", "other", "closing"}  # fmt: skip


@pytest.fixture(scope="module")
def secret(book: fpp.Book) -> np.ndarray[Any, Any]:
    """What each contract, customer and counterparty comes to: values, balances and flows."""
    found: list[float] = [float(v) for v in book.contracts["contract_value"]]
    for by in ("contract_id", "customer", "distributor"):
        for day in (BEFORE, FIRST, SECOND):
            found += fpp.backlog(book, as_of=day, by=by)["backlog"].tolist()
            found += fpp.rpo(book, as_of=day, by=by)["rpo"].tolist()
            found += fpp.deferred_revenue(book, as_of=day, by=by)["deferred_revenue"].tolist()
        for flow in (fpp.billings, fpp.revenue, fpp.cash):
            frame = flow(book, start="2007-03-31", end="2012-03-31", by=by, known_at=SECOND)
            found += frame["amount"].tolist()
        moves = fpp.rollforward(book, start=FIRST, end=SECOND, by=by)
        found += moves["new"].tolist() + moves["recognised"].abs().tolist()
    return np.unique(np.round(np.abs(found), 2))[1:]


def recovered(numbers: Iterable[float], secret: np.ndarray[Any, Any]) -> list[float]:
    values = np.unique(np.round(np.abs(np.fromiter(numbers, float)), 2))
    return np.intersect1d(values[values > 0], secret).tolist()


def test_there_is_something_to_attack(packs: dict[str, Released]) -> None:
    assert len(money(packs["second"].facts[""])) > 60
    assert {"Europe", "North America"} <= set(packs["parts"].facts)
    assert set(packs["parts"].facts) < {*REGIONS}


# ---- numbers -------------------------------------------------------------------------------
def test_no_published_number_is_one_contracts_or_customers(packs, secret) -> None:
    for sheet in sheets(packs):
        assert recovered(money(sheet), secret) == []


def test_no_difference_of_two_numbers_of_a_pack_is_one_contracts(packs, secret) -> None:
    for sheet in sheets(packs):
        found = money(sheet)
        assert recovered((a - b for a, b in combinations(found, 2)), secret) == []


def test_no_difference_of_two_packs_of_two_dates_is_one_contracts(packs, secret) -> None:
    one, two = (money(packs[name].facts[""]) for name in ("first", "second"))
    assert recovered((a - b for a in one for b in two), secret) == []


def test_no_difference_of_a_part_and_the_whole_is_one_contracts(packs, secret) -> None:
    whole = money(packs["second"].facts[""])
    parts = list(packs["parts"].facts.values())
    for part in parts:
        assert recovered((a - b for a in whole for b in money(part)), secret) == []
    kinds = ("backlog", "rpo", "deferred_revenue")
    for kind in kinds:
        left = (packs["second"].facts[""].value(kind) or 0) - sum(p.value(kind) or 0 for p in parts)
        assert recovered([left], secret) == []


def test_no_part_of_a_table_less_others_is_one_contracts(packs, secret) -> None:
    for sheet in sheets(packs):
        for name in sheet.frames:
            some = money(replace(sheet, figures=()), frames=[name])[:10]
            sums = [sum(part) for n in range(1, len(some) + 1) for part in combinations(some, n)]
            total = sheet.value("backlog") or 0.0
            assert recovered([*sums, *(total - one for one in sums)], secret) == []


def test_balances_and_flows_tell_no_single_movement(packs, secret) -> None:
    for sheet in sheets(packs):
        for balance, signs in (
            ("backlog", {"revenue": 1}),
            ("deferred_revenue", {"billings": -1, "revenue": 1}),
        ):
            name = "backlog_history" if balance == "backlog" else "deferred_history"
            stood = {row["as_of"]: row[balance] for row in sheet.frames.get(name, ())}
            moved = []
            for first, last in combinations(sorted(stood), 2):
                rows = sheet.frames.get("flows", ())
                between = [r for r in rows if first < r["period_start"] and r["period_end"] <= last]
                flow = sum(row[k] * s for row in between for k, s in signs.items() if k in row)
                moved.append(stood[last] - stood[first] + flow)
            assert recovered(moved, secret) == []


def test_ladder_and_years_less_each_other_are_no_single_contract(packs, secret) -> None:
    for sheet in sheets(packs):
        years = np.cumsum(money(replace(sheet, figures=()), frames=["run_off"]))
        edges = np.cumsum(money(replace(sheet, figures=()), frames=["ladder"]))
        quarters = np.cumsum([row["revenue"] for row in sheet.frames.get("flows", ())
                              if row["ahead"] and "revenue" in row])  # fmt: skip
        lines = [line for line in (years, edges, quarters) if len(line)]
        pairs = (a - b for x, y in combinations(lines, 2) for a in x for b in y)
        assert recovered(pairs, secret) == []


def test_one_contract_that_may_leave_is_not_told_by_rpo(tmp_path: Path) -> None:
    tables = rows(7)
    for i, row in enumerate(tables["contracts"]):
        row["notice_days"] = "90" if i == 3 else ""
    found = of(book_of(tmp_path / "b", tables), SECOND, FIRST).facts[""]
    assert found.value("backlog") is not None
    assert found.value("rpo") is None
    assert "rpo" not in found.frames


def test_one_new_contract_is_not_told_by_next_years_schedule(tmp_path: Path) -> None:
    """The amounts scheduled for one later period, in two packs."""
    tables = rows(7)
    known = [row for row in tables["contracts"] if row["signed_on"] <= FIRST]
    alone = {**known[0], "contract_id": "KX-new", "signed_on": "2009-11-15",
             "starts_on": "2009-11-15"}  # fmt: skip
    keys = {row["contract_id"] for row in known}
    tables["contracts"] = [*known, alone]
    for name in ("contract_units", "amendments"):
        tables[name] = [row for row in tables[name] if row["contract_id"] in keys]
    for row in tables["amendments"]:
        row["signed_on"] = FIRST
    book = book_of(tmp_path / "b", tables)
    released = replace(book, settings=replace(book.settings, outside=("backlog", "growth")))
    first = of(released, FIRST, BEFORE)
    second = of(released, SECOND, FIRST, before=[first.kept])
    assert {one.metric for one in second.facts[""].figures if one.value} <= {
        "backlog", "growth", "coverage_rate", "units_under_contract"
    }  # fmt: skip
    assert "flows" not in second.facts[""].frames or not any(
        row["ahead"] for row in second.facts[""].frames["flows"]
    )


def test_counts_are_of_three_or_none(book: fpp.Book, packs: dict[str, Released]) -> None:
    for sheet in sheets(packs):
        for row in sheet.frames.get("terms", ()):
            assert row["contracts"] >= 3
        for name in ("coverage_by_scope", "coverage_by_series"):
            for row in sheet.frames.get(name, ()):
                for n in (row["covered"], row["in_operation"] - row["covered"]):
                    assert n == 0 or n >= 3


def test_a_group_that_one_customer_dominates_is_part_of_other(tmp_path: Path) -> None:
    tables = rows(7)
    for row in tables["contracts"]:
        if row["region"] == "Europe" and row["customer"].endswith(" 3"):
            row["contract_value"] = "99999999999.13"
    for i, row in enumerate(tables["contracts"][:3]):
        row |= {"region": "Iberia", "customer": f"Wexcombe Utility {i}", "signed_on": "2008-01-15",
                "starts_on": "2008-01-15", "term_months": 120}  # fmt: skip
        row["contract_value"] = "90000000000.77" if i == 0 else "1000000.31"
    found = of(book_of(tmp_path / "b", tables), SECOND, FIRST).facts
    shown = {row["region"] for row in found[""].frames.get("backlog_by_region", ())}
    assert "Iberia" not in shown


def test_there_are_no_prices_quartiles_or_rows(packs: dict[str, Released]) -> None:
    allowed = AMOUNTS | {
        "as_of", "period", "period_start", "period_end", "ahead", "bucket", "region", "series",
        "vertical", "term_band", "contracts", "share", "scope", "in_operation", "covered",
        "coverage_rate", "kw_in_operation", "kw_covered", "kw_rate",
    }  # fmt: skip
    for sheet in sheets(packs):
        assert {key for frame in sheet.frames.values() for row in frame for key in row} <= allowed


# ---- names and order -----------------------------------------------------------------------
def test_other_names_numbers_and_orders_give_the_same_facts(
    tmp_path: Path, packs: dict[str, Released]
) -> None:
    tables = rows(7)
    again = random.Random(3)
    number = {row["contract_id"]: f"Z{again.random()}" for row in tables["contracts"]}
    serial = {row["serial_number"]: f"Q{again.random()}" for row in tables["fleet"]}
    word = {f"Wexcombe Utility {i}": f"Name {again.random()}" for i in range(60)}
    dealer = {f"Hallbrook Dealer {i}": f"Dealer {again.random()}" for i in range(12)}
    for row in (row for table in tables.values() for row in table):
        for key, table in (
            ("contract_id", number), ("serial_number", serial), ("customer", word),
            ("distributor", dealer),
        ):  # fmt: skip
            if key in row:
                row[key] = table[row[key]]
    for table in tables.values():
        again.shuffle(table)
    other = of(book_of(tmp_path / "b", tables), FIRST, BEFORE)
    assert other.facts[""].as_json() == packs["first"].facts[""].as_json()


# ---- files ---------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("made")
    books.write(place / "b", settings=SETTINGS, **rows(7))
    arguments = ["report", "--book", str(place / "b"), "--as-of", SECOND, "--edition", "outside",
                 "--out", str(place / "out"), "--log", str(place / "run.jsonl")]  # fmt: skip
    result = CliRunner().invoke(cli, arguments, standalone_mode=False)
    if result.exception:
        raise result.exception
    (place / "said.txt").write_text(result.output, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def pack(made: Path) -> Path:
    return made / "out" / f"b-{SECOND}-outside"


def everything(pack: Path) -> dict[str, bytes]:
    """Every file of the pack, and every member of those that are zips."""
    found: dict[str, bytes] = {}
    for path in (p for p in pack.rglob("*") if p.is_file()):
        found[path.relative_to(pack).as_posix()] = data = path.read_bytes()
        if data[:2] == b"PK":
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                found |= {f"{path.name}/{n}": archive.read(n) for n in archive.namelist()}
    return found


def test_a_dictionary_of_all_names_and_numbers_finds_nothing(book, made: Path, pack: Path) -> None:
    wanted = Wanted(secrets_of(book))
    for name, data in everything(pack).items():
        assert not list(wanted.within(data)), name
    for said in ("said.txt", "run.jsonl"):
        assert not list(wanted.within((made / said).read_bytes()))


def test_a_dictionary_of_hashes_finds_nothing(book, made: Path, pack: Path) -> None:
    text = b"\n".join(everything(pack).values()).lower()
    plain = [*secrets_of(book), *map(names.party, book.contracts["customer"].unique())]
    for one in plain:
        for algorithm in ("md5", "sha1", "sha256", "blake2b"):
            digest = hashlib.new(algorithm, one.encode()).hexdigest()
            assert digest[:16].encode() not in text
    inputs = [
        *fingerprint.of_book(book).values(),
        *map(fingerprint.of_file, (made / "b").iterdir()),
    ]
    for digest in inputs:
        assert digest.encode() not in text


def test_no_file_holds_a_query_a_path_or_the_private_list(made: Path, pack: Path) -> None:
    private = made / "out" / ".private"
    kept = json.loads((private / editions.PACKS).read_text(encoding="utf-8"))
    assert kept["Attacked"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in private.iterdir() if path.is_file())
    for name, data in everything(pack).items():
        for word in (b"fpp table", b"--book", str(made).encode(), b"withheld", b"joins Other"):
            assert word not in data, (name, word)


def test_file_names_tell_nothing_of_the_book(pack: Path) -> None:
    known = (
        r"(MANIFEST\.json|index\.html|figures\.csv|workbook\.xlsx|slides\.pptx"
        r"|outside-fact-sheet\.(html|pdf)"
    )
    known += (
        rf"|b-{SECOND}-outside\.zip|(tables|charts)/outside-fact-sheet--[a-z0-9-]+\.(csv|svg|png))"
    )
    for path in (p for p in pack.rglob("*") if p.is_file()):
        assert re.fullmatch(known, path.relative_to(pack).as_posix())


def test_the_manifest_has_no_input_and_no_hour(pack: Path) -> None:
    manifest = json.loads((pack / "MANIFEST.json").read_text(encoding="utf-8"))
    assert "inputs" not in manifest
    assert set(manifest["parameters"]) == {"as_of", "compare_to", "as_known", "part", "edition"}
    assert not re.search(r"\d\d:\d\d", json.dumps(manifest))


def test_the_pdf_says_of_itself_what_its_page_says(pack: Path) -> None:
    pypdf = pytest.importorskip("pypdf")
    reader = pypdf.PdfReader(pack / "outside-fact-sheet.pdf")
    assert len(reader.pages) <= 7
    assert set(reader.metadata) <= {"/Title", "/Author", "/Subject", "/Keywords", "/Creator",
                                    "/CreationDate", "/ModDate"}  # fmt: skip
    assert reader.metadata["/Author"] == "Example"
    assert str(reader.metadata["/CreationDate"]).startswith("D:20091231")
    assert not reader.attachments


def test_the_workbook_hides_nothing(pack: Path) -> None:
    with zipfile.ZipFile(pack / "workbook.xlsx") as archive:
        files = {name: archive.read(name).decode() for name in archive.namelist()}
    assert not [name for name in files if re.search(r"comment|external|vba|custom", name)]
    assert 'state="hidden"' not in files["xl/workbook.xml"]
    assert "veryHidden" not in files["xl/workbook.xml"]
    defined = re.findall(r'<definedName name="([^"]+)"', files["xl/workbook.xml"])
    assert all(re.fullmatch(r"t_[A-Za-z0-9_]+|_xlnm\.\w+", one) for one in defined)
    assert "<dc:creator>Example</dc:creator>" in files["docProps/core.xml"]


def test_pictures_carry_no_text_beside_the_drawing(pack: Path) -> None:
    for path in (pack / "charts").glob("*.svg"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"<(title|desc|metadata|text)\b|<!--", text)
    for path in (pack / "charts").glob("*.png"):
        assert not re.search(rb"tEXt|iTXt|zTXt|eXIf", path.read_bytes())


def test_the_page_has_no_script_and_its_anchors_are_plain(pack: Path) -> None:
    html = (pack / "outside-fact-sheet.html").read_text(encoding="utf-8")
    assert all(re.fullmatch(r"[a-zA-Z0-9_.-]+", one) for one in re.findall(r'\bid="([^"]+)"', html))
    assert "<script" not in html


def test_chart_data_is_no_finer_than_the_chart(pack: Path, packs: dict[str, Released]) -> None:
    for path in (pack / "charts").glob("*.csv"):
        assert len(path.read_text(encoding="utf-8-sig").splitlines()) <= 40
    text = (pack / "charts" / "outside-fact-sheet--backlog-by-region.csv").read_text("utf-8-sig")
    labels = {line.split(",")[0] for line in text.splitlines()[1:]}
    assert labels <= {*REGIONS, "Other"}


def test_the_zip_holds_what_people_read_and_no_hour(pack: Path) -> None:
    with zipfile.ZipFile(pack / f"{pack.name}.zip") as archive:
        assert archive.namelist() == ["outside-fact-sheet.html", "outside-fact-sheet.pdf",
                                      "slides.pptx", "workbook.xlsx"]  # fmt: skip
        assert {one.date_time for one in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not any(one.extra or one.comment for one in archive.infolist())


def test_figures_are_those_of_the_facts(pack: Path) -> None:
    lines = (pack / "figures.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0].endswith(",query")
    assert all(line.endswith(",") for line in lines[1:])
