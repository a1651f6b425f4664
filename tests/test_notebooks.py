"""The notebooks: thin, without outputs, alike in anatomy; one is run for real on a small book."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from fpp_analysis.report.parameters import FACTS, Parameters, check_declared
from tests import books

FOLDER = Path(__file__).parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
CELLS, LINES, LENGTH = 12, 15, 100
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.With,
    ast.Try, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Global,
)  # fmt: skip
MIME = "application/vnd.fpp_analysis+json"

FACT_SHEET = FOLDER / "outside-fact-sheet.ipynb"

each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
of_a_book = pytest.mark.parametrize(
    "path", [one for one in NOTEBOOKS if one != FACT_SHEET], ids=lambda path: path.stem
)


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def code_of(path):
    return [cell for cell in read(path)["cells"] if cell["cell_type"] == "code"]


def source(cell):
    return "".join(cell["source"])


def test_the_pack_is_there():
    names = {path.stem for path in NOTEBOOKS}
    assert {
        "00-quarterly-summary",
        "05-explore",
        "10-backlog-growth",
        "20-coverage-rate",
        "30-cash-flow",
        "40-contract-book",
        "42-contracts",
        "50-fleet",
        "60-public-record",
        "90-method-and-data",
        "tutorial",
    } <= names


@each
def test_it_is_committed_without_outputs(path):
    notebook = read(path)
    for cell in code_of(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    ids = [cell["id"] for cell in notebook["cells"]]
    assert len(ids) == len(set(ids))
    assert path.read_text(encoding="utf-8").endswith("}\n")


@each
def test_it_only_asks_and_shows(path):
    cells = code_of(path)
    assert len(cells) <= CELLS
    for cell in cells:
        text = source(cell)
        assert len(text.splitlines()) <= LINES, text
        assert max(map(len, text.splitlines())) <= LENGTH, text
        tree = ast.parse(text)
        for node in ast.walk(tree):
            assert not isinstance(node, FORBIDDEN), ast.unparse(node)
            if isinstance(node, ast.Name):
                assert node.id not in ("plt", "print", "open", "eval", "exec"), text
            if isinstance(node, ast.Import | ast.ImportFrom):
                assert all(
                    "fpp_analysis" in (getattr(node, "module", "") or a.name) for a in node.names
                )
        assert not re.search(r"[\"'](?:/|~|\.\.?/|[A-Z]:\\)", text), "a path in a notebook"


def test_the_fact_sheet_is_given_its_facts_and_knows_no_book():
    text = "\n".join(source(cell) for cell in code_of(FACT_SHEET))
    assert 'facts: str = "sample"' in text
    assert not re.search(
        r"\bbook\b|load_book|fpp_analysis\.context", text.replace("shipped, synthetic book", "")
    )
    (cell,) = [c for c in code_of(FACT_SHEET) if "parameters" in c["metadata"].get("tags", [])]
    check_declared(source(cell), FACT_SHEET.name, (FACTS,))


@of_a_book
def test_its_parameters_are_those_that_are_declared(path):
    (cell,) = [c for c in code_of(path) if "parameters" in c["metadata"].get("tags", [])]
    check_declared(source(cell), path.name)
    declared = {field.name: field.default for field in fields(Parameters)}
    found = {}
    for statement in ast.parse(source(cell)).body:
        assert isinstance(statement, ast.AnnAssign)
        assert ast.unparse(statement.annotation) == "str"
        found[statement.target.id] = ast.literal_eval(statement.value)
    assert found == declared
    assert all("  # " in line for line in source(cell).splitlines()), "a parameter without a word"


@each
def test_it_begins_with_its_question_and_ends_with_its_end(path):
    cells = read(path)["cells"]
    first = source(cells[0])
    assert cells[0]["cell_type"] == "markdown"
    assert first.startswith("# ")
    assert first.count("\n# ") == 0
    assert len(first.splitlines()) >= 3, "a title and what the page is for"
    assert "parameters" in cells[1]["metadata"]["tags"]
    last = ast.parse(source(cells[-1])).body
    assert ast.unparse(last[-1]).startswith("display.Finished(")
    titles = [source(c) for c in cells[1:] if c["cell_type"] == "markdown"]
    assert not any(re.search(r"^# ", text, re.MULTILINE) for text in titles)


@each
def test_its_fixed_text_holds_no_figure_of_the_book(path):
    for cell in read(path)["cells"]:
        if cell["cell_type"] == "markdown":
            text = re.sub(r"`[^`]*`|10-[KQ]|1 December 2009|200 kW|12 months", "", source(cell))
            assert not re.search(
                r"\d[\d,.]*\s*(%|million|thousand|machines|contracts)|\$\s*\d", text
            )


@each
def test_identities_are_checked_before_anything_is_drawn(path):
    texts = [source(cell) for cell in code_of(path)]
    drawn = [i for i, text in enumerate(texts) if "display.Figure(" in text]
    if not drawn:
        return
    tags = [cell["metadata"].get("tags", []) for cell in code_of(path)]
    held = [i for i, text in enumerate(texts) if "held = [" in text]
    assert held, "figures without a check"
    assert held[0] < drawn[0]
    assert path.stem == "tutorial" or "checks" in tags[held[0]]
    assert "*held" in texts[-1]


def test_ids_are_unique_over_the_pack():
    found = {}
    for path in NOTEBOOKS:
        for cell in code_of(path):
            for name in re.findall(r"\bid=\"([^\"]+)\"", source(cell)):
                assert name not in found, f"{name} is in {found.get(name)} and {path.stem}"
                found[name] = path.stem


def run(path, folder, book, **parameters):
    """The outputs of a notebook run in the order of its cells by an IPython of its own."""
    nbclient = pytest.importorskip("nbclient")
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.read(path, as_version=4)
    cell = next(c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    given = {"book": str(book), "as_of": "2009-11-30", **parameters}
    cell.source += "".join(f"\n{name} = {value!r}" for name, value in given.items())
    client = nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3")
    client.execute(cwd=str(folder))
    return [
        output["data"][MIME]
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if MIME in output.get("data", {})
    ]


def test_the_summary_of_a_small_book_runs_to_its_end(tmp_path):
    small = books.write(
        tmp_path / "book",
        contracts=[{}, {"contract_id": "K-2", "region": "Asia", "signed_on": "2009-08-01"}],
        fleet=[{"commissioned_on": "2009-01-20"}],
        contract_units=[{"contract_id": "K-1", "serial_number": "S-1"}],
    )
    payloads = run(FOLDER / "00-quarterly-summary.ipynb", tmp_path, small, compare_to="2009-05-31")
    assert payloads[-1]["kind"] == "end"
    assert payloads[-1]["checks"]
    kinds = [payload["kind"] for payload in payloads]
    assert kinds.count("figure") == 3
    assert "key_figures" in kinds
    words = " ".join(
        run if isinstance(run, str) else run["shown"]
        for payload in payloads
        for paragraph in payload.get("paragraphs", [])
        for run in paragraph
    )
    said = [p for p in payloads if p["kind"] == "prose"]
    for text in (r for p in said for paragraph in p["paragraphs"] for r in paragraph):
        if isinstance(text, str):  # what is not a number with evidence holds dates and names
            bare = re.sub(r"\d+ [A-Z][a-z]+ \d{4}|12 months|^ ?K-1 \(", "", text)
            assert not re.search(r"\d", bare), text
    assert "K-1 (Alder) took most off the backlog" in words, "the largest contract behind it"
    # 1,200.00 over the 365 days from 1 February 2009: K-1 is known on 31 May (245 days to come,
    # 805.48); both are on 30 November (62 days to come, 203.84 each)
    assert "Backlog fell   49%  to  $407.68  on 30 November 2009 , from  $805.48" in words
    bare = [{k: v for k, v in one.items() if k not in ("png", "svg")} for one in payloads]
    assert not re.search(r"\bnan\b", json.dumps(bare), re.IGNORECASE)


def test_before_the_first_contract_the_summary_is_true_and_empty(tmp_path):
    small = books.write(tmp_path / "book", contracts=[{}], fleet=[{}])
    payloads = run(FOLDER / "00-quarterly-summary.ipynb", tmp_path, small, as_of="2008-06-30")
    assert payloads[-1]["kind"] == "end"
    assert not any(payload["kind"] == "figure" for payload in payloads)
    words = json.dumps(payloads)
    assert "No contract was signed by 30 June 2008" in words
    (key,) = [payload for payload in payloads if payload["kind"] == "key_figures"]
    stand = {item["label"]: item["value"] for item in key["items"]}
    assert stand.pop("Machines not commissioned") == 1.0  # the machine of the fleet, not yet run
    assert set(stand.values()) <= {0.0, None}
