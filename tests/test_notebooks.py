"""Every notebook is thin: it asks one question, checks, shows, and holds no logic of its own."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from fpp_analysis.measures.cards import CARDS
from fpp_analysis.measures.columns import COLUMNS
from fpp_analysis.report.parameters import Parameters, check_declared

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_CELLS, MOST_LINES, MOST_ALTOGETHER = 12, 15, 130
NOT_HERE = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.ClassDef,
    ast.Lambda,
    ast.For,
    ast.While,
    ast.With,
    ast.Try,
    ast.If,
)

each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def cells(path: Path, kind: str = "code") -> list[dict]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def source(cell: dict) -> str:
    return "".join(cell["source"])


def tagged(path: Path, tag: str) -> list[int]:
    return [i for i, c in enumerate(cells(path)) if tag in c["metadata"].get("tags", ())]


def calls(code: str) -> list[str]:
    return [ast.unparse(n.func) for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call)]


def test_the_three_questions_have_their_notebooks():
    names = {path.stem for path in NOTEBOOKS}
    assert {"10-backlog-growth", "20-coverage-rate", "30-cash-flow"} <= names
    assert all(re.fullmatch(r"\d\d(-[a-z0-9]+)+", name) for name in names)


@each_notebook
def test_no_outputs_are_committed(path):
    for cell in cells(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert set(cell["metadata"]) <= {"tags"}


@each_notebook
def test_any_python_may_run_it(path):
    metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
    assert metadata["kernelspec"]["name"] == "python3"
    assert set(metadata) <= {"kernelspec", "language_info"}


@each_notebook
def test_it_begins_with_its_title_and_question(path):
    first = source(cells(path, "markdown")[0])
    assert re.match(r"# \S.+\n\n\S", first)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["cells"][0]["cell_type"] == "markdown"


@each_notebook
def test_its_parameters_are_the_declared_ones(path):
    assert tagged(path, "parameters") == [0], "one cell, the first of code"
    code = source(cells(path)[0])
    check_declared(code, path.stem)
    body = ast.parse(code).body
    assert all(isinstance(line, ast.AnnAssign) for line in body), "typed literals"
    assert {s.target.id: ast.unparse(s.annotation) for s in body} == {
        f.name: "str" for f in fields(Parameters)
    }
    assert {s.target.id: ast.literal_eval(s.value) for s in body} == Parameters().as_dict()
    assert all("#" in line for line in code.splitlines()), "each with its meaning"


@each_notebook
def test_it_is_short(path):
    lines = [len(source(cell).splitlines()) for cell in cells(path)]
    assert len(lines) <= MOST_CELLS
    assert max(lines) <= MOST_LINES
    assert sum(lines) <= MOST_ALTOGETHER


@each_notebook
def test_it_asks_and_shows_and_does_nothing_else(path):
    for cell in cells(path):
        tree = ast.parse(source(cell))
        found = [type(n).__name__ for n in ast.walk(tree) if isinstance(n, NOT_HERE)]
        assert not found, f"move it to the package: {found}"
        lines = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
        imported = [ast.unparse(line) for line in lines]
        assert all("fpp_analysis" in line for line in imported)
        assert not re.search(r"[\"'](?:/|\./|\.\./|[A-Z]:\\)", source(cell)), "no file paths"
        assert not {"print", "open", "exec", "eval"} & set(calls(source(cell)))
    assert [i for i, c in enumerate(cells(path)) if "import " in source(c)] == [1], "one setup cell"


@each_notebook
def test_identities_are_checked_before_a_figure_is_shown(path):
    """A notebook that draws none, such as that of methods, has nothing to check."""
    drawn = r"display\.(Figure|KeyFigures|Prose|Table)\("
    shows = [i for i, c in enumerate(cells(path)) if re.search(drawn, source(c))]
    if not re.search(r"display\.(Figure|KeyFigures)\(", "".join(map(source, cells(path)))):
        return
    checking = tagged(path, "checks")
    assert len(checking) == 1
    assert checking[0] < min(shows)
    code = source(cells(path)[checking[0]])
    assert re.search(r"^held = \[", code, re.MULTILINE), "what held goes to Finished"
    if re.search(
        r"fpp\.(backlog|rollforward|coverage|deferred_)", "".join(map(source, cells(path)))
    ):
        assert [name for name in calls(code) if name.startswith("checks.check_")]


@each_notebook
def test_it_ends_by_saying_that_it_ended(path):
    last = source(cells(path)[-1])
    assert last.strip().splitlines()[-1].startswith("display.Finished(")
    assert sum(source(c).count("display.Finished(") for c in cells(path)) == 1


@each_notebook
def test_fixed_text_holds_no_number_of_a_book(path):
    for cell in cells(path, "markdown"):
        text = re.sub(r"\bASC [\d-]+|\b33-\d+|\bC\d+\b|10-[KQ]", "", source(cell))
        assert not re.search(r"\d", text), "numbers come from the book"


@each_notebook
def test_every_figure_has_its_own_id_and_a_card(path):
    text = "\n".join(source(cell) for cell in cells(path))
    ids = re.findall(r"\bid=\"([^\"]+)\"", text)
    assert ids
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"\bmetric=\"([^\"]+)\"", text)) <= {*CARDS, *COLUMNS}


def test_ids_do_not_meet_in_a_pack():
    seen: dict[str, str] = {}
    for path in NOTEBOOKS:
        for name in re.findall(r"\bid=\"([^\"]+)\"", "\n".join(source(c) for c in cells(path))):
            assert seen.setdefault(name, path.stem) == path.stem, name
