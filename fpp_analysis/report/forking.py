"""A process that has imported everything and read the book once, and forks a kernel a notebook.

`python -P -m fpp_analysis.report.forking FD` serves one socket, a JSON object a line:
`{"load": folder}` reads a book's snapshot, `{"fork": name, …}` forks a kernel (or, with
`"work": files`, what works for `limited.run`) and is answered with its process id,
`{"ended": name, "code": n}` says how one ended. It runs in a kernel's environment, so no
credential is in it, and on one thread, so that a fork is safe. Where its caller goes away,
however that happens, it ends all kernels and itself.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import os
import select
import signal
import socket
import sys
import tempfile
from typing import Any

from fpp_analysis import limited, loading
from fpp_analysis.errors import FppError


def serve(caller: socket.socket) -> None:
    """Answer until the caller hangs up; then end every kernel that is left."""
    asleep, wake = os.pipe()
    for end in (asleep, wake):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    kernels: dict[int, str] = {}
    buffer = b""
    while True:
        ready, _, _ = select.select([caller.fileno(), asleep], [], [])
        if asleep in ready:
            with contextlib.suppress(BlockingIOError):
                os.read(asleep, 4096)
            _bury(caller, kernels)
        if caller.fileno() in ready:
            data = caller.recv(65536)
            if not data:
                break
            *lines, buffer = (buffer + data).split(b"\n")
            for asked in map(json.loads, lines):
                if "load" in asked:
                    _load(asked["load"])
                else:
                    pid = 0  # where no process is to be had, the caller starts one or fails
                    with contextlib.suppress(OSError):
                        pid = _fork(asked, (caller.fileno(), asleep, wake))
                        kernels[pid] = asked["fork"]
                    _say(caller, forked=asked["fork"], pid=pid)
    for pid in kernels:
        with contextlib.suppress(OSError):
            os.killpg(pid, signal.SIGKILL)


def import_all() -> None:
    """Import what a notebook will, and make what a first figure makes."""
    import ipykernel.debugger
    import ipykernel.ipkernel
    import ipykernel.kernelapp
    import ipykernel.zmqshell  # noqa: F401
    import typst  # noqa: F401
    from matplotlib.figure import Figure

    from fpp_analysis import (  # noqa: F401
        charts,
        claims,
        diff,
        disclosures,
        display,
        tables,
        wording,
    )
    from fpp_analysis.charts import style
    from fpp_analysis.report import front, html, pdf, rendering, slides, workbook  # noqa: F401

    with style.house():
        first = Figure(figsize=(3, 2))
        axes = first.subplots()
        axes.bar([0, 1], [1, 2])
        axes.set_title("x", weight="bold")
        first.savefig(io.StringIO(), format="svg")


def _load(folder: str) -> None:
    """Hold the book for the kernels; one that cannot be read is left to them, who say so."""
    with contextlib.suppress(FppError, OSError):
        loading.hold(folder)
    gc.collect()
    gc.freeze()  # the kernels share these pages as long as nobody counts their references
    gc.set_threshold(50_000)  # a kernel lives for seconds: looking for cycles costs a tenth of it


def _fork(asked: dict[str, Any], own: tuple[int, ...]) -> int:
    """Fork a kernel; returns its process id once it leads a group of its own."""
    leads, led = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setsid()
            for end in (leads, led, *own):
                os.close(end)
            _work(*asked["work"]) if "work" in asked else _become(asked)
        finally:
            os._exit(1)  # the kernel has ended, or could not begin: its stderr says why
    os.close(led)
    os.read(leads, 1)  # nothing comes: the end of it is the word
    os.close(leads)
    return pid


def _work(asked: str, answer: str) -> None:
    """Do what stands in the caller's one open file, and write what came of it to the other."""
    limited.serve(*(os.open(path, os.O_RDWR) for path in (asked, answer)))
    os._exit(0)


def _become(asked: dict[str, Any]) -> None:
    """Turn this process into the kernel that was asked for."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
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
    from ipykernel.kernelapp import IPKernelApp

    watch = f"--IPKernelApp.parent_handle={os.getppid()}"  # it ends where this process is gone
    IPKernelApp.launch_instance([*asked["arguments"], watch])


def _bury(caller: socket.socket, kernels: dict[int, str]) -> None:
    while kernels:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        _say(caller, ended=kernels.pop(pid), code=os.waitstatus_to_exitcode(status))


def _say(caller: socket.socket, **what: Any) -> None:
    with contextlib.suppress(OSError):
        caller.sendall(json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's interrupt is for the caller
    with socket.socket(fileno=int(sys.argv[1])) as there:
        import_all()
        serve(there)
