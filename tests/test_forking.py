"""Kernels forked from a parent that has imported and read: like those that start by themselves."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from pathlib import Path

import pytest

import fpp_analysis as fpp
from fpp_analysis.errors import OutputError
from fpp_analysis.report import forking, kernel, running
from fpp_analysis.report.asked import Limits
from fpp_analysis.report.kernel import Parent
from fpp_analysis.report.running import Means, Notebook
from tests.small_notebooks import write_notebook
from tests.test_report_running import processes_under

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

LOOK = """\
import json, os, resource, signal, sys
print(json.dumps({
    "environment": sorted(os.environ.items()),
    "folder": os.getcwd(),
    "leads": os.getpgid(0) == os.getpid() == os.getsid(0),
    "interrupt": signal.getsignal(signal.SIGINT) is signal.default_int_handler,
    "memory": resource.getrlimit(resource.RLIMIT_AS),
    "input": sys.stdin.read() if sys.stdin is sys.__stdin__ else "",
    "hash": hash("seeded"),
    "open": [n for n in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{n}")
             and os.readlink(f"/proc/self/fd/{n}").startswith("/home")],
}, sort_keys=True))"""


def run(folder: Path, path: Path, parent: Parent | None, **limits: int) -> str:
    """What the one cell of a notebook printed."""
    done = {}
    folder.mkdir()
    running.run(
        [Notebook.read(path)],
        {"as_of": "2010-03-31"},
        Means(folder, Limits(**limits), parent=parent),
        done=lambda _, nb: done.update(nb=nb),
    )
    shown = [o for c in done["nb"].cells for o in c.get("outputs", []) if o.get("name") == "stdout"]
    return "".join(o["text"] for o in shown).replace(str(folder), "FOLDER")


@pytest.mark.parametrize("parents", ["forked", "cold"])
def test_a_forked_kernel_is_as_one_that_started_by_itself(
    tmp_path: Path, parents: str, request: pytest.FixtureRequest
) -> None:
    if parents == "cold":
        request.getfixturevalue("cold")
    path = write_notebook(tmp_path / "10-look.ipynb", LOOK)
    memory = 8_000_000_000
    (tmp_path / "private").mkdir()
    with Parent.start(tmp_path / "private") as parent:
        assert parent
        forked = run(tmp_path / "forked", path, parent, memory=memory)
    by_itself = run(tmp_path / "by-itself", path, None, memory=memory)

    def plain(text: str) -> str:  # the parent's number differs with every start
        return "\n".join(line for line in text.split('"], ["') if "JPY_PARENT_PID" not in line)

    assert plain(forked) == plain(by_itself)
    assert str(memory) in forked


def test_the_book_is_read_and_cut_once_and_is_the_same(tmp_path: Path) -> None:
    fpp.load_book("sample").save_snapshot(folder := tmp_path / "book")
    path = write_notebook(
        tmp_path / "10-book.ipynb",
        "import fpp_analysis as fpp\nfrom fpp_analysis import context, loading\n"
        f"seen = context.Context.of({str(folder)!r}, as_of=as_of, part='region=Europe')\n"
        "print(len(loading._held), seen.book in context._prepared.values(),\n"
        "      fpp.backlog(seen.book, as_of=as_of)['backlog'].item(), len(seen.book.fleet))",
    )
    (tmp_path / "private").mkdir()
    with Parent.start(tmp_path / "private") as parent:
        assert parent
        parent.load(folder, as_of="2010-03-31", as_known="", part="region=Europe")
        forked = run(tmp_path / "forked", path, parent)
    held, cut, *figures = forked.split()
    assert (held, cut) == ("1", "True")
    assert run(tmp_path / "by-itself", path, None).split() == ["0", "False", *figures]


@pytest.mark.parametrize("whom", ["parent", "kernel"])
def test_whoever_is_killed_the_run_ends_and_nothing_is_left(tmp_path: Path, whom: str) -> None:
    path = write_notebook(
        tmp_path / "10-hang.ipynb", "import time\nopen('begun', 'w').close()\ntime.sleep(600)"
    )
    private = tmp_path / "private"
    private.mkdir()

    def kill() -> None:
        end = time.monotonic() + 280
        while time.monotonic() < end:
            for pid, works in processes_under(tmp_path).items():
                if (works / "begun").exists():  # before that, a run has a kernel started alone
                    os.kill(pid if whom == "kernel" else parent.process.pid, signal.SIGKILL)
                    return
            time.sleep(0.01)

    with Parent.start(private) as parent:
        assert parent
        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(OutputError, match=r"10-hang: .*was killed \(signal 9\)"):
            run(tmp_path / "run", path, parent)
        killer.join()
    end = time.monotonic() + 10
    while processes_under(tmp_path) and time.monotonic() < end:
        time.sleep(0.05)
    assert not processes_under(tmp_path)


def test_what_is_begun_ahead_is_taken_once_and_ended_where_nobody_needs_it(tmp_path: Path) -> None:
    with forking.ahead():
        ((taken, _),) = forking._ahead
        with Parent.start(tmp_path) as first, Parent.start(tmp_path) as second:
            assert first
            assert second
            assert first.process is taken is not second.process
        assert taken.poll() == 0
    with forking.ahead():
        ((left, _),) = forking._ahead
    assert left.poll() == -signal.SIGKILL
    assert not forking._ahead


def test_where_a_system_cannot_fork_kernels_start_by_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("no more processes")

    path = write_notebook(tmp_path / "10-one.ipynb", "print(1 + 1)")
    monkeypatch.setattr(kernel.subprocess, "Popen", refused)
    with Parent.start(tmp_path) as parent:
        assert parent is None
    monkeypatch.undo()
    assert run(tmp_path / "run", path, parent) == "2\n"


def test_a_fork_that_is_refused_ends_no_other_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> int:
        raise BlockingIOError("no more processes")

    ours, theirs = socket.socketpair()
    before = signal.getsignal(signal.SIGCHLD)
    monkeypatch.setattr(os, "fork", refused)
    said: list[bytes] = []

    def ask() -> None:
        for name in ("one", "two"):
            ours.sendall(json.dumps({"fork": name}).encode() + b"\n")
            said.append(ours.recv(65536))
        ours.close()

    caller = threading.Thread(target=ask)
    caller.start()
    with theirs:
        forking.serve(theirs)
    caller.join()
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, before)
    assert list(map(json.loads, said)) == [{"forked": n, "pid": 0} for n in ("one", "two")]


def test_where_no_process_is_to_be_had_the_run_fails_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    path = write_notebook(tmp_path / "10-one.ipynb", "print(1 + 1)")
    monkeypatch.setattr("jupyter_client.launcher.Popen", refused)
    with pytest.raises(OutputError, match="10-one: before its first cell: BlockingIOError"):
        run(tmp_path / "run", path, None)
    assert not processes_under(tmp_path)
