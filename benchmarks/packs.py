"""A pack against plain scripts that write the same files: what its care costs beyond the work.

The scripts hold the same cells, run as plain Python, as many at once as notebooks do, and write
what each page gives; a last one writes what is made of all pages. Neither kernels, snapshot, leak
scan, checks of success, manifest nor publishing are in them.
"""

from __future__ import annotations

import ast
import contextlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import psutil

from benchmarks.measure import Measurement
from fpp_analysis.report import pack
from fpp_analysis.report.parameters import Parameters
from fpp_analysis.report.publishing import MANIFEST
from fpp_analysis.report.shelf import entries

ORDER = [one.name for one in entries(pack.notebooks_folder()) if one.order is not None]

AS_OF, COMPARE_TO = "2009-11-30", "2009-05-31"
HEAD = """\
import nbformat as _nbformat
import fpp_analysis.display as _display
from fpp_analysis.report import payloads as _payloads
_nb = _nbformat.read({notebook!r}, as_version=4)
def _show(*shown):
    _at["outputs"] = [*_at["outputs"], *(
        {{"output_type": "display_data", "data": {{_payloads.MIME: one.payload}}}}
        for one in shown if hasattr(one, "payload"))]
_display.show = _show
"""
TAIL = """
import pickle as _pickle
from pathlib import Path as _Path
from fpp_analysis.report import rendering as _rendering
_page = _payloads.read_page(_nb, {name!r})
_Path({name!r} + ".page").write_bytes(_pickle.dumps(_page))
for _file, _data in (_rendering.of_page(_page, "a4") if _page.speaks else {{}}).items():
    _Path("out", _file).write_bytes(_data)
"""
LAST = f"""
import pickle
from pathlib import Path
import fpp_analysis as fpp
from fpp_analysis import loading
from fpp_analysis.report import rendering
pages = [pickle.loads(Path(f"{{name}}.page").read_bytes()) for name in {ORDER!r}]
pages = [page for page in pages if page.blocks]
asked = {{"book": "sample", "as_of": {AS_OF!r}, "compare_to": {COMPARE_TO!r}}}
loading._held["sample"] = fpp.load_book("sample")
pictures = {{f"charts/{{one.name}}": one.read_bytes() for one in Path("out/charts").glob("*.png")}}
made = rendering.on_paper(pages, "a4")
made |= rendering.as_slides(pages, pictures)
made |= rendering.rendered(pages)
made |= rendering.as_tables(pages, asked)
for file, data in made.items():
    Path("out", file).write_bytes(data)
"""


def script(notebook: Path) -> str:
    """A notebook's code cells as one plain script that writes what its page gives."""
    parameters = {**Parameters(as_of=AS_OF, compare_to=COMPARE_TO).as_dict(), "book": "sample"}
    body: list[ast.stmt] = []
    cells: Any = nbformat.read(notebook, as_version=4)  # type: ignore[no-untyped-call]
    for number, cell in enumerate(cells.cells):
        if cell.cell_type != "code":
            continue
        body += ast.parse(f"_at = _nb.cells[{number}]\n_at['execution_count'] = 1").body
        if "parameters" in cell.metadata.get("tags", []):
            body += ast.parse("\n".join(f"{k} = {v!r}" for k, v in parameters.items())).body
            continue
        statements = ast.parse(cell.source).body
        if statements and isinstance(statements[-1], ast.Expr):
            shown = ast.parse("_show(0)").body[0]
            shown.value.args = [statements[-1].value]  # type: ignore[attr-defined]
            statements[-1] = shown
        body += statements
    module = ast.fix_missing_locations(ast.Module(body, []))
    head, tail = HEAD.format(notebook=str(notebook)), TAIL.format(name=notebook.stem)
    return head + ast.unparse(module) + tail


def plain(folder: Path, jobs: int) -> None:
    """Run the scripts of the pack's notebooks, `jobs` at once, and the last one after them."""
    for name in ("charts", "tables"):
        (folder / "out" / name).mkdir(parents=True)

    def run(text: str) -> None:
        subprocess.run([sys.executable, "-W", "ignore", "-c", text], check=True, cwd=folder)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(run, [script(pack.notebooks_folder() / f"{name}.ipynb") for name in ORDER]))
    run(LAST)


def whole(folder: Path, jobs: int) -> None:
    """Run `fpp report` from start to the published pack."""
    command = [sys.executable, "-m", "fpp_analysis.cli", "report", "--as-of", AS_OF]
    command += ["--compare-to", COMPARE_TO, "--out", str(folder / "out"), "--jobs", str(jobs)]
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)


def measure() -> dict[str, float]:
    """Both measured in one run, one after the other: seconds, and those of all processes."""
    jobs = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        plain(folder / "warm", jobs)  # bytecode, font cache
        scripts, scripts_cpu = _timed(plain, folder / "plain", jobs)
        (folder / "pack").mkdir()
        seconds, cpu = _timed(whole, folder / "pack", jobs)
        (made,) = (folder / "pack" / "out").glob("sample-*")
        if differs := _files(made) ^ _files(folder / "plain" / "out"):
            sys.exit(f"not the same files: {sorted(differs)}")
    return {"notebooks": len(ORDER), "jobs": jobs, "scripts": scripts, "scripts_cpu": scripts_cpu,
            "seconds": seconds, "cpu": cpu}  # fmt: skip


def of_contracts(n: int, *notebooks: str) -> Measurement:
    """A pack of so many contracts and 1.8 machines each, or some of its pages, from start to end.

    Seconds of all processes, and the most that they held together: memory that several share
    is counted once (PSS).
    """
    with tempfile.TemporaryDirectory() as name:
        sample = ["sample", "--contracts", str(n), "--machines", str(n * 9 // 5), "--seed", "1"]
        _fpp(name, *sample, "--out", "book").wait()
        began, before = time.perf_counter(), _used()
        only = [word for one in notebooks for word in ("--notebook", one)]
        dates = ["--as-of", AS_OF, "--compare-to", COMPARE_TO]
        run = _fpp(name, "report", "--book", "book", *dates, *only)
        peak = 0.0
        while run.poll() is None:
            peak = max(peak, _held(run.pid))
            time.sleep(0.2)
        if run.returncode:
            sys.exit(f"fpp report of {n:,} contracts ended with code {run.returncode}")
        return Measurement(time.perf_counter() - began, _used() - before, peak, "")


def _fpp(folder: str, *words: str) -> subprocess.Popen[bytes]:
    line = [sys.executable, "-m", "fpp_analysis.cli", *words]
    return subprocess.Popen(line, cwd=folder, stdout=subprocess.DEVNULL)


def _held(pid: int) -> float:
    """What a process and all below it hold, in MB."""
    found = 0
    with contextlib.suppress(psutil.NoSuchProcess):
        for one in [(root := psutil.Process(pid)), *root.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                found += one.memory_full_info().pss
    return found / 2**20


def _used() -> float:
    return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])


def _timed(function: Callable[[Path, int], None], folder: Path, jobs: int) -> tuple[float, float]:
    began, before = time.perf_counter(), _used()
    function(folder, jobs)
    return time.perf_counter() - began, _used() - before


def _files(folder: Path) -> set[str]:
    found = [path for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST]
    return {str(path.relative_to(folder)) for path in found}
