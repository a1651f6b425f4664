"""Run notebooks with papermill, several at once; success is proved, not assumed.

A notebook has succeeded when every code cell has run, none has an error output and the last
one has shown the `end` payload. Whatever else happens has its exit code:

=========================================================  ====
a cell raises, calls `sys.exit`, ends or kills its kernel    73
a cell raises one of this package's errors              its own
an identity does not hold                                    70
cell, notebook or pack take longer than their limit         124
SIGINT, SIGTERM                                        130, 143
standard output is closed                                    74
=========================================================  ====

In each case all kernels are ended, nothing is published and nothing is left.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import nbformat
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from papermill.execute import remove_error_markers
from papermill.iorw import load_notebook_node
from papermill.parameterize import parameterize_notebook

from fpp_analysis import errors
from fpp_analysis.errors import FppError, OutputError, TimeLimitError, UsageError
from fpp_analysis.loading import PRIVATE as SNAPSHOT_AT
from fpp_analysis.report import parameters as declared
from fpp_analysis.report import stopping
from fpp_analysis.report.asked import Limits
from fpp_analysis.report.forking import STREAMS, environment
from fpp_analysis.report.kernel import Kernel, Parent
from fpp_analysis.report.payloads import payloads_of

_START_LIMIT = 60
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_QUIET = logging.getLogger(__name__)
_QUIET.addHandler(logging.NullHandler())
_QUIET.propagate = False


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook to run: its name (the file's stem), where it is, and its code cells."""

    name: str
    path: Path
    cells: int

    @classmethod
    def read(cls, path: Path, parameters: Sequence[str] = declared.NAMES) -> Notebook:
        """A notebook whose parameters cell is as declared. Raises before anything is started."""
        try:
            nb: Any = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
        except OSError as problem:
            raise errors.InputError(
                f"{path.name}: the notebook cannot be read: {problem.strerror}"
            ) from None
        except Exception as problem:  # noqa: BLE001 - whatever a file can hold
            raise errors.InputError(f"{path.name}: not a notebook: {problem}") from None
        cells = [c for c in nb.cells if "parameters" in c.metadata.get("tags", [])]
        if len(cells) != 1:
            raise UsageError(
                f"{path.stem}: {len(cells)} cells are tagged `parameters`, expected exactly one"
            )
        declared.check_declared(cells[0].source, path.stem, parameters)
        return cls(path.stem, path, sum(c.cell_type == "code" for c in nb.cells))


@dataclass(frozen=True, slots=True)
class Means:
    """With what notebooks are run.

    Attributes
    ----------
    folder : private to the run
    limits : how long a cell, a notebook and all of them may take, and how much memory
    jobs : notebooks at once
    parent : what kernels are forked from, where there is one
    tick : called after each code cell, from several threads
    """

    folder: Path
    limits: Limits
    jobs: int = 1
    parent: Parent | None = None
    tick: Callable[[], None] = lambda: None


@dataclass(slots=True, eq=False)
class _Run:
    """One notebook under way: what the watching thread needs to know of the working one."""

    notebook: Notebook
    parameters: Mapping[str, str]
    means: Means
    kernel: Kernel | None = None
    nb: Any = None
    cell: int = -1
    began: float | None = None
    stopped: bool = False

    def stop(self) -> None:
        self.stopped = True
        if self.kernel:
            self.kernel.kill()

    @property
    def place(self) -> str:
        """The notebook and the code cell it is at, as the reader counts them."""
        if self.nb is None or self.cell < 0:
            return f"{self.notebook.name}: before its first cell"
        return _place(self.notebook.name, self.nb, self.cell)


def run(
    notebooks: Sequence[Notebook],
    parameters: Mapping[str, str],
    means: Means,
    *,
    done: Callable[[Notebook, Any], None],
    beside: Iterable[Callable[[], None] | None] = (),
) -> None:
    """Run the notebooks, several at once, and hand each to `done` when it is executed.

    `done` is called in the calling thread as notebooks finish, in any order. `beside` are pieces
    of other work for when no notebook waits, None where there is none yet. Raises the first
    failure, with notebook and cell, after every kernel has been ended.
    """
    runs = [_Run(each, parameters, means) for each in notebooks]
    left = set(runs)
    work = chain(
        ((one, partial(_executed, one)) for one in runs),
        (piece and (None, piece) for piece in beside),
    )

    def finished(one: _Run | None, nb: Any) -> None:
        if one:
            left.remove(one)
            done(one.notebook, nb)

    def stop() -> None:
        for one in left:
            one.stop()
        if means.parent:
            means.parent.close()  # and with it what else was forked

    check = partial(_check_limits, left, means.limits, time.monotonic() + means.limits.pack)
    stopping.several(means.jobs, work, finished, end=stop, tick=check)


def _check_limits(left: Collection[_Run], limits: Limits, deadline: float) -> None:
    now = time.monotonic()
    runs = {one: one.began for one in left if one.began is not None}
    for one, began in runs.items():
        if now - began > limits.notebook:
            raise TimeLimitError(
                f"{one.place}: the notebook took longer than its limit of {limits.notebook} s "
                "(raise it with --notebook-limit)"
            )
    if now > deadline and runs:
        at = "; ".join(one.place for one in runs)
        raise TimeLimitError(
            f"the pack took longer than its limit of {limits.pack} s; it was at {at} "
            "(raise it with --pack-limit)"
        )


def _executed(one: _Run) -> Any:
    """The executed notebook, proved complete. Runs in a thread of its own."""
    one.began = time.monotonic()
    try:
        one.nb = remove_error_markers(load_notebook_node(str(one.notebook.path)))
        if one.parameters:
            one.nb = parameterize_notebook(
                one.nb, dict(one.parameters), kernel_name="python3", language="python"
            )
        _run_cells(one)
    except Exception as problem:
        raise _explained(one, problem) from problem
    check_complete(one.nb, one.notebook.name)
    return one.nb


def _run_cells(one: _Run) -> None:
    """Run the cells to the end or to an error, in a kernel of ours that ends with them."""
    name, means = one.notebook.name, one.means
    memory = means.limits.memory
    one.kernel = Kernel.make(means.folder, name, memory=memory, parent=means.parent)
    if one.stopped:
        raise RuntimeError("stopped before it was started")

    def at(cell_index: int, **_: Any) -> None:
        one.cell = cell_index

    cells = NotebookExecutionManager(one.nb, progress_bar=False, autosave_cell_every=0)
    cells.notebook_start()
    client = PapermillNotebookClient(
        cells,
        km=one.kernel,
        timeout=means.limits.cell,
        startup_timeout=_START_LIMIT,
        shutdown_kernel="immediate",
        on_cell_start=at,
        on_cell_executed=lambda **_: means.tick(),
        log=_QUIET,
    )
    work = means.folder / f"{name}.work"
    work.mkdir()
    env = environment(work) | {SNAPSHOT_AT: one.parameters.get("book", "")}
    with (means.folder / f"{name}.stderr").open("wb") as said:
        client.execute(cleanup_kc=True, env=env, cwd=str(work), stderr=said, **STREAMS)


def _explained(one: _Run, problem: Exception) -> FppError:
    """What stopped a notebook from outside its cells, as an error with its exit code."""
    kind = type(problem).__name__
    if kind == "CellTimeoutError":
        return TimeLimitError(
            f"{one.place}: took longer than its limit of {one.means.limits.cell} s "
            "(raise it with --cell-limit)"
        )
    if kind == "DeadKernelError" or "Kernel died" in str(problem):
        fate = one.kernel.fate if one.kernel else "its kernel died"
        return OutputError(f"{one.place}: {fate}")
    return OutputError(f"{one.place}: {kind}: {problem}")


def check_complete(nb: Any, name: str) -> None:
    """Hold an executed notebook against the definition of success.

    Raises the error that a cell ended with (one of this package's with its own exit code),
    or `OutputError` for a cell that has not run or a last cell that did not say `end`.
    """
    code = [i for i, c in enumerate(nb.cells) if c.cell_type == "code" and c.source.strip()]
    for i in code:
        for output in nb.cells[i].get("outputs", []):
            if output.output_type == "error":
                raise _cell_error(output, _place(name, nb, i))
    for i in code:
        if nb.cells[i].execution_count is None:
            raise OutputError(f"{_place(name, nb, i)}: did not run")
    last = payloads_of(nb.cells[code[-1]]) if code else []
    if not last or last[-1].get("kind") != "end":
        raise OutputError(
            f"{name}: its last code cell did not end with display.Finished(…), "
            "so nobody can say that the notebook ran to its end"
        )


def _cell_error(output: Any, place: str) -> FppError:
    """The error of a cell. What it says is shown on one line, without colours or traceback."""
    said = _ANSI.sub("", output.evalue).strip()
    if output.ename == "SystemExit":
        return OutputError(f"{place}: the cell called sys.exit({said})")
    known = getattr(errors, output.ename, None)
    if isinstance(known, type) and issubclass(known, FppError):
        return known(f"{place}: {said}")
    if output.ename == "MemoryError":
        said = said or "memory ran out"
    return OutputError(f"{place}: {output.ename}: {said}")


def _place(name: str, nb: Any, index: int) -> str:
    """Notebook, number of the code cell and the heading above it."""
    cells = [
        c for c in nb.cells
        if c.cell_type == "code" and "injected-parameters" not in c.metadata.get("tags", [])
    ]  # fmt: skip
    at = nb.cells[index]
    number = next((n for n, c in enumerate(cells, 1) if c is at), 1)
    heading = next(
        (
            line.lstrip("# ").strip()
            for c in reversed(nb.cells[:index])
            if c.cell_type == "markdown"
            for line in reversed(c.source.splitlines())
            if line.startswith("#")
        ),
        "",
    )
    under = f", under {heading!r}" if heading else ""
    return f"{name}: code cell {number} of {len(cells)}{under}"
