"""What can stop a notebook: each failure has its exit code and place, and leaves nothing."""

from __future__ import annotations

import itertools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

from fpp_analysis.errors import FppError
from fpp_analysis.report import running, session, stopping
from fpp_analysis.report.asked import Limits
from fpp_analysis.report.payloads import payloads_of
from fpp_analysis.report.running import Means, Notebook
from tests.small_notebooks import write_notebook

FPP = Path(sys.executable).with_name("fpp")
HANG = "import time\nfor _ in range(600): time.sleep(0.1)"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A short folder: sockets have short names."""
    short = Path(tempfile.mkdtemp(prefix="t-"))
    yield short
    shutil.rmtree(short, ignore_errors=True)


def processes_under(folder: Path) -> dict[int, Path]:
    """The processes that work in a folder or below it: kernels, and what they are forked from."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            works = Path(str((path / "cwd").readlink()).removesuffix(" (deleted)"))
        except OSError:
            continue
        if works.is_relative_to(folder):
            found[int(path.name)] = works
    return found


def kernels_under(folder: Path) -> list[int]:
    """The kernels of a run whose private folder lies in a folder."""
    return [pid for pid, works in processes_under(folder).items() if works.suffix == ".work"]


def run(folder: Path, *notebooks: Path, limits: Limits | None = None, jobs: int = 1) -> Any:
    done: dict[str, Any] = {}
    running.run(
        [Notebook.read(path) for path in notebooks],
        {"as_of": "2010-03-31"},
        Means(folder, limits or Limits(), jobs),
        done=lambda notebook, nb: done.update({notebook.name: nb}),
    )
    return done


def test_a_notebook_runs_with_its_parameters_by_the_calling_interpreter(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_MINE", "hunter22")
    probe = """\
import os, sys, tempfile
show(kind="prose", id="probe", paragraphs=[[as_of, sys.executable, tempfile.gettempdir(),
     os.getcwd(), os.environ.get("SECRET_OF_MINE", "none"), os.environ["TZ"]]])"""
    path = write_notebook(folder / "10-ok.ipynb", probe)
    nb = nbformat.read(path, as_version=4)
    nb.metadata.kernelspec.name = "a-kernel-that-is-nowhere"
    path.write_text(nbformat.writes(nb), encoding="utf-8")
    work = folder / "w"
    work.mkdir()
    done = run(work, path)["10-ok"]
    said = next(p for cell in done.cells for p in payloads_of(cell) if p["id"] == "probe")
    as_of, program, temporary, place, secret, zone = said["paragraphs"][0]
    assert (as_of, program, secret, zone) == ("2010-03-31", sys.executable, "none", "UTC")
    assert temporary.startswith(str(work))
    assert place.startswith(str(work))
    assert not kernels_under(work)
    assert sorted(p.name for p in work.iterdir()) == ["10-ok.stderr", "10-ok.work"]


@pytest.mark.parametrize(
    ("cell", "code", "said"),
    [
        ("1 / 0", 73, "code cell 3 of 4, under 'Part': ZeroDivisionError: division by zero"),
        ("import sys; sys.exit(0)", 73, r"the cell called sys.exit\(0\)"),
        ("import os; os._exit(0)", 73, "ended by itself with exit code 0"),
        ("import os; os.kill(os.getpid(), 9)", 73, r"was killed \(signal 9\)"),
        ("x = bytearray(10**12)", 73, "MemoryError"),
        (HANG, 124, "took longer than its limit of 1 s .*--cell-limit"),
        (
            "from fpp_analysis.errors import ReconciliationError\n"
            "raise ReconciliationError('opening + movements: 0.01 apart')",
            70,
            "0.01 apart",
        ),
        (
            "from fpp_analysis.errors import DataError\nraise DataError('no rate for EUR')",
            65,
            "no rate for EUR",
        ),
    ],
)
def test_a_failing_cell_is_named_with_its_exit_code(
    folder: Path, cell: str, code: int, said: str
) -> None:
    path = write_notebook(folder / "10-bad.ipynb", "## Part", cell)
    work = folder / "w"
    work.mkdir()
    began = time.monotonic()
    with pytest.raises(FppError, match=said) as failed:
        run(work, path, limits=Limits(cell=1 if cell == HANG else 60))
    assert time.monotonic() - began < 12
    assert failed.value.exit_code == code
    assert re.match(r"10-bad: code cell 3 of 4, under 'Part': ", str(failed.value))
    assert "\x1b" not in str(failed.value)
    assert "Traceback" not in str(failed.value)
    assert not kernels_under(work)


def test_a_notebook_without_its_last_word_has_not_succeeded(folder: Path) -> None:
    path = write_notebook(folder / "10-short.ipynb", "x = 1", end=None)
    with pytest.raises(FppError, match=r"10-short: .*display\.Finished") as failed:
        run(folder, path)
    assert failed.value.exit_code == 73


def test_the_first_failure_ends_the_others(folder: Path) -> None:
    paths = [
        write_notebook(folder / "10-hang.ipynb", HANG),
        write_notebook(folder / "20-bad.ipynb", "1 / 0"),
        write_notebook(folder / "30-never.ipynb", HANG),
    ]
    began = time.monotonic()
    with pytest.raises(FppError, match=r"20-bad: .*ZeroDivisionError"):
        run(folder, *paths, jobs=2)
    assert time.monotonic() - began < 20
    assert not kernels_under(folder)
    assert not (folder / "30-never.work").exists()


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(notebook=2), "10-hang: code cell 3 of 4.*its limit of 2 s .*--notebook-limit"),
        (Limits(pack=2), "pack took longer than its limit of 2 s; it was at 10-hang"),
    ],
)
def test_notebook_and_pack_have_limits_of_their_own(
    folder: Path, limits: Limits, said: str
) -> None:
    path = write_notebook(folder / "10-hang.ipynb", HANG)
    with pytest.raises(FppError, match=said) as failed:
        run(folder, path, limits=limits)
    assert failed.value.exit_code == 124
    assert not kernels_under(folder)


class Report:
    """An `fpp report` of one hanging notebook, and what it may not leave."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "reports"
        (folder / "tmp").mkdir()
        write_notebook(folder / "10-hang.ipynb", HANG)
        self.environment = {**os.environ, "TMPDIR": str(folder / "tmp")}

    def start(self, **how: Any) -> subprocess.Popen[str]:
        command = [
            FPP, "report", "--as-of", "2009-11-30", "--out", self.out, "--notebooks", self.folder,
            "--notebook", "10-hang",
        ]  # fmt: skip
        return subprocess.Popen(
            command,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True,
               "env": self.environment, **how},
        )  # fmt: skip

    def wait_for_the_kernel(self) -> None:
        end = time.monotonic() + 30
        while not kernels_under(self.folder / "tmp") and time.monotonic() < end:
            time.sleep(0.05)
        assert kernels_under(self.folder / "tmp")
        time.sleep(0.5)

    def nothing_is_left(self) -> None:
        assert not processes_under(self.folder / "tmp")
        assert list((self.folder / "tmp").iterdir()) == []
        assert not self.out.exists() or list(self.out.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        (signal.SIGINT, 130, "interrupted"),
        (signal.SIGTERM, 143, "terminated"),
        (signal.SIGHUP, 129, "ended by a signal"),
    ],
)
def test_a_signal_ends_the_run_and_its_kernels(
    folder: Path, number: int, code: int, said: str
) -> None:
    report = Report(folder)
    process = report.start()
    report.wait_for_the_kernel()
    began = time.monotonic()
    process.send_signal(number)
    _, errors = process.communicate(timeout=15)
    assert time.monotonic() - began < 10
    assert process.returncode == code
    assert said in errors
    assert "Traceback" not in errors
    report.nothing_is_left()


class Deaf:
    """A signal meets it in its destructor, where Python swallows whatever is raised."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __del__(self) -> None:
        signal.raise_signal(self.number)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("at_pages", [False, True])
def test_a_signal_that_is_swallowed_is_heard_at_the_next_tick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, at_pages: bool
) -> None:
    before, gate = signal.getsignal(number), threading.Event()
    monkeypatch.setattr(running, "_executed", lambda *_: gate.wait(20))
    monkeypatch.setattr(running._Run, "stop", lambda _: gate.set())
    endless = Notebook("10-endless", tmp_path / "10-endless.ipynb", 1)

    def begun() -> None:
        with session._signals():
            Deaf(number)
            assert not gate.is_set(), "nothing was raised until here"
            if at_pages:
                pages = [("page", lambda: gate.wait(20))]
                stopping.several(1, pages, lambda *_: None, end=gate.set)
            running.run([endless], {}, Means(tmp_path, Limits()), done=lambda *_: None)

    with pytest.raises((KeyboardInterrupt, SystemExit)) as stopped:
        begun()
    assert isinstance(stopped.value, KeyboardInterrupt) == (number == signal.SIGINT)
    assert getattr(stopped.value, "code", 130) == 128 + number
    assert gate.is_set(), "what was under way was ended"
    assert signal.getsignal(number) == before
    stopping.heard()  # the next run begins unasked


def test_work_that_waits_for_nobody_is_a_fault() -> None:
    with pytest.raises(RuntimeError, match="never begun"):
        stopping.several(2, itertools.repeat(None), lambda *_: None, end=lambda: None)


def test_what_a_killed_run_left_is_cleared_by_the_next(folder: Path) -> None:
    report = Report(folder)
    process = report.start()
    report.wait_for_the_kernel()
    process.kill()
    process.wait()
    assert list((folder / "tmp").iterdir()), "the private folder outlives a killed run"
    end = time.monotonic() + 10
    while kernels_under(folder / "tmp") and time.monotonic() < end:
        time.sleep(0.1)  # a kernel notices that its parent is gone
    write_notebook(folder / "10-hang.ipynb", "x = 1")
    process = report.start()
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert list((folder / "tmp").iterdir()) == []
    assert sorted(p.name.partition(".pack-")[0] for p in report.out.iterdir()) == [
        ".sample-2009-11-30-only-10-hang",
        ".sample.book",
        "sample-2009-11-30-only-10-hang",
    ]


def test_a_closed_standard_output_publishes_nothing(folder: Path) -> None:
    report = Report(folder)
    write_notebook(folder / "10-hang.ipynb", "x = 1")
    read, write = os.pipe()
    os.close(read)
    process = report.start(stdout=write)
    os.close(write)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, "nothing was published" in errors) == (74, True)
    report.nothing_is_left()
    closed = subprocess.run(
        ["sh", "-c", '"$0" report --as-of 2009-11-30 --out "$1" >&-', FPP, report.out],
        capture_output=True, text=True, env=report.environment, check=False,
    )  # fmt: skip
    assert (closed.returncode, "standard output is closed" in closed.stderr) == (74, True)
    report.nothing_is_left()
