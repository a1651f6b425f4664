"""A pack against plain scripts: what running notebooks and publishing cost beyond the work.

The scripts hold the same cells, with the same imports, charts and HTML; they run as plain
Python, as many at once as notebooks do, and write one HTML file each. Neither PDF nor
workbook, snapshot, checks of success, manifest or publishing is in them.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat

from fpp_analysis.report import pack
from fpp_analysis.report.parameters import Parameters
from fpp_analysis.report.shelf import entries

ORDER = [one.name for one in entries(pack.notebooks_folder()) if one.order is not None]

AS_OF, COMPARE_TO = "2009-11-30", "2009-05-31"
HEAD = """\
import fpp_analysis.display as _display
_shown = []
_display.show = lambda *objects: _shown.extend(objects)
"""
TAIL = """
from pathlib import Path as _Path
from fpp_analysis.display import html as _html
_body = "".join(_html.fragment(one.payload) for one in _shown if hasattr(one, "payload"))
_Path({path!r}).write_text(f"<style>{{_html.style()}}</style>{{_body}}", encoding="utf-8")
"""


def script(notebook: Path, page: Path) -> str:
    """A notebook's code cells as one plain script that writes its page."""
    parameters = {**Parameters(as_of=AS_OF, compare_to=COMPARE_TO).as_dict(), "book": "sample"}
    body: list[ast.stmt] = []
    cells: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    for cell in cells.cells:
        if cell.cell_type != "code":
            continue
        if "parameters" in cell.metadata.get("tags", []):
            body += ast.parse("\n".join(f"{k} = {v!r}" for k, v in parameters.items())).body
            continue
        statements = ast.parse(cell.source).body
        if statements and isinstance(statements[-1], ast.Expr):
            shown = ast.parse("_shown.append(0)").body[0]
            shown.value.args = [statements[-1].value]  # type: ignore[attr-defined]
            statements[-1] = shown
        body += statements
    module = ast.fix_missing_locations(ast.Module(body, []))
    return HEAD + ast.unparse(module) + TAIL.format(path=str(page))


def plain(folder: Path, jobs: int) -> float:
    """Seconds that the scripts of the pack's notebooks take, `jobs` at once."""
    scripts = []
    for name in ORDER:
        path = folder / f"{name}.py"
        text = script(pack.notebooks_folder() / f"{name}.ipynb", folder / f"{name}.html")
        path.write_text(text, encoding="utf-8")
        scripts.append(path)
    began = time.perf_counter()
    with ThreadPoolExecutor(jobs) as pool:
        runs = pool.map(
            lambda path: subprocess.run([sys.executable, str(path)], check=True, cwd=folder),
            scripts,
        )
        list(runs)
    return time.perf_counter() - began


def whole(folder: Path, jobs: int) -> float:
    """Seconds that `fpp report` takes from start to the published pack."""
    command = [sys.executable, "-m", "fpp_analysis.cli", "report", "--as-of", AS_OF]
    command += ["--compare-to", COMPARE_TO, "--out", str(folder / "out"), "--jobs", str(jobs)]
    began = time.perf_counter()
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def measure() -> dict[str, float]:
    """Both measured in one run, one after the other."""
    jobs = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "warm").mkdir()
        plain(folder / "warm", jobs)  # bytecode, font cache
        scripts = plain(folder, jobs)
        return {
            "notebooks": len(ORDER), "jobs": jobs, "scripts": scripts,
            "seconds": whole(folder, jobs),
        }  # fmt: skip
