"""The walk from an export to a report prints what its commands print."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

import fpp_analysis as fpp
from fpp_analysis.cli import main
from fpp_analysis.door.declared import FEED_KEYS, TABLE_KEYS, read_declared
from fpp_analysis.schema import TABLES as SCHEMA
from fpp_analysis.schema.dialect import NAMES

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "from-export-to-report.md"
WIND = ROOT / "data" / "wind"


@pytest.mark.parametrize(
    ("mark", "arguments"),
    [
        ("check", ["check", "data/wind"]),
        (
            "backlog",
            ["table", "backlog", "--book", "data/wind", "--as-of", "2024-12-31", "--by", "region"],
        ),
    ],
)
def test_the_page_shows_what_the_command_prints(mark, arguments, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    printed = capsys.readouterr()
    assert stop.value.code == 0
    page = PAGE.read_text(encoding="utf-8")
    assert page.split(f"<!-- {mark} -->")[1] == f"\n```text\n{printed.out}```\n"
    found = page.split(f"<!-- {mark} findings -->")[1::2]
    assert found == ([f"\n```text\n{printed.err}```\n"] if printed.err else [])


def test_before_the_dialect_is_declared(tmp_path):
    folder = shutil.copytree(WIND, tmp_path / "wind")
    text = (folder / "book.toml").read_text(encoding="utf-8")
    (folder / "book.toml").write_text(
        re.sub(r"\[dialect\].*?\n\n", "", text, flags=re.DOTALL), encoding="utf-8"
    )
    with pytest.raises(fpp.errors.DataError) as refused:
        fpp.load_book(folder)
    line = str(refused.value).splitlines()[0]
    assert line.startswith("Wartungsverträge.csv:1: error F010")
    assert line in PAGE.read_text(encoding="utf-8")


def inside(part, whole):
    """Whether all that a TOML value says is said by another one as well."""
    if isinstance(part, dict):
        return all(key in whole and inside(value, whole[key]) for key, value in part.items())
    return part == whole


PARTS = PAGE.read_text(encoding="utf-8").split("\n##")
SHAPES = sorted(path.parent for path in (ROOT / "tests" / "exports").glob("*/book.toml"))


@pytest.mark.parametrize("folder", [*SHAPES, WIND], ids=lambda path: path.name)
def test_the_settings_of_the_page_are_those_of_the_example(folder):
    """Each shape loads by its book.toml (tests/test_exports.py); the page shows parts of it."""
    example = tomllib.loads((folder / "book.toml").read_text(encoding="utf-8"))
    title = "One company" if folder == WIND else folder.name
    part = next(text for text in PARTS if text.lstrip("# ").startswith(title))
    shown = [tomllib.loads(b) for b in re.findall(r"```toml\n(.*?)```", part, re.DOTALL)]
    assert shown
    for block in shown:
        assert inside(block, example), block


def test_every_declaration_of_the_page_is_lawful():
    """The table of decisions names every key there is, and each of its lines is read."""
    table = PAGE.read_text(encoding="utf-8").split("<!-- decisions -->")[1]
    for key in (*NAMES, *TABLE_KEYS, *FEED_KEYS):
        assert re.search(rf"\b{key}\b", table), key
    found = re.findall(r"`(\w+ = [^`]+)`", table)
    assert len(found) > len(NAMES)
    for line in found:
        (name, value), *_ = tomllib.loads(line.replace("…", "x")).items()
        if name in NAMES:
            written = {"dialect": {"decimal": ",", name: value}}
        elif name in (*TABLE_KEYS, "orphans"):
            table_ = "amendments" if name == "orphans" else "contracts"
            written = {"tables": {table_: {name: value}}}
        elif name in ("fleet_only", "times", "others"):
            continue
        else:
            owner = next(t for t in SCHEMA if name in (*SCHEMA[t].names, "contract_units"))
            written = {"map": {owner: {name: value}}}
        assert read_declared(written, "book.toml", {})[1] == [], line


def test_another_trade_is_measured_by_the_same_words():
    """60 months, quarterly: 1,190,000.89 with 2.5 % a year from 1 January 2023, by hand."""
    book = fpp.load_book(WIND)
    assert book.settings.synthetic
    row = book.contracts.set_index("contract_id").loc["00014"]
    assert (row["contract_value"], row["term_months"], row["escalator_rate"]) == (
        1190000.89,
        60,
        0.025,
    )
    weights = [1.025**year for year in range(5)]
    left = 119000089 - round(119000089 * sum(weights[:2]) / sum(weights))
    part = fpp.backlog(book, as_of="2024-12-31", by="contract_id").set_index("contract_id")
    assert part.loc["00014", "backlog"] == left / 100
    assert fpp.coverage(book, as_of="2024-12-31", scope="onshore")["in_operation"].item() > 0
