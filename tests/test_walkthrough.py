"""The walk from an export to a report prints what its commands print."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest

import fpp_analysis as fpp
from fpp_analysis.cli import main

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
    assert (stop.value.code, printed.err) == (0, "")
    shown = PAGE.read_text(encoding="utf-8").split(f"<!-- {mark} -->")[1]
    assert shown == f"\n```text\n{printed.out}```\n"


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


def test_the_settings_of_the_page_are_those_of_the_example():
    example = tomllib.loads((WIND / "book.toml").read_text(encoding="utf-8"))
    blocks = re.findall(r"```toml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    shown = tomllib.loads(blocks[0])
    for name, value in shown.items():
        if isinstance(value, dict):
            assert value.items() <= example[name].items() or all(
                part.items() <= example[name][key].items() for key, part in value.items()
            )
        else:
            assert example[name] == value


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
