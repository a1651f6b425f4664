"""A process that has imported everything and read the book once, and forks a kernel a notebook.

`python -P -m fpp_analysis.report.forking FD` serves one socket, a JSON object a line:
`{"at": folder}` says where its temporary files go;
`{"load": folder, "modules": […], "view": {…}}` imports, reads a book's snapshot and cuts it;
`{"fork": name, …}` forks a kernel (or, with `"work": files`, what works for `limited.run`) and
is answered with its process id, `{"ended": name, "code": n}` says how one ended. What works is
handed a socket of its own, on which the same is to be had: the pack of a part has its kernels
from here too. The command begins it before it imports the rest itself (`ahead`). It runs in a
kernel's environment, so no credential is in it, and on one thread, so that a fork is safe. Where
a caller goes away, however that happens, its kernels are ended; with the first caller all of
them, and the process itself.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import string
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fpp_analysis import limited
from fpp_analysis.errors import FppError
from fpp_analysis.listed import listed

_LISTS = listed("report", "forking.toml")
_FIXED: dict[str, str] = _LISTS["fixed"]
_SET: dict[str, dict[str, Any]] = _LISTS["set"]
ARGUMENTS: tuple[str, ...] = (
    *_LISTS["arguments"],
    *(f"--{of}.{name}={value}" for of, set_so in _SET.items() for name, value in set_so.items()),
)
"""Of the interpreter, for a kernel in a process of its own."""
STREAMS: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}

Begun = tuple[subprocess.Popen[bytes], socket.socket]
_ahead: list[Begun] = []
_SMALL = 1 << 20  # bytes of a snapshot, of which Python handles the text sooner than Arrow
_PICTURES = 24  # that a notebook draws at most, or nearly


def environment(folder: Path | str = "") -> dict[str, str]:
    """The environment of a kernel, or what it comes from, with its temporary files in `folder`."""
    passed = {name: value for name, value in os.environ.items() if name in _LISTS["passed_on"]}
    private = dict.fromkeys(_LISTS["private"], str(folder)) if folder else {}
    return {**passed, **_FIXED, **private}


def begun() -> Begun:
    """The process that kernels are forked from, begun if it is not, and the way to talk to it.

    Raises `OSError` where the system cannot fork, or has no process to give.
    """
    if _ahead:
        return _ahead.pop()
    if not hasattr(os, "fork") or sys.platform == "darwin":  # its frameworks do not survive one
        raise OSError("processes are not forked here")
    ours, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "fpp_analysis.report.forking", str(theirs.fileno())],
            pass_fds=[theirs.fileno()],
            env=environment(),
            cwd=os.sep,
            start_new_session=True,
            stderr=subprocess.DEVNULL,
            **STREAMS,
        )
    return process, ours


@contextlib.contextmanager
def ahead() -> Iterator[None]:
    """Begin that process now: it imports while the run itself does, and is ended if not needed."""
    with contextlib.suppress(OSError):
        _ahead.append(begun())
    try:
        yield
    finally:
        for process, ours in _ahead:
            process.kill()
            process.wait()
            ours.close()
        _ahead.clear()


def serve(caller: socket.socket) -> None:
    """Answer until the caller hangs up; then end everything that is left."""
    asleep, wake = os.pipe()
    for end in (asleep, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    kernels: dict[int, tuple[socket.socket, str]] = {}
    heard = {caller: b""}
    while caller in heard:
        watched: list[Any] = [*heard, asleep]
        ready, _, _ = select.select(watched, [], [])
        if asleep in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(asleep, 4096)
            _bury(kernels)
        for one in [one for one in heard if one in ready]:
            data = b""
            with contextlib.suppress(OSError):
                data = one.recv(65536)
            if not data:
                _end([pid for pid, (whose, _) in kernels.items() if one in (whose, caller)])
                del heard[one]
                one.close()
                continue
            *lines, heard[one] = (heard[one] + data).split(b"\n")
            for asked in map(json.loads, lines):
                if "fork" not in asked:
                    _prepare(**asked)
                    continue
                pid = 0  # where no process is to be had, the caller starts one or fails
                with contextlib.suppress(OSError):
                    pid, below = _fork(asked, (*(s.fileno() for s in heard), asleep, wake))
                    kernels[pid] = one, asked["fork"]
                    heard[below] = b""
                _say(one, forked=asked["fork"], pid=pid)


def _import(names: Sequence[str]) -> None:
    """Import modules, and call a function of one where it is named, as `module:function`."""
    for name in names:
        module, _, function = name.partition(":")
        made = importlib.import_module(module)
        if function:
            getattr(made, function)()


@cache
def import_all() -> None:
    """Import what a notebook will, and make what a first figure makes."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # nobody debugs what is forked here
    _import(_LISTS["imported"])
    del sys.modules["debugpy"]
    import pandas as pd

    from fpp_analysis import charts
    from fpp_analysis.charts import labels
    from fpp_analysis.display import drawing
    from fpp_analysis.report import pdf

    pdf.faces()
    frame, letters = pd.DataFrame({"by": ["a", "b"], "backlog": [2, 1]}), string.printable.strip()
    svg, _ = drawing.on_page(charts.composition, frame, width=3, height=2, options={"by": "by"})
    drawing.make_spare(_PICTURES)
    drawing.on_slide(svg, (3, 2), words=drawing.Words(letters, letters, letters))
    for letter in letters:  # of which each PDF takes the widths of its tables' columns
        for weight in ("normal", "bold"):
            labels.outlined(letter, pdf.SMALL, weight)


def _end(pids: list[int]) -> None:
    for pid in pids:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def _prepare(
    at: str = "", load: str = "", modules: Sequence[str] = (), view: Mapping[str, str] = {}
) -> None:
    """Keep temporary files in a folder; import modules; hold a book, and what is seen of it.

    What cannot be read is left to the kernels, who say so.
    """
    if at:
        os.environ.update(environment(at))
        tempfile.tempdir = None
        os.chdir(at)
        import_all()
    import pandas as pd

    from fpp_analysis import context, loading

    _import(modules)
    gc.freeze()  # kernels share these pages as long as nobody counts their references
    gc.enable()
    if load:
        size = sum(file.stat().st_size for file in Path(load).iterdir())
        pd.set_option("mode.string_storage", "python" if size < _SMALL else "pyarrow")
        with contextlib.suppress(FppError, OSError):
            loading.hold(load)
            if view:
                context.prepare(load, **view)
        gc.collect()
        limited.give_back()
        gc.freeze()


def _fork(asked: dict[str, Any], own: tuple[int, ...]) -> tuple[int, socket.socket]:
    """Fork a kernel; returns its process id once it leads a group of its own, and its socket."""
    leads, led = os.pipe()
    below, above = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            for end in (leads, led, below.detach(), *own):
                os.close(end)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _work(asked["work"], above) if "work" in asked else _become(asked, above)
        finally:
            os._exit(1)  # the kernel has ended, or could not begin: its stderr says why
    os.close(led)
    above.close()
    os.read(leads, 1)  # nothing comes: the end of it is the word
    os.close(leads)
    return pid, below


def _work(files: list[str], above: socket.socket) -> None:
    """Do what stands in the caller's one open file, and write what came of it to the other."""
    os.environ[limited.ABOVE] = str(above.detach())
    limited.serve(*(os.open(path, os.O_RDWR) for path in files))
    os._exit(0)


def _become(asked: dict[str, Any], above: socket.socket) -> None:
    """Turn this process into the kernel that was asked for, which forks nothing."""
    above.close()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    said = os.open(asked["stderr"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(said, 2)
    os.close(said)
    os.environ.clear()
    os.environ.update(asked["env"])
    tempfile.tempdir = None
    os.chdir(asked["cwd"])
    if asked["memory"]:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
    from ipykernel import ipkernel
    from ipykernel.kernelapp import IPKernelApp
    from traitlets.config import Config

    # it would look at each module there is for a debugger, and copy the memory that they lie in
    ipkernel.sys = SimpleNamespace(**{**vars(sys), "modules": {}})  # type: ignore[assignment, attr-defined]
    app: Any = IPKernelApp.instance(
        connection_file=asked["connection"],
        parent_handle=os.getppid(),  # it ends where this process is gone
        config=Config(_SET),
    )
    app.parse_command_line = lambda _: None  # to look for options takes longer than what they set
    app.initialize()
    app.start()


def _bury(kernels: dict[int, tuple[socket.socket, str]]) -> None:
    while kernels:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        caller, name = kernels.pop(pid)
        _say(caller, ended=name, code=os.waitstatus_to_exitcode(status))


def _say(caller: socket.socket, **what: Any) -> None:
    with contextlib.suppress(OSError):
        caller.sendall(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's interrupt is for the caller
    gc.disable()  # while it imports: nothing of that is ever let go
    gc.set_threshold(50_000)  # kernels live for seconds: looking for cycles took a tenth of it
    with socket.socket(fileno=int(sys.argv[1])) as there:
        # matplotlib keeps its list of fonts at home, else in the folder that there is not yet
        if os.access(os.environ.get("HOME", os.devnull), os.W_OK | os.X_OK):
            import_all()
        serve(there)
    os._exit(0)  # what is left ends with the process
