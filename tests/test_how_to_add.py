"""The pages on adding: their blocks, put where they say in a copy of the project, work."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = ("measure", "metric", "chart", "source", "column")
MARK = re.compile(
    r"^<!-- (new|end|after|before|instead): ([\w./]+)(?:: ([^\n]+))? -->\n"
    r"```(?:python|toml)\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def blocks(name: str) -> list[tuple[str, str, str, str]]:
    page = (ROOT / "docs" / f"how-to-add-a-{name}.md").read_text(encoding="utf-8")
    return MARK.findall(page)


def put(copy: Path, how: str, file: str, line: str, code: str) -> None:
    path = copy / file
    if how == "new":
        assert not path.exists(), f"{file} is there already"
        path.write_text(code, encoding="utf-8")
        return
    text = path.read_text(encoding="utf-8")
    if how == "end":
        path.write_text(f"{text}\n\n{code}", encoding="utf-8")
        return
    rows = text.splitlines(keepends=True)
    found = [i for i, row in enumerate(rows) if row.strip() == line]
    assert found, f"{file} has no line {line!r}"
    if how == "instead":
        rows[found[0]] = code
    else:
        rows.insert(found[0] + (how == "after"), code)
    path.write_text("".join(rows), encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory) -> Path:
    """The project with every block of every page in its place."""
    folder = tmp_path_factory.mktemp("copy")
    left_out = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "fpp_analysis", folder / "fpp_analysis", ignore=left_out)
    shutil.copytree(ROOT / "data", folder / "data")
    (folder / "tests").mkdir()
    for name in ("tests/books.py", "pyproject.toml"):
        shutil.copyfile(ROOT / name, folder / name)
    for page in PAGES:
        for block in blocks(page):
            put(folder, *block)
    return folder


def run(copy: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=copy, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_check_of_every_page_passes_in_the_copy_and_fails_without_it(copy):
    tests = [file for page in PAGES for how, file, *_ in blocks(page) if file.startswith("tests/")]
    assert len(tests) == len(PAGES)
    printed = run(copy, "pytest", "-p", "no:cacheprovider", *tests)
    assert "passed" in printed or "[100%]" in printed
    assert not any((ROOT / file).exists() for file in tests)


def test_what_is_added_is_a_command_a_card_and_a_column_of_the_dictionary(copy):
    dates = ("--as-of", "2009-11-30")
    table = run(copy, "fpp_analysis.cli", "table", "cancellable-share", *dates, "--by", "region")
    assert table.splitlines()[0].split() == ["as_of", "region", "cancellable_share"]
    figure = run(copy, "fpp_analysis.cli", "table", "metrics", *dates, "--only", "cancellable_part")
    assert "The part of the backlog that customers may leave" in figure


def test_the_blocks_are_in_style(copy):
    """As ruff says of the copy and does not say of the project."""
    files = [file for page in PAGES for how, file, *_ in blocks(page) if how == "new"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E4,E9,F,I",
         *files],
        cwd=copy, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    run(copy, "ruff", "check", "--fix", "--select", "I,RUF022", "fpp_analysis")  # `make format`
    run(copy, "ruff", "check", "--select", "E4,E9,F,I,RUF022", "fpp_analysis")
