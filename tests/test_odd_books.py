"""Packs of books that the sample is not: they are made, and their pages and sentences hold."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from tests.command import run
from tests.odd_books import BOOKS

LEAST = {  # what each shows at least, and what none of its pages may say
    "fleet_only": (["The book holds a fleet and no contracts"],
                   ["Backlog rose", "$0", ". ."]),
    "disclosed": (["Backlog fell"], ["No machines are", "Coverage by machines"]),
    "all_zero": (["There was no backlog on either date"], ["Backlog rose", "+0%"]),
}  # fmt: skip


@pytest.mark.parametrize("name", LEAST)
def test_its_pack_is_made_and_its_pages_hold(name: str, tmp_path: Path) -> None:
    book = BOOKS[name](tmp_path / "book")
    done = run("report", "--book", book, "--as-of", "2009-11-30", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    pack = tmp_path / "out" / "book-2009-11-30"
    text = {page.name: words(page) for page in pack.glob("*.html")}
    said, never = LEAST[name]
    for words_ in said:
        assert any(words_ in page for page in text.values()), words_
    for page, shown in text.items():
        assert "There is nothing to draw" not in shown, page
        if page[0].isdigit() and not page.startswith("90"):
            assert not [one for one in never if one in shown.partition("Evidence")[0]], page


def words(page: Path) -> str:
    """What a page says, without its style and pictures."""
    text = re.sub(r"<(style|svg).*?</\1>", " ", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", text)))
